"""What identifies objects of the user's program, functions above all, equally in every process.

`headrace.data.user_function` is the face of this. Objects are encoded breadth first (`walk.py`), each by the
rule of its type (`describe.py`): code by its instructions (`code.py`) and by what it looks up (`lookups.py`),
classes and instances (`objects.py`), arrays by their contents (`arrays.py`), installed packages by name and
version (`packages.py`). What cannot be identified is reported (`hidden_state.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.identity.arrays import bytes_digest, table_digest
    from headrace.data.identity.describe import identify
    from headrace.data.identity.files import content_digest, file_stamp, stat_digest
    from headrace.data.identity.origin import find_paths

__all__ = [
    "bytes_digest",
    "content_digest",
    "file_stamp",
    "find_paths",
    "identify",
    "stat_digest",
    "table_digest",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "bytes_digest": "arrays",
        "content_digest": "files",
        "file_stamp": "files",
        "find_paths": "origin",
        "identify": "describe",
        "stat_digest": "files",
        "table_digest": "arrays",
    },
)
