"""Headrace: one preprocessing function, analyzed and applied over streams of record batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

import headrace as hr
from bench.peer import PassResult, Peer
from bench.transform import table
from bench.transform.table import TABLES
from bench.transform.texts import BATCH, TEXTS, VOCABULARY
from headrace.transform import Column

t = hr.transform


def _tokens(text: Column) -> Column:
    return t.tokenize_whitespace(t.strip_punctuation(t.lower(text)))


def _vocabulary(inputs: Mapping[str, Column]) -> dict[str, Column]:
    tokens = _tokens(inputs["text"])
    return {"ids": t.compute_and_apply_vocabulary(tokens, top_k=VOCABULARY, vocab_filename="words")}


def _tfidf(inputs: Mapping[str, Column]) -> dict[str, Column]:
    tokens = _tokens(inputs["text"])
    words, held = t.document_frequencies(tokens, top_k=VOCABULARY, vocab_filename="words")
    idf = t.log(1 + t.size(t.row_length(tokens)) / (1 + t.cast(held, "float64")))
    return {"weights": t.lookup(t.apply_vocabulary(tokens, words), idf)}


def _columns(inputs: Mapping[str, Column]) -> dict[str, Column]:
    """Preprocess the table's columns; see `bench.transform.table`."""
    vocabularies = {
        name: t.compute_and_apply_vocabulary(inputs[name], top_k=size, num_oov_buckets=1)
        for name, size in table.VOCABULARIES.items()
    }
    return {
        **{name: t.scale_to_z_score(inputs[name]) for name in table.STANDARDISED},
        **{name: t.scale_to_0_1(inputs[name]) for name in table.SCALED},
        **{name: t.bucketize(inputs[name], table.BUCKETS) for name in table.BUCKETIZED},
        **vocabularies,
    }


def _statistic(transform: hr.Transform, name: str) -> Any:
    return next(value for label, value in transform.statistics.items() if label.startswith(f"{name}("))


class Headrace(Peer):
    workloads: ClassVar[Mapping[str, Any]] = {**TEXTS, **TABLES}

    def prepare(self, action: str) -> None:
        if action == "write":
            return
        if action == "table":
            self._rows = hr.Dataset.from_parquet(self.workload.path(self.directory))
            return
        self._rows = hr.Dataset.from_arrays({"text": pa.array(self.workload.texts())}).batch(BATCH)
        words = ["", "[UNK]", *self.workload.vocabulary()]  # Keras's indices
        find = {
            "ids": lambda inputs: {"ids": t.apply_vocabulary(_tokens(inputs["text"]), words, default_value=1)}
        }
        if action in find:
            self._transform = t.analyze(find[action], self._rows)

    def run(self, action: str) -> PassResult:
        passes: dict[str, Callable[[], PassResult]] = {
            "ids": self._ids, "vocabulary": self._vocabulary, "tfidf": self._tfidf,
            "table": self._table, "write": self._write,
        }  # fmt: skip
        return passes[action]()

    def _ids(self) -> PassResult:
        tokens = total = 0
        for batch in self._rows.map(self._transform, threads=self.cpus):
            values = batch.column("ids").flatten().to_numpy()
            tokens += len(values)
            total += int(values.sum())
        return PassResult(tokens, lambda: {"tokens": tokens, "ids": total})

    def _vocabulary(self) -> PassResult:
        transform = t.analyze(_vocabulary, self._rows)
        return PassResult(
            self.workload.tokens, lambda: self.workload.summarize(transform.vocabularies["words"])
        )

    def _tfidf(self) -> PassResult:
        transform = t.analyze(_tfidf, self._rows)

        def checks() -> dict[str, float]:
            rows, held = (_statistic(transform, name) for name in ("size", "document_frequencies"))
            idf = float(np.log(1 + rows / (1 + held)).sum())
            return {**self.workload.summarize(transform.vocabularies["words"]), "idf": idf}

        return PassResult(self.workload.tokens, checks)

    def _table(self) -> PassResult:
        transform = t.analyze(_columns, self._rows)
        found = table.total(self._rows.map(transform, threads=self.cpus))
        return PassResult(self.workload.rows, lambda: found)

    def _write(self) -> PassResult:
        self.workload.write(self.directory)
        return PassResult(self.workload.rows)


PEER = Headrace
