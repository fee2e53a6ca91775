#!/usr/bin/env python3
"""Writes the golden packets: vectors/*.json for every codec, c/test/vectors.h for the C tests.

    python3 firmware-protocol/vectors/generate.py            writes the files
    python3 firmware-protocol/vectors/generate.py --check    says which file differs from what would be written

Needs nothing but Python (>= 3.9). It shares no code with the codecs: fields are packed with `struct`, the checksum
is `binascii.crc_hqx` of Python's standard library, COBS is written from the paper's description. What a receiver makes
of a packet is stated by hand beside its bytes.
"""

import binascii
import json
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = HERE.parent / "c" / "test" / "vectors.h"
COMMAND = "python3 firmware-protocol/vectors/generate.py"


def cobs(data):
    """Each run up to a zero, preceded by its length + 1; the data ends with a zero that is not there."""
    blocks = []
    for run in data.split(b"\0"):
        if len(run) > 253:
            raise ValueError("a packet never holds a run of 254 bytes")
        blocks.append(bytes([len(run) + 1]) + run)
    return b"".join(blocks)


def checked(body):
    return body + struct.pack("<H", binascii.crc_hqx(body, 0))


def wire(body):
    return cobs(checked(body)) + b"\0"


def hello(current, least):
    return b"\x01" + struct.pack("<BB", current, least)


def info(**f):
    firmware, serial = f["firmware"].encode(), f["serialNumber"].encode()
    fixed = struct.pack(
        "<BBIBIII",
        f["protocolCurrent"],
        f["protocolMin"],
        f["sampleRateHz"],
        f["bitsPerSample"],
        f["fullScale"],
        f["compatibleFlags"],
        f["incompatibleFlags"],
    )
    return b"\x81" + fixed + bytes([len(firmware)]) + firmware + bytes([len(serial)]) + serial


