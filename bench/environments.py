"""Environments of peers, created once from `bench/requirements-NAME.txt` under `build/bench-envs`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["ROOT", "NotInstalledError", "find_python"]

ROOT = Path(__file__).parents[1]
_HOSTS = {  # peers that share the environment of another peer
    "timm": "torchvision",
    "keras": "tensorflow",
    "exported": "headrace",
    "tensors": "headrace",
    "plain": "headrace",
    "fused": "headrace",
    "eager": "headrace",
    "contiguous": "headrace",
    "compiled": "headrace",
    "dataloader_pillow": "headrace",
    "dataloader_simplejpeg": "headrace",
    "webdataset_pillow": "webdataset",
    "webdataset_simplejpeg": "webdataset",
    "grain_pillow": "grain",
    "grain_simplejpeg": "grain",
}


class NotInstalledError(Exception):
    """The environment of a peer cannot be created; the message is pip's last line."""


def _create(home: Path, requirements: Path) -> None:
    print(f"creating {home.relative_to(ROOT)} ...", file=sys.stderr)
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    pip = [home / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--requirement", requirements], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise NotInstalledError(
            done.stderr.strip().rpartition("\n")[2] or f"pip exited with {done.returncode}"
        )
    shutil.copy(requirements, home / "requirements.txt")


def find_python(peer: str) -> str:
    """Return the path of the peer's Python; variables like HEADRACE_BENCH_TENSORFLOW name an existing one.

    Raises:
        NotInstalledError: pip cannot install the peer's requirements.
    """
    peer = _HOSTS.get(peer, peer)
    existing = os.environ.get(f"HEADRACE_BENCH_{peer.upper()}")
    if existing or peer == "headrace":
        return existing or sys.executable
    requirements, home = ROOT / f"bench/requirements-{peer}.txt", ROOT / "build/bench-envs" / peer
    installed = home / "requirements.txt"
    if not installed.is_file() or installed.read_bytes() != requirements.read_bytes():
        _create(home, requirements)
    return str(home / "bin/python")
