"""Write test/golden/wav/: small WAV files made by other people's writers, and what they must decode to.

Run from the repository's root: ``tools/.venv/bin/python tools/golden/wav.py``.

``manifest.json`` names for each file either the integers (or floats) of its first channel, or the words that a refusal
must hold. What libsndfile, scipy or Python's ``wave`` wrote is read back here with libsndfile; what is laid out by hand
is too, wherever libsndfile reads such a file.
"""

import json
import platform
import struct
import wave
from pathlib import Path

import numpy as np
import scipy
import soundfile
from scipy.io import wavfile

OUTPUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "wav"
SEED = 20161
# Odd, so that 8- and 24-bit mono data need their pad byte.
COUNT = 101
RATE_HZ = 2000

PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")

# ``integers`` are what stands in the file, ``bits`` are those of the place that they take.
SUBTYPES = {"PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
FLOAT_SUBTYPES = {"FLOAT": 32, "DOUBLE": 64}


def extreme_integers(bits: int, rng: np.random.Generator) -> np.ndarray:
    """Return integers over the whole range, its ends and the middle first."""
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    ends = [low, high, 0, -1, 1, low + 1, high - 1, high // 2, low // 2]
    return np.array(ends + list(rng.integers(low, high + 1, COUNT - len(ends))), dtype=np.int64)


def for_soundfile(integers: np.ndarray, bits: int) -> np.ndarray:
    """Return the integers at the top of 32 bits, as libsndfile takes and gives them."""
    return (integers << (32 - bits)).astype(np.int32)


def chunk(name: bytes, body: bytes, pad: bool = True) -> bytes:
    """Return a RIFF chunk."""
    return name + struct.pack("<I", len(body)) + body + (b"\0" if pad and len(body) % 2 else b"")


def riff(*chunks: bytes) -> bytes:
    """Return a RIFF file of these chunks."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def fmt(bits: int, place_bytes: int, channels: int = 1, rate_hz: int = RATE_HZ) -> bytes:
    """Return a plain format chunk for integers."""
    frame = place_bytes * channels
    return chunk(b"fmt ", struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * frame, frame, bits))


def extensible_fmt(valid_bits: int, place_bytes: int) -> bytes:
    """Return an extensible format chunk for one channel of integers."""
    plain = struct.pack("<HHIIHH", 0xFFFE, 1, RATE_HZ, RATE_HZ * place_bytes, place_bytes, place_bytes * 8)
    return chunk(b"fmt ", plain + struct.pack("<HHI", 22, valid_bits, 4) + PCM_GUID)


def little_endian(integers: np.ndarray, place_bytes: int) -> bytes:
    """Return the integers as two's complement."""
    return b"".join(int(value).to_bytes(place_bytes, "little", signed=True) for value in integers)


def forget_time(file: str) -> None:
    """Zero the time of writing in a float file's PEAK chunk, so that every run writes the same."""
    content = bytearray((OUTPUT / file).read_bytes())
    at = content.index(b"PEAK") + 12
    content[at : at + 4] = bytes(4)
    (OUTPUT / file).write_bytes(content)


class Fixtures:
    """The files written so far and what the tests must find in them."""

    def __init__(self) -> None:
        self.accepted: list[dict] = []
        self.refused: list[dict] = []

    def accept(self, file: str, by: str, integers: np.ndarray, bits: int, **expected) -> None:
        """Note a file of integers, after libsndfile has read the same from it."""
        self._check(file, for_soundfile(integers, bits), "int32")
        self._note(file, by, {"integers": integers.tolist(), "fullScaleBits": bits, "bitsPerSample": bits, **expected})

    def accept_floats(self, file: str, by: str, floats: np.ndarray, bits: int, **expected) -> None:
        """Note a file of floats, after libsndfile has read the same from it."""
        self._check(file, floats.astype(np.float64), "float64")
        self._note(file, by, {"floats": floats.astype(np.float64).tolist(), "bitsPerSample": bits, **expected})

    def accept_by_hand(self, file: str, content: bytes, integers: np.ndarray, bits: int, **expected) -> None:
        """Write and note a file that was laid out here."""
        (OUTPUT / file).write_bytes(content)
        self.accept(file, "by hand", integers, bits, **expected)

    def refuse(self, file: str, words: str) -> None:
        """Note a file that must be refused with a message that holds ``words``."""
        self.refused.append({"file": file, "words": words})

    def _check(self, file: str, expected: np.ndarray, dtype: str) -> None:
        got, _ = soundfile.read(OUTPUT / file, dtype=dtype, always_2d=True)
        if not np.array_equal(got[:, 0], expected):
            raise AssertionError(f"{file}: libsndfile reads something else")

    def _note(self, file: str, by: str, expected: dict) -> None:
        defaults = {"file": file, "by": by, "sampleRateHz": RATE_HZ, "channels": 1, "notice": None}
        self.accepted.append({**defaults, **expected})


def library_files(fixtures: Fixtures, rng: np.random.Generator) -> None:
    """Write what libsndfile, scipy and wave write."""
    for container in ("WAV", "WAVEX"):
        for subtype, bits in SUBTYPES.items():
            integers = extreme_integers(bits, rng)
            file = f"soundfile-{container}-{subtype}.wav".lower()
            soundfile.write(OUTPUT / file, for_soundfile(integers, bits), RATE_HZ, subtype, format=container)
            plain = container == "WAV" and bits in (16, 24)
            fixtures.accept(file, "soundfile", integers, bits, plain=plain)
        for subtype, bits in FLOAT_SUBTYPES.items():
            floats = rng.uniform(-1, 1, COUNT)
            floats[:3] = [1.0, -1.0, 0.0]
            if bits == 32:
                floats = floats.astype(np.float32).astype(np.float64)
            file = f"soundfile-{container}-{subtype}.wav".lower()
            soundfile.write(OUTPUT / file, floats, RATE_HZ, subtype, format=container)
            forget_time(file)
            fixtures.accept_floats(file, "soundfile", floats, bits)

    for channels, subtype, container in ((2, "PCM_16", "WAV"), (3, "PCM_24", "WAVEX"), (7, "PCM_U8", "WAV")):
        bits = SUBTYPES[subtype]
        columns = [extreme_integers(bits, rng) for _ in range(channels)]
        file = f"soundfile-{channels}-channels-{subtype}.wav".lower()
        stacked = np.stack([for_soundfile(column, bits) for column in columns], axis=1)
        soundfile.write(OUTPUT / file, stacked, 44100, subtype, format=container)
        expected = {"sampleRateHz": 44100, "channels": channels}
        fixtures.accept(file, "soundfile", columns[0], bits, **expected)

    integers = extreme_integers(8, rng)
    wavfile.write(OUTPUT / "scipy-uint8.wav", RATE_HZ, (integers + 128).astype(np.uint8))
    fixtures.accept("scipy-uint8.wav", "scipy", integers, 8)
    for bits in (16, 32):
        integers = extreme_integers(bits, rng)
        wavfile.write(OUTPUT / f"scipy-int{bits}.wav", 4000, integers.astype(f"<i{bits // 8}"))
        fixtures.accept(f"scipy-int{bits}.wav", "scipy", integers, bits, sampleRateHz=4000)
    for bits in (32, 64):
        floats = (3 * rng.standard_normal(COUNT)).astype(f"<f{bits // 8}")
        wavfile.write(OUTPUT / f"scipy-float{bits}.wav", RATE_HZ, floats)
        fixtures.accept_floats(f"scipy-float{bits}.wav", "scipy", floats, bits, notice="times full scale")

    for bits, count in ((16, COUNT), (24, COUNT - 1)):
        integers = extreme_integers(bits, rng)[:count]
        with wave.open(str(OUTPUT / f"wave-{bits}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(bits // 8)
            file.setframerate(8000)
            file.writeframes(little_endian(integers, bits // 8))
        fixtures.accept(f"wave-{bits}.wav", "wave", integers, bits, sampleRateHz=8000, plain=True)


def hand_made_files(fixtures: Fixtures, rng: np.random.Generator) -> None:
    """Write what recorders and editors leave, and the libraries above do not write."""
    integers = extreme_integers(16, rng)
    samples = little_endian(integers, 2)
    data = chunk(b"data", samples)
    header = fmt(16, 2)
    odd = b"INFOISFT\x05\0\0\0lubdu"

    fixtures.accept_by_hand("odd-list-padded.wav", riff(chunk(b"LIST", odd), header, data), integers, 16)
    fixtures.accept_by_hand(
        "junk-and-list.wav",
        riff(
            chunk(b"JUNK", bytes(28)),
            header,
            chunk(b"bext", bytes(603)),
            chunk(b"LIST", odd),
            data,
            chunk(b"LIST", odd),
        ),
        integers,
        16,
    )
    fixtures.accept_by_hand(
        "far-data.wav", riff(chunk(b"JUNK", bytes(6000)), header, chunk(b"JUNK", bytes(5001)), data), integers, 16
    )
    whole = riff(header, data)
    at = whole.index(b"data") + 4
    for name, size in (("ffmpeg", 0xFFFFFFFF), ("arecord", 0x80000000), ("sox", 0x7FFFF000)):
        content = whole[:4] + b"\xff\xff\xff\xff" + whole[8:at] + struct.pack("<I", size) + whole[at + 4 :]
        file = f"streamed-as-{name}.wav"
        fixtures.accept_by_hand(file, content, integers, 16, notice="leaves the length open")
    cut = whole[: at + 4 + 2 * 40 + 1]
    fixtures.accept_by_hand(
        "cut-short.wav", cut, integers[:40], 16, notice="cut short: the header announces 101 samples"
    )

    # libsndfile puts these elsewhere or refuses them, so that only their makers' rules vouch for them.
    def unread(file: str, content: bytes, expected: np.ndarray, bits: int, **more) -> None:
        (OUTPUT / file).write_bytes(content)
        fixtures._note(
            file, "by hand", {"integers": expected.tolist(), "fullScaleBits": bits, "bitsPerSample": bits, **more}
        )

    unread("odd-list-not-padded.wav", riff(chunk(b"LIST", odd, pad=False), header, data), integers, 16)
    unread(
        "size-left-at-0.wav",
        whole[:4] + bytes(4) + whole[8:at] + bytes(4) + whole[at + 4 :],
        integers,
        16,
        notice="leaves the length open",
    )
    twenty = extreme_integers(20, rng) << 4
    unread(
        "20-bits-in-24.wav",
        riff(extensible_fmt(20, 3), chunk(b"data", little_endian(twenty, 3))),
        twenty,
        24,
        bitsPerSample=20,
    )
    twelve = extreme_integers(12, rng) << 4
    unread(
        "12-bits-in-16.wav", riff(fmt(12, 2), chunk(b"data", little_endian(twelve, 2))), twelve, 16, bitsPerSample=12
    )


def refused_files(fixtures: Fixtures, rng: np.random.Generator) -> None:
    """Write files that are no WAV, or WAV that is not read."""
    noise = rng.uniform(-0.5, 0.5, 1200)
    for subtype, words in {
        "MS_ADPCM": "Microsoft ADPCM",
        "IMA_ADPCM": "IMA ADPCM",
        "ULAW": "mu-law",
        "ALAW": "A-law",
        "GSM610": "GSM 6.10",
        "NMS_ADPCM_16": "NMS ADPCM",
        "G721_32": "G.721 ADPCM",
    }.items():
        file = f"refused-{subtype}.wav".lower()
        soundfile.write(OUTPUT / file, noise, 8000, subtype, format="WAV")
        fixtures.refuse(file, words)
    soundfile.write(OUTPUT / "refused-ulaw-extensible.wav", noise[:100], 8000, "ULAW", format="WAVEX")
    fixtures.refuse("refused-ulaw-extensible.wav", "mu-law")
    for container, words in {
        "RF64": "RF64",
        "W64": "Wave64",
        "AIFF": "AIFF",
        "AU": "Sun AU",
        "FLAC": "FLAC",
        "OGG": "Ogg",
        "MP3": "MP3",
    }.items():
        file = f"refused-{container}.wav".lower()
        soundfile.write(OUTPUT / file, noise[:400], 8000, format=container)
        fixtures.refuse(file, words)
    # An Ogg stream's serial number, from byte 14 on, is random.
    (OUTPUT / "refused-ogg.wav").write_bytes((OUTPUT / "refused-ogg.wav").read_bytes()[:14])
    # libsndfile writes no MP3 into WAV, as some recorders do: its MP3 stream behind their header.
    mp3 = (OUTPUT / "refused-mp3.wav").read_bytes()
    header = chunk(b"fmt ", struct.pack("<HHIIHHHHIHHH", 0x55, 1, 8000, 1000, 1, 0, 12, 1, 2, 72, 1, 1393))
    (OUTPUT / "refused-mp3-in-wav.wav").write_bytes(riff(header, chunk(b"data", mp3)))
    fixtures.refuse("refused-mp3-in-wav.wav", "holds MP3")
    soundfile.write(OUTPUT / "refused-rifx.wav", noise[:100], 8000, "PCM_16", endian="BIG", format="WAV")
    fixtures.refuse("refused-rifx.wav", "big-endian")
    for rate_hz in (999, 192001, 384000):
        file = f"refused-{rate_hz}-hz.wav"
        soundfile.write(OUTPUT / file, noise[:100], rate_hz, "PCM_16", format="WAV")
        fixtures.refuse(file, f"got {rate_hz} Hz")
    wavfile.write(OUTPUT / "refused-int64.wav", RATE_HZ, np.arange(50, dtype=np.int64))
    fixtures.refuse("refused-int64.wav", "integers of 64 bits")
    soundfile.write(OUTPUT / "refused-no-samples.wav", np.zeros(0), RATE_HZ, "PCM_16", format="WAV")
    fixtures.refuse("refused-no-samples.wav", "one sample or more")
    for name, value in (("nan", np.nan), ("infinite", -np.inf), ("huge", 1e30)):
        floats = rng.uniform(-1, 1, COUNT)
        floats[[40, 77]] = value
        for subtype in FLOAT_SUBTYPES:
            file = f"refused-{name}-{subtype}.wav".lower()
            soundfile.write(OUTPUT / file, floats, RATE_HZ, subtype, format="WAV")
            forget_time(file)
            fixtures.refuse(file, f"got 2 of {COUNT} that are not, the first at sample 40 (0.020 s)")


def main() -> None:
    """Write the files and their manifest."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for stale in OUTPUT.glob("*.wav"):
        stale.unlink()
    rng = np.random.default_rng(SEED)
    fixtures = Fixtures()
    library_files(fixtures, rng)
    hand_made_files(fixtures, rng)
    refused_files(fixtures, rng)
    manifest = {
        "command": "tools/.venv/bin/python tools/golden/wav.py",
        "seed": SEED,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "soundfile": soundfile.__version__,
            "libsndfile": soundfile.__libsndfile_version__,
        },
        "accepted": fixtures.accepted,
        "refused": fixtures.refused,
    }
    lists = [",\n".join(json.dumps(row) for row in manifest[key]) for key in ("accepted", "refused")]
    head = json.dumps({key: manifest[key] for key in ("command", "seed", "versions")})[:-1]
    text = f'{head},\n"accepted": [\n{lists[0]}\n],\n"refused": [\n{lists[1]}\n]}}\n'
    (OUTPUT / "manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
