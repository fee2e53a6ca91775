#!/usr/bin/env python3
"""Runs the golden packets through lubdub_protocol.py: ``python3 firmware-protocol/python/test_lubdub_protocol.py``."""

import json
import random
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import lubdub_protocol as lubdub  # noqa: E402

VECTORS = [
    vector
    for path in sorted((HERE.parent / "vectors").glob("*.json"))
    for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]
]


def read(pieces):
    reader = lubdub.Reader()
    decoded = [packet for piece in pieces for packet in reader.push(piece)]
    return decoded + list(reader.finish())


def pieces_of(data, source):
    at = 0
    while at < len(data):
        end = at + source.randint(1, 40)
        yield data[at:end]
        at = end


class GoldenPackets(unittest.TestCase):
    def test_there_are_golden_packets(self):
        self.assertGreater(len(VECTORS), 60)

    def test_each_is_read_as_it_says(self):
        for vector in VECTORS:
            with self.subTest(vector["name"], why=vector["reason"]):
                self.assertEqual(read([bytes.fromhex(vector["wire"])]), vector["decoded"])

    def test_each_is_read_alike_in_whatever_pieces(self):
        source = random.Random(20161)
        for vector in VECTORS:
            wire = bytes.fromhex(vector["wire"])
            with self.subTest(vector["name"]):
                self.assertEqual(read(pieces_of(wire, source)), vector["decoded"])
                self.assertEqual(read(wire[i : i + 1] for i in range(len(wire))), vector["decoded"])

    def test_the_canonical_ones_are_written_so(self):
        for vector in VECTORS:
            if vector["canonical"]:
                with self.subTest(vector["name"]):
                    self.assertEqual(lubdub.encode(vector["decoded"][0]).hex(), vector["wire"])


class ReaderInNoise(unittest.TestCase):
    def test_counts_every_byte_and_is_in_step_again_after_one_packet(self):
        source = random.Random(7)
        hello = lubdub.encode({"type": "hello", "protocolCurrent": 1, "protocolMin": 1})
        for _ in range(300):
            noise = bytes(source.randrange(256) for _ in range(source.randrange(600)))
            decoded = read(pieces_of(noise + b"\0" + hello, source))
            self.assertEqual(decoded[-1], {"type": "hello", "protocolCurrent": 1, "protocolMin": 1})
            for packet in decoded:
                self.assertTrue("type" in packet or packet["byteCount"] > 0)


class Writer(unittest.TestCase):
    def test_refuses_what_the_protocol_cannot_hold(self):
        samples = {"type": "samples", "sequence": 0, "firstSample": 0, "deviceMicros": 0, "bitsPerSample": 16}
        for packet, words in [
            ({**samples, "samples": []}, "one or more"),
            ({**samples, "samples": [40000]}, "-32768..32767"),
            ({**samples, "samples": [0] * 120}, "250 bytes"),
            ({"type": "credit", "sampleLimit": 2**32}, "sampleLimit"),
            ({"type": "error", "code": 0, "text": "x" * 129}, "at most 128"),
        ]:
            with self.assertRaisesRegex(ValueError, words):
                lubdub.encode(packet)


class DeviceStates(unittest.TestCase):
    def setUp(self):
        self.device = lubdub.Device(list(range(100)), 1000)

    def say(self, kind, now=0.0, **fields):
        return read([self.device.receive(lubdub.encode({"type": kind, **fields}), now)])

    def hello(self, least=1):
        return self.say("hello", protocolCurrent=max(1, least), protocolMin=least)

    def test_streams_all_samples_by_the_clock_and_says_where_it_ended(self):
        self.assertEqual([p["type"] for p in self.hello()], ["info"])
        self.assertEqual(self.say("start", now=5.0), [])
        self.assertEqual(self.device.due(5.0), b"")
        packets = read([self.device.due(5.05), self.device.due(5.2)])
        heard = [sample for packet in packets if packet["type"] == "samples" for sample in packet["samples"]]
        self.assertEqual(heard, list(range(100)))
        self.assertEqual(packets[-1], {"type": "stopped", "reason": "end", "sampleIndex": 100})
        self.assertEqual(self.say("stop"), [packets[-1]])

    def test_answers_start_before_hello_with_an_error_and_versions_that_do_not_fit_with_info(self):
        self.assertEqual(self.say("start")[0]["code"], 2)
        self.assertEqual([p["type"] for p in self.hello(least=2)], ["info"])
        self.assertEqual(self.say("start")[0]["type"], "error")

    def test_sends_no_more_than_its_credit(self):
        self.device = lubdub.Device(list(range(100)), 1000, waits_for_credit=True)
        self.hello()
        self.say("credit", sampleLimit=30)
        self.say("start")
        heard = [s for p in read([self.device.due(0.0)]) for s in p["samples"]]
        self.assertEqual(heard, list(range(30)))
        self.say("credit", sampleLimit=10)
        self.assertEqual(self.device.due(0.0), b"")


if __name__ == "__main__":
    unittest.main()
