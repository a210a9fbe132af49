"""The server of the page: files by name, one job at a time, one answer per job."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

__all__ = ["PageServer"]

HERE = Path(__file__).parent
RUNTIME = HERE / "node_modules" / "onnxruntime-web" / "dist"
FILES = {
    "/": (HERE / "page.html", "text/html"),
    "/page.mjs": (HERE / "page.mjs", "text/javascript"),
    **{
        f"/onnxruntime-web/{name}": (RUNTIME / name, type_)
        for name, type_ in [
            ("ort.wasm.bundle.min.mjs", "text/javascript"),
            ("ort-wasm-simd-threaded.mjs", "text/javascript"),
            ("ort-wasm-simd-threaded.wasm", "application/wasm"),
        ]
    },
}


class PageServer:
    """A server on a free port of 127.0.0.1; `close` ends it.

    Attributes:
        jobs: Jobs for the page, as encoded by wire.py.
        answers: The answers of the page.
        address: The URL of the page.
    """

    def __init__(self) -> None:
        self.jobs: SimpleQueue[bytes] = SimpleQueue()
        self.answers: SimpleQueue[bytes] = SimpleQueue()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"page": self}))
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}/"
        Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    page: PageServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise every message waits 40 ms for an acknowledgement

    def do_GET(self) -> None:
        if self.path == "/job":
            self._send_job()
        elif self.path in FILES:
            path, type_ = FILES[self.path]
            self._send(200, path.read_bytes(), type_)
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        self.page.answers.put(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(200, b"", "text/plain")

    def _send_job(self) -> None:
        try:
            job = self.page.jobs.get(timeout=10)
        except Empty:  # the page asks again
            self.send_response(204)
            self.end_headers()
        else:
            self._send(200, job, "application/octet-stream")

    def _send(self, status: int, body: bytes, type_: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
