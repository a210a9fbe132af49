"""Data sets of the hub: the client of Hugging Face downloads them from a server on this machine."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace import datasets
from headrace.errors import UsageError

pytest.importorskip("huggingface_hub")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARD = """---
license: cc-by-4.0
configs:
- config_name: default
  data_files:
  - {split: train, path: data/train-*.parquet}
  - {split: test, path: data/test-*.parquet}
---
Moods of words.
"""

READER = """
import json, sys
import headrace as hr
try:
    ds, card = hr.datasets.load(sys.argv[1], with_info=True)
    rows = {name: [row for batch in each for row in batch.to_pylist()] for name, each in ds.items()}
    if len(sys.argv) > 2:
        rows = {sys.argv[2]: hr.datasets.load(*sys.argv[1:3]).num_rows}
    print(json.dumps({"rows": rows, "licence": card.licence, "label": card.label, "about": card.description}))
except hr.errors.HeadraceError as error:
    print(json.dumps({"error": f"{type(error).__name__} {error}"}))
"""


class Hub(ThreadingHTTPServer):
    """One repository, `somebody/moods`, of one commit, `main`."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.downloads: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        api = "/api/datasets/somebody/moods"
        if path in (api, f"{api}/revision/main", f"{api}/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in self.server.files]
            self.answer(
                200, json.dumps({"id": "somebody/moods", "sha": COMMIT, "siblings": siblings}).encode()
            )
            return
        head = f"/datasets/somebody/moods/resolve/{COMMIT}/"
        content = self.server.files.get(path.removeprefix(head)) if path.startswith(head) else None
        if content is None:
            self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})
            return
        if self.command == "GET":
            self.server.downloads.append(path.removeprefix(head))
        etag = hashlib.sha256(content).hexdigest()
        self.answer(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})

    def answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    def parquet(*texts: str) -> bytes:
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"text": list(texts), "label": [1] * len(texts)}), sink)
        return sink.getvalue().to_pybytes()

    server = Hub(
        {
            "README.md": CARD.encode(),
            "data/train-00000-of-00002.parquet": parquet("a", "b"),
            "data/train-00001-of-00002.parquet": parquet("c"),
            "data/test-00000-of-00001.parquet": parquet("d"),
            "load.py": b"raise SystemExit",
        }
    )
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def load(hub: Hub, home: Path, *arguments: str) -> dict[str, object]:
    environment = {
        **os.environ,
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", READER, *arguments], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_data_set_of_the_hub_is_downloaded_once(hub: Hub, tmp_path: Path) -> None:
    found = load(hub, tmp_path, "hf://datasets/somebody/moods")
    assert found == {
        "rows": {
            "train": [{"text": text, "label": 1} for text in "abc"],
            "test": [{"text": "d", "label": 1}],
        },
        "licence": "cc-by-4.0",
        "label": "label",
        "about": "Moods of words.",
    }
    assert sorted(hub.downloads) == sorted(set(hub.files) - {"load.py"})
    again = load(hub, tmp_path, "hf://datasets/somebody/moods@main", "train[1:]")
    assert again["rows"] == {"train[1:]": 2}
    assert len(hub.downloads) == 4


def test_what_the_hub_does_not_have_is_one_line(hub: Hub, tmp_path: Path) -> None:
    found = str(load(hub, tmp_path, "hf://datasets/somebody/else")["error"])
    assert found.startswith("UsageError hf://datasets/somebody/else: cannot be loaded from the hub (")
    assert "\n" not in found
    with pytest.raises(UsageError, match="hf://models/somebody/moods: not the URL of a data set of the hub"):
        datasets.load("hf://models/somebody/moods")
