"""Get the Challenge's recordings from PhysioNet and check every byte against the published checksums."""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

PHYSIONET = "https://physionet.org/files/challenge-2016/1.0.0/"
CHECKSUMS = "SHA256SUMS.txt"
CHUNK = 1 << 16


class FetchError(RuntimeError):
    """A file could not be had, or is not the one that was published."""


def parse_checksums(text):
    """``SHA256SUMS.txt`` to a list of ``(hash, path)``.

    Raises
    ------
    FetchError
        Where a line is not a hash and a relative path that stays inside the folder.
    """
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        digest, _, path = line.strip().partition(" ")
        path = path.strip().lstrip("*")
        unsafe = Path(path).is_absolute() or ".." in Path(path).parts
        if len(digest) != 64 or set(digest.lower()) - set("0123456789abcdef") or not path or unsafe:
            raise FetchError(f"line {number} of {CHECKSUMS} must be a SHA-256 and a relative path, got {line[:120]!r}")
        entries.append((digest.lower(), path))
    return entries


def wanted(path):
    """True for the training recordings, their labels and their annotations."""
    return path.startswith(("training/", "annotations/")) and path.endswith((".wav", ".csv", ".zip", ".txt", ".mat"))


def file_sha256(path):
    """Hash of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def fetch(out, base_url=PHYSIONET, keep=wanted, timeout_s=60):
    """Download what `keep` wants of the data set into ``out``.

    A file that is there and has the published hash is not fetched again; one cut short is continued where it ends.
    A finished file whose hash differs is removed and the run ends with an error.

    Parameters
    ----------
    out : pathlib.Path
    base_url : str
        Folder on the server that holds ``SHA256SUMS.txt``, with a slash at its end.
    keep : callable
        Path to bool.

    Returns
    -------
    list of str
        The paths that are there and correct.

    Raises
    ------
    FetchError
        Where the server cannot be reached, lacks a file, or a hash differs.
    """
    out = Path(out)
    listing = _read(base_url + CHECKSUMS, timeout_s).decode("utf-8")
    entries = [(digest, path) for digest, path in parse_checksums(listing) if keep(path)]
    if not entries:
        raise FetchError(f"{base_url + CHECKSUMS} lists no training recording; is the address right?")
    for digest, path in tqdm(entries, desc="fetch", unit="file"):
        target = out / path
        if target.exists() and file_sha256(target) == digest:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".part")
        _download(base_url + path, partial, timeout_s)
        if file_sha256(partial) != digest:
            partial.unlink()
            raise FetchError(f"{path} does not have its published SHA-256 {digest}; run fetch again")
        partial.replace(target)
    return [path for _, path in entries]


def _read(url, timeout_s):
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as response:
            return response.read()
    except (urllib.error.URLError, OSError) as error:
        raise FetchError(f"cannot read {url}: {error}; check the connection and run fetch again") from error


def _download(url, partial, timeout_s):
    """Append what is missing; a server without ranges sends the file anew."""
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            mode = "ab" if have and response.status == 206 else "wb"
            with open(partial, mode) as file:
                while piece := response.read(CHUNK):
                    file.write(piece)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            return
        raise FetchError(f"cannot fetch {url}: {error}") from error
    except (urllib.error.URLError, OSError) as error:
        raise FetchError(f"cannot fetch {url}: {error}; what came is kept, run fetch again to go on") from error
