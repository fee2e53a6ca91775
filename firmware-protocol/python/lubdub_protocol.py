#!/usr/bin/env python3
"""The lubdub wire protocol, version 1, in one file: reader, writer, and a device at a pseudo-terminal.

Needs nothing but Python (>= 3.9). The protocol is described in ../README.md; ``test_lubdub_protocol.py`` runs the golden
packets of ../vectors through this file.

    import lubdub_protocol as lubdub

    wire = lubdub.encode({"type": "hello", "protocolCurrent": 1, "protocolMin": 1})
    reader = lubdub.Reader()
    for packet in reader.push(wire):          # in pieces of any size
        print(packet)

    python3 lubdub_protocol.py recording.wav  # be a stethoscope: prints the path of its pseudo-terminal

A packet is a dict with "type" and the fields that ../README.md names. What was no packet is
``{"corrupt": reason, "byteCount": n}``: counted, as it has to be, and never handed on as if it were one.
"""

import argparse
import binascii
import os
import select
import struct
import sys
import time
import unicodedata
import wave

PROTOCOL_CURRENT = 1
PROTOCOL_MIN = 1
MAX_FRAME_BYTES = 254
MAX_NAME_BYTES = 64
MAX_ERROR_TEXT_BYTES = 128
WAITS_FOR_CREDIT = 1

TYPES = {
    "hello": 0x01,
    "start": 0x02,
    "stop": 0x03,
    "credit": 0x04,
    "info": 0x81,
    "samples": 0x82,
    "status": 0x83,
    "stopped": 0x84,
    "error": 0x85,
}
NAMES = {number: name for name, number in TYPES.items()}
REASONS = ["end", "request", "battery", "fault"]
# Little-endian fields of fixed length, in order.
FIELDS = {
    "hello": [("protocolCurrent", "B"), ("protocolMin", "B")],
    "start": [],
    "stop": [],
    "credit": [("sampleLimit", "I")],
    "info": [
        ("protocolCurrent", "B"),
        ("protocolMin", "B"),
        ("sampleRateHz", "I"),
        ("bitsPerSample", "B"),
        ("fullScale", "I"),
        ("compatibleFlags", "I"),
        ("incompatibleFlags", "I"),
    ],
    "samples": [("sequence", "H"), ("firstSample", "I"), ("deviceMicros", "I"), ("bitsPerSample", "B")],
    "status": [("overrunSamples", "I"), ("clippedSamples", "I"), ("batteryPercent", "B"), ("contact", "B")],
    "stopped": [("reason", "B"), ("sampleIndex", "I")],
    "error": [("code", "H")],
}
# After them: a length byte and so many bytes of UTF-8 at most.
TEXTS = {
    "info": [("firmware", MAX_NAME_BYTES), ("serialNumber", MAX_NAME_BYTES)],
    "error": [("text", MAX_ERROR_TEXT_BYTES)],
}


def crc16(data):
    """CRC-16/XMODEM: 0x31C3 for b"123456789"."""
    return binascii.crc_hqx(data, 0)


def cobs_encode(data):
    """Bytes without a zero, one longer. ``data`` must hold no run of 254 bytes without a zero; a packet never does."""
    blocks = []
    for run in data.split(b"\0"):
        if len(run) > 253:
            raise ValueError(f"a run without a zero must have at most 253 bytes, got {len(run)}")
        blocks.append(bytes([len(run) + 1]) + run)
    return b"".join(blocks)


def cobs_decode(frame):
    """The bytes of a frame without its zero; ``None`` where it is not COBS."""
    decoded = bytearray()
    at = 0
    while at < len(frame):
        code = frame[at]
        if code == 0 or at + code > len(frame):
            return None
        decoded += frame[at + 1 : at + code]
        at += code
        if code < 0xFF and at < len(frame):
            decoded.append(0)
    return bytes(decoded)


def encode(packet):
    """The bytes of a packet on the wire, its zero included.

    Raises ValueError for one that the protocol cannot hold, naming the field.
    """
    kind = packet["type"]
    if kind == "unknown":
        body = bytes([packet["typeByte"]]) + bytes.fromhex(packet["payload"])
    else:
        body = bytes([TYPES[kind]])
        for name, code in FIELDS[kind]:
            try:
                body += struct.pack("<" + code, _to_number(name, packet[name]))
            except struct.error as cause:
                raise ValueError(f"{name} must fit into {struct.calcsize(code)} byte(s), got {packet[name]}") from cause
        for name, limit in TEXTS.get(kind, []):
            text = packet[name].encode()
            if len(text) > limit:
                raise ValueError(f"{name} must have at most {limit} bytes, got {len(text)}")
            body += bytes([len(text)]) + text
        if kind == "samples":
            body += _pack_samples(packet["samples"], packet["bitsPerSample"])
    if len(body) > 251:
        raise ValueError(f"a packet must have at most 250 bytes after its type, got {len(body) - 1}")
    return cobs_encode(body + struct.pack("<H", crc16(body))) + b"\0"


