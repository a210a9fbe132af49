"""Stages that divide rows or batches among shards, one file per stage."""

from __future__ import annotations

from headrace.data.stages.sharding.batch_share import BatchShare, share_rows
from headrace.data.stages.sharding.divide_batches import divide_batches
from headrace.data.stages.sharding.every_nth_batch import EveryNthBatch
from headrace.data.stages.sharding.shard import Shard
from headrace.data.stages.sharding.shard_batches import ShardBatches

__all__ = ["BatchShare", "EveryNthBatch", "Shard", "ShardBatches", "divide_batches", "share_rows"]
