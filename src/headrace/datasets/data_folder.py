"""The folder with the data sets of this machine.

DATA_DIR/NAME/VERSION/     a prepared data set
DATA_DIR/downloads/NAME/   the publisher's files
DATA_DIR/folders.json      the folders that `add` has given a name
"""

from __future__ import annotations

import os
from pathlib import Path

from headrace.storage import local_target

__all__ = ["data_folder"]


def data_folder(data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder: `data_dir`, or else `HEADRACE_DATA_DIR`, or else `~/.cache/headrace`.

    Raises:
        UsageError: Not a local path.
    """
    return local_target(data_dir or os.environ.get("HEADRACE_DATA_DIR") or "~/.cache/headrace")
