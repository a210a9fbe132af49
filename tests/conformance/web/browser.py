"""A headless Chromium that runs ONNX models."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory, TemporaryFile
from time import monotonic
from typing import Any

import numpy as np

from .server import RUNTIME, PageServer
from .wire import Tensors, decode_answer, encode_job

__all__ = ["Browser", "UnavailableError"]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 300  # per job; a page that takes longer is considered dead
FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
]


class UnavailableError(Exception):
    """A browser or its runtime is not installed; the message says what to install."""


class Browser:
    """A Chromium with the page of this folder open; `close` ends it.

    Raises:
        UnavailableError: Chromium or onnxruntime-web is not installed.
    """

    def __init__(self) -> None:
        program = _program()
        self._server = PageServer()
        self._folder = TemporaryDirectory(prefix="headrace-chromium-", ignore_cleanup_errors=True)
        self._log = TemporaryFile()  # noqa: SIM115 (closed by close)
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium does not run in a sandbox as root
        self._process = subprocess.Popen(
            [program, *FLAGS, *sandbox, f"--user-data-dir={self._folder.name}", self._server.address],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def run(self, model: bytes, batches: Sequence[Tensors]) -> list[dict[str, np.ndarray]]:
        """Run the model on each batch of inputs; return outputs by name.

        Args:
            model: A serialised ONNX model.
            batches: NumPy arrays by input name; strings as arrays of objects.

        Raises:
            RuntimeError: onnxruntime-web raised an error, or the browser ended.
        """
        self._server.jobs.put(encode_job(model, batches))
        return decode_answer(self._answer())

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._server.close()
        self._folder.cleanup()
        self._log.close()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _answer(self) -> bytes:
        end = monotonic() + SECONDS
        while monotonic() < end and self._process.poll() is None:
            try:
                return self._server.answers.get(timeout=1)
            except Empty:
                pass
        self._log.seek(0)
        raise RuntimeError(
            f"Chromium does not answer; its log ends in: {self._log.read()[-2000:].decode(errors='replace')}"
        )


def _program() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise UnavailableError("Chromium is not installed (`apt-get install chromium`)")
    if not Path(RUNTIME).is_dir():
        raise UnavailableError("onnxruntime-web is not installed (`make web-runtime`)")
    return found
