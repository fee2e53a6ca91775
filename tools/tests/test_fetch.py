import hashlib
import http.server
import threading
from functools import partial

import pytest

from lubdub_tools.fetch import FetchError, fetch, parse_checksums

FILES = {
    "training/training-a/a0001.wav": b"RIFF" + bytes(range(256)) * 40,
    "training/training-a/REFERENCE.csv": b"a0001,1\n",
    "validation/a0001.wav": b"not wanted",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, also from the middle, and remembers what it was asked for."""

    asked: list = []  # noqa: RUF012

    def do_GET(self):
        type(self).asked.append((self.path, self.headers.get("Range")))
        wanted = self.headers.get("Range")
        if not wanted:
            return super().do_GET()
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        with open(self.translate_path(self.path), "rb") as file:
            content = file.read()[start:]
        self.send_response(206)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    root = tmp_path / "server"
    lines = []
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
        lines.append(f"{hashlib.sha256(content).hexdigest()} {path}\n")
    (root / "SHA256SUMS.txt").write_text("".join(lines))
    Handler.asked = []
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield root, f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    httpd.server_close()


def test_what_is_wanted_arrives_and_nothing_else(server, tmp_path):
    _, url = server
    fetch(tmp_path / "out", url)
    for path, content in FILES.items():
        target = tmp_path / "out" / path
        assert target.read_bytes() == content if path.startswith("training") else not target.exists()


def test_a_second_run_fetches_only_the_list(server, tmp_path):
    _, url = server
    fetch(tmp_path / "out", url)
    Handler.asked.clear()
    fetch(tmp_path / "out", url)
    assert [path for path, _ in Handler.asked] == ["/SHA256SUMS.txt"]


def test_a_file_cut_short_is_continued(server, tmp_path):
    _, url = server
    partial_file = tmp_path / "out" / "training/training-a/a0001.wav.part"
    partial_file.parent.mkdir(parents=True)
    partial_file.write_bytes(FILES["training/training-a/a0001.wav"][:1000])
    fetch(tmp_path / "out", url)
    assert ("/training/training-a/a0001.wav", "bytes=1000-") in Handler.asked
    assert (tmp_path / "out" / "training/training-a/a0001.wav").exists()


def test_a_changed_file_is_an_error_and_does_not_stay(server, tmp_path):
    root, url = server
    (root / "training/training-a/a0001.wav").write_bytes(b"something else")
    with pytest.raises(FetchError, match="does not have its published SHA-256"):
        fetch(tmp_path / "out", url)
    assert not list((tmp_path / "out").rglob("*.wav*"))


def test_a_missing_server_is_a_clear_error(tmp_path):
    with pytest.raises(FetchError, match="check the connection"):
        fetch(tmp_path, "http://127.0.0.1:9/")


@pytest.mark.parametrize("line", ["abc file", "0" * 64 + " ../../etc/passwd", "0" * 64 + " /etc/passwd", "0" * 64])
def test_a_list_that_points_elsewhere_is_refused(line):
    with pytest.raises(FetchError, match="line 1"):
        parse_checksums(line)
