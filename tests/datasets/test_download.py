"""Against a real HTTP server on this machine."""

import hashlib
import socket
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from headrace.datasets.download import Download, fetch
from headrace.errors import UsageError

DATA = bytes(range(256)) * 10_000
SHA = "sha256:" + hashlib.sha256(DATA).hexdigest()
MD5 = "md5:" + hashlib.md5(DATA).hexdigest()


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/cut":  # sends less than Content-Length
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x" * 10)
        else:
            super().do_GET()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "data.bin").write_bytes(DATA)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=tmp_path / "www")) as http:
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "there" / "new"


@pytest.mark.parametrize("checksum", [SHA, MD5])
def test_a_file_is_downloaded_once(server, folder, checksum):
    download = Download(f"{server}/data.bin", "data.bin", checksum)
    assert fetch(download, folder).read_bytes() == DATA
    elsewhere = Download("http://127.0.0.1:1/none", "data.bin", checksum)  # fails if it is requested
    assert fetch(elsewhere, folder) == folder / "data.bin"
    assert [p.name for p in folder.iterdir()] == ["data.bin"]


@pytest.mark.parametrize(
    ("path", "checksum", "size", "message"),
    [
        (
            "data.bin",
            "sha256:00",
            1 << 30,
            "expected checksum sha256:00 for .*, got sha256:.*; try again later",
        ),
        (
            "none.bin",
            SHA,
            1 << 30,
            "cannot download .*none.bin .*404.*; check the network, or put the file there yourself",
        ),
        ("data.bin", SHA, 1000, r"cannot download .*\(more than 1,000 bytes\)"),
        ("cut", SHA, 1 << 30, "cannot download|expected checksum"),
    ],
)
def test_a_failed_download_leaves_nothing(server, folder, path, checksum, size, message):
    with pytest.raises(UsageError, match=message) as caught:
        fetch(Download(f"{server}/{path}", "data.bin", checksum, size), folder)
    assert caught.value.path == str(folder / "data.bin")
    assert list(folder.iterdir()) == []


def test_a_refused_connection_is_one_error(folder, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as free:  # a port without a server
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/data.bin"
        with pytest.raises(UsageError, match=r"cannot download .* refused.*put the file there yourself"):
            fetch(Download(url, "data.bin", SHA), folder)


def test_a_file_with_other_content_is_not_overwritten(server, folder):
    folder.mkdir(parents=True)
    (folder / "data.bin").write_bytes(b"mine")
    with pytest.raises(UsageError, match="a file of this name exists with checksum"):
        fetch(Download(f"{server}/data.bin", "data.bin", SHA), folder)
    assert (folder / "data.bin").read_bytes() == b"mine"
