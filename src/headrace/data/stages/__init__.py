"""The stages of a pipeline, one file per stage; `list_stages` finds them."""

from __future__ import annotations

from headrace.data.stages.batch import Batch
from headrace.data.stages.cache import Cache
from headrace.data.stages.cache_file import CacheFile
from headrace.data.stages.choose import Choose
from headrace.data.stages.classes import ClassReader, Resample, Weigh
from headrace.data.stages.columns import Drop, Rename, Select
from headrace.data.stages.filter import Filter
from headrace.data.stages.map import Map
from headrace.data.stages.prefetch import Prefetch
from headrace.data.stages.registry import list_stages
from headrace.data.stages.repeat import Repeat
from headrace.data.stages.rows import FlatMap, Unbatch
from headrace.data.stages.sequences import BucketByLength, Pack, Pad, SlidingWindow
from headrace.data.stages.sharding import (
    BatchShare,
    EveryNthBatch,
    Shard,
    ShardBatches,
    divide_batches,
    share_rows,
)
from headrace.data.stages.shuffle import Shuffle
from headrace.data.stages.skip import Skip
from headrace.data.stages.take import Take

__all__ = [
    "Batch",
    "BatchShare",
    "BucketByLength",
    "Cache",
    "CacheFile",
    "Choose",
    "ClassReader",
    "Drop",
    "EveryNthBatch",
    "Filter",
    "FlatMap",
    "Map",
    "Pack",
    "Pad",
    "Prefetch",
    "Rename",
    "Repeat",
    "Resample",
    "Select",
    "Shard",
    "ShardBatches",
    "Shuffle",
    "Skip",
    "SlidingWindow",
    "Take",
    "Unbatch",
    "Weigh",
    "divide_batches",
    "list_stages",
    "share_rows",
]
