"""Write test/recordings/: a few recordings of the PhysioNet/CinC Challenge 2016, as WAV, with their labels.

Run from the repository's root:
``tools/.venv/bin/python tools/golden/bundle_recordings.py --data PATH/TO/physionet2016``.

The data set's folder holds ``records.csv`` and ``audio/<record>.flac``. The WAV files hold the same samples; to show
it, ``samples.sha256`` is computed from the FLAC files, never from the WAV files that stand beside it.
"""

import argparse
import csv
import gzip
import hashlib
import wave
from pathlib import Path

import soundfile

OUTPUT = Path(__file__).resolve().parents[2] / "test" / "recordings"
RATE_HZ = 2000

# All of two folds, so that a small training has somebody else's recordings to test on; one normal and one abnormal
# recording of each database at least; clean ones by the regularity of their envelope, and three that the organisers
# marked unusable.
RECORDS = [
    "a0050",  # normal
    "a0318",  # abnormal, unusable
    "a0358",  # abnormal
    "b0323",  # normal, unusable
    "b0344",  # abnormal
    "b0416",  # normal
    "c0001",  # abnormal
    "c0016",  # normal
    "d0007",  # normal
    "d0051",  # abnormal
    "e00089",  # normal
    "e00622",  # abnormal, unusable
    "e00647",  # normal
    "e01341",  # abnormal
    "e01479",  # abnormal
    "f0029",  # abnormal
    "f0107",  # normal
]
CHALLENGE_LABEL = {"normal": "-1", "abnormal": "1"}


def sample_bytes(path: Path) -> bytes:
    """Return the samples of a FLAC file as little-endian 16-bit integers."""
    info = soundfile.info(path)
    if (info.samplerate, info.channels, info.subtype) != (RATE_HZ, 1, "PCM_16"):
        raise ValueError(f"{path} must be {RATE_HZ} Hz, mono, PCM_16, got {info}")
    samples, _ = soundfile.read(path, dtype="int16")
    return samples.astype("<i2").tobytes()


def main() -> None:
    """Copy the recordings and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of records.csv and audio/")
    data = parser.parse_args().data

    with open(data / "records.csv", newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        columns = table.fieldnames
        rows = {row["record"]: row for row in table if row["record"] in RECORDS}
    missing = sorted(set(RECORDS) - set(rows))
    if missing:
        raise SystemExit(f"{data / 'records.csv'} does not hold {', '.join(missing)}")

    OUTPUT.mkdir(parents=True, exist_ok=True)
    checksums = []
    for record in RECORDS:
        samples = sample_bytes(data / "audio" / f"{record}.flac")
        checksums.append(f"{hashlib.sha256(samples).hexdigest()}  {record}")
        with wave.open(str(OUTPUT / f"{record}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples)
    (OUTPUT / "samples.sha256").write_text("\n".join(checksums) + "\n", encoding="utf-8")

    with open(OUTPUT / "records.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[record] for record in RECORDS)
    with open(OUTPUT / "REFERENCE.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(
            (record, CHALLENGE_LABEL[rows[record]["label"]]) for record in RECORDS
        )
    write_states(data / "heart-states.csv.gz")


def write_states(source: Path) -> None:
    """Keep the annotated heart states of the bundled recordings; the archive's bytes depend on the rows alone."""
    with gzip.open(source, "rt", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    kept = [header, *(row for row in rows if row[0] in RECORDS)]
    with open(OUTPUT / "heart-states.csv.gz", "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        packed.write("".join(",".join(row) + "\n" for row in kept).encode())


if __name__ == "__main__":
    main()
