"""What identifies objects of the user's program, functions above all, equally in every process.

`headrace.data.user_function` is the face of this. Objects are encoded breadth first (`walk.py`), each by the
rule of its type (`describe.py`): code by its instructions (`code.py`) and by what it looks up (`lookups.py`),
classes and instances (`objects.py`), arrays by their contents (`arrays.py`), installed packages by name and
version (`packages.py`). What cannot be identified is reported (`hidden_state.py`).
"""

from __future__ import annotations

from headrace.data.identity.arrays import bytes_digest, table_digest
from headrace.data.identity.describe import identify
from headrace.data.identity.files import content_digest, file_stamp, stat_digest

__all__ = ["bytes_digest", "content_digest", "file_stamp", "identify", "stat_digest", "table_digest"]
