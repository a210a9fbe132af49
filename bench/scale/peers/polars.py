"""Polars: window expressions over the keys, and files of many columns."""

from __future__ import annotations

import numpy as np
import polars as pl

from bench.peer import PassResult, Peer
from bench.scale.data import keyed_path, summarize, wide_path
from bench.scale.figures import FIGURES


class Polars(Peer):
    workloads = FIGURES

    def prepare(self, action: str) -> None: ...

    def run(self, action: str) -> PassResult:
        if action == "z_per_key":
            x = pl.col("x")
            deviation = x.std(ddof=0).over("key")
            scaled = (x - x.mean().over("key")) / pl.when(deviation > 0).then(deviation).otherwise(1.0)
            found = pl.scan_parquet(keyed_path(self.workload, self.directory)).select(scaled).collect()
            return PassResult(self.workload.rows, lambda: summarize(found.to_series().to_numpy()))
        path = wide_path(action, self.workload.size, self.directory)
        table = pl.read_parquet(path) if action == "parquet" else pl.read_csv(path)
        return PassResult(self.workload.size, lambda: summarize(np.ravel(table.to_numpy())))


PEER = Polars