class Reader:
    """Makes packets of bytes that come in pieces of any size. State: of one line."""

    def __init__(self):
        self._frame = bytearray()
        self._overlong = False

    def push(self, data):
        """Yields what ``data`` completed, in order."""
        for byte in data:
            if byte != 0:
                if len(self._frame) == MAX_FRAME_BYTES:
                    self._overlong = True
                    yield self._corrupt("overlong", len(self._frame))
                self._frame.append(byte)
            elif self._overlong:
                self._overlong = False
                yield self._corrupt("overlong", len(self._frame) + 1)
            elif self._frame:
                frame = bytes(self._frame)
                self._frame.clear()
                yield decode(frame)

    def finish(self):
        """Yields what is left of a frame that was cut."""
        if self._frame:
            yield self._corrupt("truncated", len(self._frame))

    def _corrupt(self, reason, count):
        self._frame.clear()
        return {"corrupt": reason, "byteCount": count}


def decode(frame):
    """The packet of one frame, given without its zero; or what is wrong with it."""

    def corrupt(reason):
        return {"corrupt": reason, "byteCount": len(frame) + 1}

    packet = cobs_decode(frame)
    if packet is None:
        return corrupt("cobs")
    if len(packet) < 3:
        return corrupt("short")
    body, sent = packet[:-2], struct.unpack("<H", packet[-2:])[0]
    if crc16(body) != sent:
        return corrupt("crc")
    return _parse(body) or corrupt("malformed")


def _parse(body):
    """``None`` where the type is never used, the payload too short, or a field impossible."""
    number = body[0]
    if number in (0x00, 0x80):
        return None
    kind = NAMES.get(number)
    if kind is None:
        return {"type": "unknown", "typeByte": number, "payload": body[1:].hex()}
    packet, at = {"type": kind}, 1
    for name, code in FIELDS[kind]:
        size = struct.calcsize(code)
        if at + size > len(body):
            return None
        packet[name] = _from_number(name, struct.unpack_from("<" + code, body, at)[0])
        at += size
    for name, limit in TEXTS.get(kind, []):
        if at >= len(body) or body[at] > limit or at + 1 + body[at] > len(body):
            return None
        packet[name] = _printable(body[at + 1 : at + 1 + body[at]].decode(errors="replace"))
        at += 1 + body[at]
    if kind == "samples":
        packet["samples"] = _unpack_samples(body[at:], packet["bitsPerSample"])
        if not packet["samples"]:
            return None
    # What follows is of a newer version.
    return packet


