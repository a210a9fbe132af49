"""A download that is killed: what it fetches again, and how fast it is.

    python -m bench.downloads [--size 1GB] [--killed-at 0.95]

A server on this machine has a file of this size. A process downloads it and is killed (SIGKILL) when it has
this share; then it is downloaded again. The bytes are counted where the server sends them.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import resource
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from headrace.byte_sizes import parse_byte_size
from headrace.datasets.downloads import Download, fetch

BLOCK = hashlib.shake_256(b"headrace").digest(1 << 20)
PROGRAM = """
import sys
from pathlib import Path
from headrace.datasets.downloads import Download, fetch
url, checksum, size, folder = sys.argv[1:]
fetch(Download(url, "file.bin", checksum, int(size)), Path(folder))
"""


class Handler(BaseHTTPRequestHandler):
    """Serves `size` bytes: one block over and over."""

    size = 0
    sent = 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Serve the file, or from the offset of a Range header on."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(match[1]) if match else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{self.size - 1}/{self.size}")
        self.send_header("Content-Length", str(self.size - start))
        self.end_headers()
        while start < self.size:
            block = BLOCK[start % len(BLOCK) :][: self.size - start]
            try:
                self.wfile.write(block)
            except OSError:
                return
            Handler.sent += len(block)
            start += len(block)


def hash_file(size: int) -> str:
    """Return the checksum of the file."""
    digest = hashlib.sha256()
    for start in range(0, size, len(BLOCK)):
        digest.update(BLOCK[: size - start])
    return f"sha256:{digest.hexdigest()}"


def main() -> None:
    """Kill a download, go on, and print what was fetched."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="1GB")
    parser.add_argument("--killed-at", type=float, default=0.95)
    options = parser.parse_args()
    size = Handler.size = parse_byte_size(options.size)
    checksum = hash_file(size)
    with tempfile.TemporaryDirectory() as folder, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url, part = f"http://127.0.0.1:{server.server_port}/file.bin", Path(folder, ".file.bin.part")
        with subprocess.Popen([sys.executable, "-c", PROGRAM, url, checksum, str(size), folder]) as process:
            while process.poll() is None and not (
                part.exists() and part.stat().st_size >= size * options.killed_at
            ):
                time.sleep(0.001)
            process.kill()
        kept = part.stat().st_size if part.exists() else 0
        print(f"killed at {kept:,} of {size:,} bytes ({kept / size:.1%})")
        Handler.sent = 0
        fetch(Download(url, "file.bin", checksum, size), Path(folder))
        print(f"fetched again: {Handler.sent:,} bytes ({Handler.sent / size:.2%})")
        Path(folder, "file.bin").unlink()
        before = time.process_time()
        fetch(Download(url, "file.bin", checksum, size), Path(folder))
        server.shutdown()
        used = time.process_time() - before  # the server's part among it
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"uninterrupted, with its server: {used:.1f} CPU s, {size / used / 1e6:,.0f} MB/s, {memory:,.0f} MiB"
    )


if __name__ == "__main__":
    main()
