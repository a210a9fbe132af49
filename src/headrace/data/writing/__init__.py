"""Write all rows of a dataset once, as one set of shards: in this process or on the workers of an engine.

Each shard is a task that reads its rows, and only these where the source can seek. Finished shards wait in a
folder next to the destination, so that a run that was killed continues with the missing ones; at the end all
get their names together, and a manifest. The bytes do not depend on the engine.
"""

from __future__ import annotations

from headrace.data.writing.destination import SHARD_FORMATS, Destination
from headrace.data.writing.methods import DatasetWriting
from headrace.data.writing.row_ranges import TaskEngine
from headrace.data.writing.task import Transformation
from headrace.data.writing.write import WriteOptions, write_rows

__all__ = [
    "SHARD_FORMATS",
    "DatasetWriting",
    "Destination",
    "TaskEngine",
    "Transformation",
    "WriteOptions",
    "write_rows",
]