def _pack_samples(samples, bits):
    if bits not in (16, 24):
        raise ValueError(f"bitsPerSample must be 16 or 24, got {bits}")
    if not samples:
        raise ValueError("samples must hold one or more, got none")
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    for sample in samples:
        if not low <= sample <= high:
            raise ValueError(f"samples must be in {low}..{high} for {bits} bits, got {sample}")
    return b"".join(sample.to_bytes(bits // 8, "little", signed=True) for sample in samples)


def _unpack_samples(data, bits):
    size = bits // 8
    if bits not in (16, 24) or len(data) % size != 0:
        return []
    return [int.from_bytes(data[at : at + size], "little", signed=True) for at in range(0, len(data), size)]


def _to_number(name, value):
    if name == "reason":
        return REASONS.index(value)
    if name in ("batteryPercent", "contact"):
        return 255 if value is None else int(value)
    return value


def _from_number(name, value):
    if name == "reason":
        return REASONS[min(value, 3)]
    if name == "batteryPercent":
        return value if value <= 100 else None
    if name == "contact":
        return {0: False, 1: True}.get(value)
    return value


def _printable(text):
    """What could steer a terminal is replaced."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


class Device:
    """The device's side of the conversation over a recording; knows neither port nor clock.

    ``receive`` takes what the host sent, ``due`` tells what to send by now. Samples are integers; a packet holds 20 ms of
    them, or as many as fit.
    """

    def __init__(self, samples, rate_hz, bits=16, serial="", firmware="lubdub_protocol.py", waits_for_credit=False):
        self._samples = samples
        self._rate_hz = rate_hz
        self._bits = bits
        self._packet_samples = max(1, min(rate_hz // 50, 119 if bits == 16 else 79))
        self._info = {
            "type": "info",
            "protocolCurrent": PROTOCOL_CURRENT,
            "protocolMin": PROTOCOL_MIN,
            "sampleRateHz": rate_hz,
            "bitsPerSample": bits,
            "fullScale": 2 ** (bits - 1),
            "compatibleFlags": WAITS_FOR_CREDIT if waits_for_credit else 0,
            "incompatibleFlags": 0,
            "firmware": firmware,
            "serialNumber": serial,
        }
        self._waits = waits_for_credit
        self._reader = Reader()
        self._state = "idle"
        self._next = 0
        self._sequence = 0
        self._began = 0.0
        self._status_due = 0.0
        self._limit = None
        self._last_stopped = {"type": "stopped", "reason": "request", "sampleIndex": 0}

    def power_up(self):
        """What a device sends when it has started; the zero first ends whatever noise came before."""
        return b"\0" + encode(self._info)

    def receive(self, data, now):
        """Returns the answer to ``data``. ``now`` is any clock in seconds."""
        return b"".join(self._answer(packet, now) for packet in self._reader.push(data) if "type" in packet)

    def _answer(self, packet, now):
        kind = packet["type"]
        if kind == "hello":
            newest = min(PROTOCOL_CURRENT, packet["protocolCurrent"])
            fits = newest >= max(PROTOCOL_MIN, packet["protocolMin"])
            if self._state == "streaming":
                return encode(self._info) + (b"" if fits else self._stop("request", "idle"))
            if fits and self._state == "idle":
                self._limit = None
            self._state = "ready" if fits else "idle"
            return encode(self._info)
        if kind == "start" and self._state == "ready":
            self._state, self._next, self._sequence = "streaming", 0, 0
            self._began, self._status_due = now, now + 1
        elif kind == "start" and self._state == "idle":
            return encode({"type": "error", "code": 2, "text": "START came before HELLO: send HELLO first"})
        elif kind == "stop":
            return self._stop("request") if self._state == "streaming" else encode(self._last_stopped)
        elif kind == "credit" and (self._limit is None or _ahead(packet["sampleLimit"], self._limit) > 0):
            self._limit = packet["sampleLimit"]
        return b""

    def due(self, now, most=16):
        """Returns what is to be sent by ``now``: ``most`` packets of samples at most."""
        wire = b""
        for _ in range(most):
            if self._state != "streaming":
                break
            if self._next >= len(self._samples):
                wire += self._stop("end")
                break
            end = min(self._next + self._packet_samples, len(self._samples))
            if self._waits and self._limit is not None:
                end = min(end, self._next + max(0, _ahead(self._limit, self._next)))
            elif end > (now - self._began) * self._rate_hz:
                break
            if end <= self._next:
                break
            wire += self._samples_packet(end)
        if self._state == "streaming" and now >= self._status_due:
            self._status_due = now + 1
            wire += encode(
                {"type": "status", "overrunSamples": 0, "clippedSamples": 0, "batteryPercent": None, "contact": None}
            )
        return wire

    def _samples_packet(self, end):
        # A simulator has no other clock than its samples; firmware reads a crystal.
        micros = self._next * 1_000_000 // self._rate_hz
        wire = encode(
            {
                "type": "samples",
                "sequence": self._sequence % 2**16,
                "firstSample": self._next % 2**32,
                "deviceMicros": micros % 2**32,
                "bitsPerSample": self._bits,
                "samples": self._samples[self._next : end],
            }
        )
        self._next = end
        self._sequence += 1
        return wire

    def _stop(self, reason, state="ready"):
        self._state = state
        self._limit = None
        self._last_stopped = {"type": "stopped", "reason": reason, "sampleIndex": self._next % 2**32}
        return encode(self._last_stopped)


def _ahead(limit, index):
    """How far a wrapping index is before another: negative where it is behind."""
    return (limit - index + 2**31) % 2**32 - 2**31


def read_wav(path):
    """Samples of the first channel of a 16- or 24-bit WAV file, rate and bits."""
    with wave.open(path, "rb") as file:
        size, channels = file.getsampwidth(), file.getnchannels()
        if size not in (2, 3):
            raise ValueError(f"{path}: samples must have 16 or 24 bits, got {8 * size}")
        data = file.readframes(file.getnframes())
        step = size * channels
        samples = [int.from_bytes(data[at : at + size], "little", signed=True) for at in range(0, len(data), step)]
        return samples, file.getframerate(), 8 * size


def main():
    """Be a stethoscope at a pseudo-terminal until the recording has ended and the host is gone, or Ctrl-C."""
    import tty

    parser = argparse.ArgumentParser(description="A stethoscope on a pseudo-terminal that plays a recording.")
    parser.add_argument("file", help="WAV, 16 or 24 bits")
    parser.add_argument("--max", action="store_true", help="as fast as the host can take it, instead of real time")
    parser.add_argument("--serial", default="PY-0001", help="serial number")
    options = parser.parse_args()
    samples, rate_hz, bits = read_wav(options.file)
    device = Device(samples, rate_hz, bits, options.serial, waits_for_credit=options.max)
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    print(os.ttyname(slave), flush=True)
    waiting = device.power_up()
    while True:
        readable, writable, _ = select.select([master], [master] if waiting else [], [], 0.005)
        now = time.monotonic()
        if readable:
            waiting += device.receive(os.read(master, 4096), now)
        if writable:
            waiting = waiting[os.write(master, waiting) :]
        if len(waiting) < 4096:
            waiting += device.due(now)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
