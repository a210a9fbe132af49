"""DuckDB: a query that joins the rows with the statistics of their keys."""

from __future__ import annotations

import duckdb
import numpy as np

from bench.peer import PassResult, Peer
from bench.scale.data import keyed_path, summarize
from bench.scale.figures import FIGURES

_STATISTICS = {
    "z_per_key": "avg(x) AS mean, stddev_pop(x) AS deviation",
    "buckets_per_key": f"quantile_disc(x, {[place / 10 for place in range(1, 10)]}) AS cuts",
}
_RESULTS = {
    "z_per_key": "(x - mean) / CASE WHEN deviation > 0 THEN deviation ELSE 1 END",
    "buckets_per_key": "len(list_filter(cuts, lambda cut: cut <= x))",
}


class DuckDB(Peer):
    workloads = FIGURES

    def prepare(self, _action: str) -> None:
        self._base = duckdb.connect(config={"threads": self.cpus})
        self._base.execute(f"CREATE VIEW rows AS FROM '{keyed_path(self.workload, self.directory)}'")

    def run(self, action: str) -> PassResult:
        grouped = f"SELECT key, {_STATISTICS[action]} FROM rows GROUP BY key"
        query = f"SELECT {_RESULTS[action]} AS y FROM rows JOIN ({grouped}) USING (key)"
        found = [np.asarray(batch.column(0)) for batch in self._base.sql(query).to_arrow_reader(100_000)]
        return PassResult(self.workload.rows, lambda: summarize(np.concatenate(found)))


PEER = DuckDB
