"""DuckDB: a query per kind of statistic, and one query that applies them all, to Arrow batches."""

from __future__ import annotations

from typing import Any

import duckdb

from bench.peer import PassResult, Peer
from bench.transform import table

_ROWS = 100_000  # per batch


def _scaled(name: str, statistics: dict[str, Any]) -> str:
    if name in table.STANDARDISED:
        mean, deviation = statistics[f"mean_{name}"], statistics[f"deviation_{name}"]
        return f"(({name} - {mean!r}) / {deviation!r})::FLOAT AS {name}"
    low, high = statistics[f"low_{name}"], statistics[f"high_{name}"]
    return f"({name} - {low!r}) / {high - low!r} AS {name}"


def _bucket(name: str, boundaries: list[float]) -> str:
    """Return SQL that counts the boundaries at or below a value."""
    counted = " + ".join(f"({name} >= {boundary!r})::UTINYINT" for boundary in boundaries)
    return f"({counted})::BIGINT AS {name}"


class DuckDB(Peer):
    workloads = table.TABLES

    def prepare(self, _action: str) -> None:
        self._base = duckdb.connect(config={"threads": self.cpus, "preserve_insertion_order": False})
        self._base.execute(f"CREATE VIEW rows AS FROM '{self.workload.path(self.directory)}'")

    def run(self, _action: str) -> PassResult:
        found = table.total(self._applied(self._statistics()))
        return PassResult(self.workload.rows, lambda: found)

    def _statistics(self) -> dict[str, Any]:
        parts = [
            f"avg({name}) AS mean_{name}, stddev_pop({name}) AS deviation_{name}"
            for name in table.STANDARDISED
        ]
        parts += [f"min({name}) AS low_{name}, max({name}) AS high_{name}" for name in table.SCALED]
        cuts = [place / table.BUCKETS for place in range(1, table.BUCKETS)]
        parts += [f"approx_quantile({name}, {cuts}) AS cuts_{name}" for name in table.BUCKETIZED]
        for name, size in table.VOCABULARIES.items():
            counted = f"SELECT {name} AS word, count(*) AS n FROM rows GROUP BY ALL ORDER BY n DESC, word"
            numbered = "SELECT word, row_number() OVER (ORDER BY n DESC, word) - 1 AS id"
            self._base.execute(
                f"CREATE OR REPLACE TABLE of_{name} AS {numbered} FROM ({counted} LIMIT {size})"
            )
        result = self._base.execute(f"SELECT {', '.join(parts)} FROM rows")
        return dict(zip([each[0] for each in result.description], *result.fetchall(), strict=True))

    def _applied(self, statistics: dict[str, Any]) -> Any:
        parts = [_scaled(name, statistics) for name in (*table.STANDARDISED, *table.SCALED)]
        parts += [_bucket(name, statistics[f"cuts_{name}"]) for name in table.BUCKETIZED]
        parts += [f"coalesce(of_{name}.id, {size}) AS {name}" for name, size in table.VOCABULARIES.items()]
        joins = [f"LEFT JOIN of_{name} ON rows.{name} = of_{name}.word" for name in table.VOCABULARIES]
        query = f"SELECT {', '.join(parts)} FROM rows {' '.join(joins)}"
        return self._base.sql(query).to_arrow_reader(_ROWS)


PEER = DuckDB
