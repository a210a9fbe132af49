"""An environment for each peer, made once from `bench/requirements-NAME.txt` under `build/bench-envs`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

__all__ = ["ROOT", "python_of"]

ROOT = Path(__file__).parents[1]
_HOSTS = {  # sides that live in another one's environment
    "timm": "torchvision",
    "keras": "tensorflow",
    "exported": "headrace",
    "fused": "headrace",
    "eager": "headrace",
    "contiguous": "headrace",
    "compiled": "headrace",
}


def _make(home: Path, requirements: Path) -> None:
    print(f"making {home.relative_to(ROOT)} ...", file=sys.stderr)
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    pip = [home / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", requirements], check=True)
    shutil.copy(requirements, home / "requirements.txt")


def python_of(peer: str) -> str:
    """The peer's Python; variables like HEADRACE_BENCH_TENSORFLOW name one that is there already."""
    peer = _HOSTS.get(peer, peer)
    named = os.environ.get(f"HEADRACE_BENCH_{peer.upper()}")
    if named or peer == "headrace":
        return named or sys.executable
    requirements, home = ROOT / f"bench/requirements-{peer}.txt", ROOT / "build/bench-envs" / peer
    made_from = home / "requirements.txt"
    if not made_from.is_file() or made_from.read_bytes() != requirements.read_bytes():
        _make(home, requirements)
    return str(home / "bin/python")