def samples(sequence, first, micros, bits, values):
    head = b"\x82" + struct.pack("<HIIB", sequence, first, micros, bits)
    return head + b"".join(value.to_bytes(bits // 8, "little", signed=True) for value in values)


def status(overrun, clipped, battery, contact):
    return b"\x83" + struct.pack("<IIBB", overrun, clipped, battery, contact)


def stopped(reason, index):
    return b"\x84" + struct.pack("<BI", reason, index)


def error(code, text):
    return b"\x85" + struct.pack("<HB", code, len(text.encode())) + text.encode()


START, STOP = b"\x02", b"\x03"


def credit(limit):
    return b"\x04" + struct.pack("<I", limit)


# What a receiver reads, in the words of the TypeScript types.
def as_hello(current, least):
    return {"type": "hello", "protocolCurrent": current, "protocolMin": least}


def as_samples(sequence, first, micros, bits, values):
    return {
        "type": "samples",
        "sequence": sequence,
        "firstSample": first,
        "deviceMicros": micros,
        "bitsPerSample": bits,
        "samples": list(values),
    }


def as_status(overrun, clipped, battery, contact):
    return {
        "type": "status",
        "overrunSamples": overrun,
        "clippedSamples": clipped,
        "batteryPercent": battery,
        "contact": contact,
    }


def as_stopped(reason, index):
    return {"type": "stopped", "reason": reason, "sampleIndex": index}


def as_unknown(byte, payload):
    return {"type": "unknown", "typeByte": byte, "payload": payload.hex()}


def corrupt(reason, byte_count):
    return {"corrupt": reason, "byteCount": byte_count}


def good(name, reason, body, packet):
    """A packet that every encoder writes so and every decoder reads so."""
    return {"name": name, "reason": reason, "canonical": True, "wire": wire(body), "decoded": [packet]}


def stream(name, reason, data, *decoded):
    """Bytes that a decoder may meet."""
    return {"name": name, "reason": reason, "canonical": False, "wire": data, "decoded": list(decoded)}


HELLO = wire(hello(1, 1))
HELLO_READ = as_hello(1, 1)
INFO = dict(
    type="info",
    protocolCurrent=1,
    protocolMin=1,
    firmware="example 1.0.0",
    serialNumber="0001",
    sampleRateHz=4000,
    bitsPerSample=16,
    fullScale=32768,
    compatibleFlags=0,
    incompatibleFlags=0,
)


def an_info(name, reason, **changes):
    fields = {**INFO, **changes}
    return good(name, reason, info(**fields), fields)


def some_samples(name, reason, *fields):
    return good(name, reason, samples(*fields), as_samples(*fields))


def messages():
    ramp = [i * 277 - 16000 for i in range(119)]
    wide = [i * 65793 - 2600000 for i in range(79)]
    yield good("hello", "The packet that README.md spells out byte by byte.", hello(1, 1), HELLO_READ)
    yield good("start", "The shortest packet there is: no payload.", START, {"type": "start"})
    yield good("stop", "A checksum that differs from START's in its low byte only.", STOP, {"type": "stop"})
    yield good(
        "credit",
        "A limit with four different bytes shows their order.",
        credit(0x04030201),
        {"type": "credit", "sampleLimit": 0x04030201},
    )
    yield good(
        "credit-zero",
        "A payload of zeros only: COBS blocks of one byte each.",
        credit(0),
        {"type": "credit", "sampleLimit": 0},
    )
    yield an_info("info", "A plain 16-bit device.")
    yield an_info(
        "info-12-bit",
        "A 12-bit converter says 16 bits and a full scale of 2048.",
        fullScale=2048,
        sampleRateHz=2000,
        compatibleFlags=0x0000000E,
    )
    yield an_info(
        "info-24-bit",
        "A 24-bit microphone; the full scale does not fit in two bytes.",
        bitsPerSample=24,
        fullScale=8388608,
        sampleRateHz=8000,
    )
    yield an_info("info-nameless", "Texts may be empty.", firmware="", serialNumber="")
    yield an_info(
        "info-long-names",
        "Texts of the longest kind, one of them of two-byte characters.",
        firmware="f" * 64,
        serialNumber="\u00e9" * 32,
    )
    yield an_info("info-waits-for-credit", "A simulator that heeds CREDIT.", compatibleFlags=1)
    yield some_samples(
        "samples-16-one",
        "The smallest SAMPLES: one sample. All header fields show their byte order.",
        0x0201,
        0x06050403,
        0x0A090807,
        16,
        [-2],
    )
    yield some_samples("samples-24-one", "The smallest SAMPLES of 24 bit.", 0x0201, 0x06050403, 0x0A090807, 24, [-2])
    yield some_samples(
        "samples-16-ends", "Both ends of 16 bit, and the values around zero.", 1, 2, 3, 16, [-32768, 32767, -1, 0, 1]
    )
    yield some_samples(
        "samples-24-ends",
        "Both ends of 24 bit, and the values around zero.",
        1,
        2,
        3,
        24,
        [-8388608, 8388607, -1, 0, 1],
    )
    yield some_samples(
        "samples-16-full", "As many as fit: 119 samples, 254 bytes on the wire.", 7, 833, 208250, 16, ramp
    )
    yield some_samples("samples-24-full", "As many as fit: 79 samples, 253 bytes on the wire.", 7, 553, 69125, 24, wide)
    yield some_samples(
        "samples-16-silence", "Zeros only: the most COBS blocks that a packet can have.", 0, 0, 0, 16, [0] * 119
    )
    yield some_samples(
        "samples-16-no-zero",
        "No zero byte before the checksum: the longest COBS block that comes up.",
        0x0101,
        0x01010101,
        0x01010101,
        16,
        [0x0101] * 119,
    )
    yield good("status", "All fields known.", status(1234567, 89, 75, 1), as_status(1234567, 89, 75, True))
    yield good(
        "status-unknown",
        "A device that measures neither battery nor contact.",
        status(0, 0, 255, 255),
        as_status(0, 0, None, None),
    )
    yield good(
        "status-empty",
        "0 % and no contact are known values, not unknown ones.",
        status(0, 0, 0, 0),
        as_status(0, 0, 0, False),
    )
    for number, reason in enumerate(["end", "request", "battery", "fault"]):
        yield good(f"stopped-{reason}", f"Reason byte {number}.", stopped(number, 4000), as_stopped(reason, 4000))
    yield good(
        "error",
        "A text that tells what to do.",
        error(4, "battery empty: charge me"),
        {"type": "error", "code": 4, "text": "battery empty: charge me"},
    )
    yield good(
        "error-long",
        "The longest text.",
        error(0xFFFF, "e" * 128),
        {"type": "error", "code": 0xFFFF, "text": "e" * 128},
    )


def wrap():
    last = samples(65535, 2**32 - 2, 2**32 - 500, 16, [1, 2])
    after = samples(0, 0, 0, 16, [3, 4])
    yield some_samples(
        "sequence-last", "The last sequence number before it wraps.", 65535, 130000, 32500000, 16, [5, 6]
    )
    yield some_samples(
        "index-last", "A packet whose only sample is the last before the index wraps.", 9, 2**32 - 1, 7, 16, [5]
    )
    yield some_samples("index-inside", "The index wraps inside the packet.", 9, 2**32 - 1, 7, 24, [5, 6, 7])
    yield some_samples("micros-last", "The last microsecond before the clock wraps.", 9, 4000, 2**32 - 1, 16, [5])
    yield stream(
        "everything-wraps",
        "Sequence, index and clock all wrap between two packets that follow each other without a gap.",
        wire(last) + wire(after),
        as_samples(65535, 2**32 - 2, 2**32 - 500, 16, [1, 2]),
        as_samples(0, 0, 0, 16, [3, 4]),
    )
    yield good(
        "stopped-wrapped", "A stream of exactly 2^32 samples ends at index 0.", stopped(0, 0), as_stopped("end", 0)
    )
    yield good("credit-last", "The largest limit.", credit(2**32 - 1), {"type": "credit", "sampleLimit": 2**32 - 1})


def newer():
    flagged = {**INFO, "incompatibleFlags": 0x80000001}
    appended = {**INFO}
    yield an_info(
        "info-newer", "A newer device that still speaks version 1: to be used with version 1.", protocolCurrent=3
    )
    yield an_info(
        "info-too-new",
        "A device that no longer speaks version 1: readable, so that the host can say why it refuses.",
        protocolCurrent=3,
        protocolMin=2,
    )
    yield good(
        "info-incompatible",
        "Unknown incompatible flags: readable, so that the host can name them when it refuses.",
        info(**flagged),
        flagged,
    )
    yield an_info("info-unknown-compatible", "Unknown compatible flags: to be ignored.", compatibleFlags=0xFFFFFFF0)
    yield good("hello-newer", "A newer host: the device answers with its own versions.", hello(9, 2), as_hello(9, 2))
    yield good(
        "unknown-from-device",
        "A type that version 1 does not know: to be passed over.",
        b"\xf0\x01\x00\x02",
        as_unknown(0xF0, b"\x01\x00\x02"),
    )
    yield good("unknown-from-host", "An unknown type without payload.", b"\x7f", as_unknown(0x7F, b""))
    yield good(
        "unknown-longest",
        "An unknown type of the greatest length.",
        b"\x10" + bytes(range(250)),
        as_unknown(0x10, bytes(range(250))),
    )
    yield stream(
        "hello-appended",
        "Three bytes after the fields of HELLO: to be passed over.",
        wire(hello(1, 1) + b"\x07\x00\x09"),
        HELLO_READ,
    )
    yield stream(
        "info-appended",
        "Bytes after the serial number: to be passed over.",
        wire(info(**appended) + b"\x00\xff"),
        appended,
    )
    yield stream(
        "status-appended",
        "A field after contact: to be passed over.",
        wire(status(1, 2, 3, 0) + b"\x2a"),
        as_status(1, 2, 3, False),
    )
    yield stream("start-appended", "START with a payload is START.", wire(START + b"\x01"), {"type": "start"})
    yield stream(
        "status-reserved",
        "Reserved values of battery and contact read as unknown.",
        wire(status(0, 0, 101, 2)),
        as_status(0, 0, None, None),
    )
    yield stream("stopped-reserved", "An unknown reason reads as fault.", wire(stopped(4, 17)), as_stopped("fault", 17))


def damaged():
    start = wire(START)
    start_read = {"type": "start"}
    body = samples(3, 40, 10000, 16, [100, -100, 200, -200])
    whole = wire(body)
    flipped = bytearray(whole)
    flipped[16] ^= 0x04
    plain = checked(hello(1, 1))
    headless = next(
        body for micros in range(65536) if (body := samples(0, 0, micros, 16, [])[:-1]) and checked(body)[-2] == 24
    )
    yield stream(
        "idle-zeros",
        "Zeros between packets mean nothing.",
        b"\0\0" + HELLO + b"\0\0\0" + HELLO + b"\0",
        HELLO_READ,
        HELLO_READ,
    )
    yield stream(
        "boot-noise",
        "What a boot loader prints ends at the zero that a sender puts before its first packet.",
        b"ets Jun  8 2016 00:22:57\r\n\0" + HELLO,
        corrupt("cobs", 27),
        HELLO_READ,
    )
    yield stream(
        "noise-clings",
        "Without that zero the noise takes the first packet with it, and no more.",
        b"garbage" + HELLO + HELLO,
        corrupt("cobs", 14),
        HELLO_READ,
    )
    yield stream(
        "bit-flip", "One bit of a sample is wrong.", bytes(flipped) + HELLO, corrupt("crc", len(whole)), HELLO_READ
    )
    yield stream(
        "byte-lost",
        "A byte inside a block is lost: the next code is read from the wrong place.",
        whole[:13] + whole[14:] + HELLO,
        corrupt("cobs", len(whole) - 1),
        HELLO_READ,
    )
    yield stream(
        "cut-short",
        "The end of a packet is lost, its delimiter is not.",
        whole[:10] + b"\0" + HELLO,
        corrupt("crc", 11),
        HELLO_READ,
    )
    yield stream(
        "delimiter-lost",
        "Two packets without a zero between them are one bad packet; the third is read.",
        HELLO[:-1] + HELLO + start,
        corrupt("crc", 13),
        start_read,
    )
    yield stream(
        "delimiter-early",
        "A zero in the middle makes two bad pieces.",
        whole[:8] + b"\0" + whole[8:] + HELLO,
        corrupt("cobs", 9),
        corrupt("cobs", len(whole) - 8),
        HELLO_READ,
    )
    yield stream(
        "one-byte",
        "A single byte between zeros is COBS for nothing: too short.",
        b"\x01\0" + HELLO,
        corrupt("short", 2),
        HELLO_READ,
    )
    yield stream(
        "no-type",
        "Two bytes, a checksum of nothing: too short.",
        cobs(checked(b"")) + b"\0" + HELLO,
        corrupt("short", 4),
        HELLO_READ,
    )
    yield stream(
        "crc-swapped",
        "A frequent mistake: the checksum with its high byte first.",
        cobs(plain[:3] + plain[:2:-1]) + b"\0" + HELLO,
        corrupt("crc", 7),
        HELLO_READ,
    )
    yield stream(
        "crc-from-ffff",
        "A frequent mistake: CRC-16/CCITT-FALSE, which starts from 0xFFFF.",
        cobs(hello(1, 1) + struct.pack("<H", binascii.crc_hqx(hello(1, 1), 0xFFFF))) + b"\0" + HELLO,
        corrupt("crc", 7),
        HELLO_READ,
    )
    yield stream(
        "not-stuffed",
        "A frequent mistake: the packet sent without COBS.",
        checked(b"\x03") + b"\0" + HELLO,
        corrupt("short", 4),
        HELLO_READ,
    )
    yield stream(
        "longest-frame",
        "254 bytes between zeros are not too long; here they are no packet.",
        b"\x02" * 254 + b"\0" + HELLO,
        corrupt("crc", 255),
        HELLO_READ,
    )
    yield stream(
        "all-ones",
        "Bytes 01 are COBS for zeros, and zeros have a right checksum: why type 00 is never used.",
        b"\x01" * 5 + b"\0" + HELLO,
        corrupt("malformed", 6),
        HELLO_READ,
    )
    yield stream("type-80", "Type 80 is not used either.", wire(b"\x80") + HELLO, corrupt("malformed", 5), HELLO_READ)
    yield stream(
        "overlong",
        "255 bytes without a zero: the first 254 are given up at once, the rest with the zero.",
        b"\x01" * 255 + b"\0" + HELLO,
        corrupt("overlong", 254),
        corrupt("overlong", 2),
        HELLO_READ,
    )
    yield stream(
        "overlong-flood",
        "A flood without zeros is reported while it comes.",
        b"\x55" * 600 + b"\0" + HELLO,
        corrupt("overlong", 254),
        corrupt("overlong", 254),
        corrupt("overlong", 93),
        HELLO_READ,
    )
    yield stream(
        "hello-short",
        "A right checksum over too short a payload: malformed.",
        wire(hello(1, 1)[:2]) + HELLO,
        corrupt("malformed", 6),
        HELLO_READ,
    )
    yield stream(
        "info-name-overruns",
        "A text that claims more bytes than the packet has.",
        wire(info(**{**INFO, "serialNumber": ""})[:-1] + b"\x05abcd") + HELLO,
        corrupt("malformed", 43),
        HELLO_READ,
    )
    yield stream(
        "info-name-too-long",
        "A text of 65 bytes, one more than allowed.",
        wire(info(**{**INFO, "firmware": "f" * 65})) + HELLO,
        corrupt("malformed", 95),
        HELLO_READ,
    )
    yield stream(
        "samples-without-format",
        "SAMPLES that ends before its format, where the checksum that follows looks like format 24.",
        wire(headless) + HELLO,
        corrupt("malformed", len(wire(headless))),
        HELLO_READ,
    )
    yield stream(
        "samples-none",
        "SAMPLES without a sample.",
        wire(samples(0, 0, 0, 16, [])) + HELLO,
        corrupt("malformed", 16),
        HELLO_READ,
    )
    yield stream(
        "samples-half",
        "Half a sample at the end.",
        wire(samples(0, 0, 0, 16, [1, 2])[:-1]) + HELLO,
        corrupt("malformed", 19),
        HELLO_READ,
    )
    yield stream(
        "samples-odd-format",
        "A format that version 1 does not know.",
        wire(samples(0, 0, 0, 32, [1])) + HELLO,
        corrupt("malformed", 20),
        HELLO_READ,
    )
    yield stream(
        "samples-format-zero",
        "Format 0 must not divide by zero.",
        wire(b"\x82" + bytes(11) + b"\x01") + HELLO,
        corrupt("malformed", 17),
        HELLO_READ,
    )
    yield stream(
        "truncated", "The stream ends inside a packet.", HELLO + HELLO[:4], HELLO_READ, corrupt("truncated", 4)
    )


def fnv1a(values):
    code = 0x811C9DC5
    for value in values:
        for byte in value.to_bytes(4, "little", signed=True):
            code = (code ^ byte) * 0x01000193 & 0xFFFFFFFF
    return code


def line(item):
    """One decoded item as the C test and test/decode/wire/packet-line.ts write it."""
    if "corrupt" in item:
        return f"corrupt {item['corrupt']} {item['byteCount']}"
    kind = item["type"]
    values = {name: value for name, value in item.items() if name != "type"}
    if kind == "info":
        order = [
            "protocolCurrent",
            "protocolMin",
            "sampleRateHz",
            "bitsPerSample",
            "fullScale",
            "compatibleFlags",
            "incompatibleFlags",
        ]
        texts = [values["firmware"].encode().hex(), values["serialNumber"].encode().hex()]
        return " ".join(["info", *(str(values[name]) for name in order), *(f"'{text}'" for text in texts)])
    if kind == "samples":
        head = [
            values["sequence"],
            values["firstSample"],
            values["deviceMicros"],
            values["bitsPerSample"],
            len(values["samples"]),
        ]
        return " ".join(["samples", *map(str, head), f"{fnv1a(values['samples']):08x}"])
    if kind == "status":
        battery = "-" if values["batteryPercent"] is None else values["batteryPercent"]
        contact = {None: "-", True: "1", False: "0"}[values["contact"]]
        return f"status {values['overrunSamples']} {values['clippedSamples']} {battery} {contact}"
    if kind == "error":
        return f"error {values['code']} '{values['text'].encode().hex()}'"
    if kind == "unknown":
        return f"unknown {values['typeByte']} '{values['payload']}'"
    return " ".join([kind, *map(str, values.values())])


def as_json(vectors):
    listed = [{**vector, "wire": vector["wire"].hex()} for vector in vectors]
    rows = ",\n".join("    " + json.dumps(vector, ensure_ascii=True) for vector in listed)
    return f'{{\n  "generator": "{COMMAND}",\n  "vectors": [\n{rows}\n  ]\n}}\n'


def as_header(groups):
    rows = []
    for file, vectors in groups.items():
        for vector in vectors:
            data = vector["wire"]
            lines = "".join(line(item) + "\\n" for item in vector["decoded"])
            octets = "".join(f"\\x{byte:02x}" for byte in data)
            pieces = [octets[i : i + 96] for i in range(0, len(octets), 96)]
            joined = "\n     ".join(f'"{piece}"' for piece in pieces)
            head = f'"{file}: {vector["name"]}", {int(vector["canonical"])}, {len(data)}'
            rows.append(f'    {{{head},\n     {joined},\n     "{lines}"}},\n')
    return (
        f"/* Written by {COMMAND}: change that, not this. */\n"
        "static const struct {\n    const char *name;\n    int canonical;\n    unsigned length;\n"
        "    const char *wire;\n    const char *lines;\n} vectors[] = {\n" + "".join(rows) + "};\n"
    )


def main():
    assert binascii.crc_hqx(b"123456789", 0) == 0x31C3
    groups = {"messages": list(messages()), "wrap": list(wrap()), "newer": list(newer()), "damaged": list(damaged())}
    files = {HERE / f"{name}.json": as_json(vectors) for name, vectors in groups.items()}
    files[HEADER] = as_header(groups)
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path} is not what {COMMAND} writes")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path])
    print(f"{sum(map(len, groups.values()))} vectors in {len(files)} files, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
