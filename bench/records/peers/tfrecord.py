"""The PyPI package `tfrecord`, which ignores checksums: its loader and writer, rows collected to columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfrecord.reader import tfrecord_loader
from tfrecord.writer import TFRecordWriter

from bench.records.columns import build_columns, to_python_values
from bench.records.record_peer import RecordPeer

_TYPES = {"float": "float", "int": "int", "bytes": "byte"}


class TFRecord(RecordPeer):
    shards = written_shards = 1

    def _description(self, steps: bool) -> dict[str, str]:
        features = [feature for feature in self.workload.features if feature.steps == steps]
        return {feature.name: _TYPES[feature.kind] for feature in features}

    def _rows(self) -> Iterator[dict[str, Any]]:
        lists = self._description(steps=True)
        for file in self.files():
            for row in tfrecord_loader(
                file, None, self._description(steps=False), sequence_description=lists or None
            ):
                yield {**row[0], **row[1]} if isinstance(row, tuple) else row

    def read(self) -> int:
        return sum(build_columns(self._rows(), self.workload.features))

    def load(self, columns: dict[str, Any]) -> None:
        self._columns = [
            to_python_values(feature, columns[feature.name]) for feature in self.workload.features
        ]

    def write(self) -> int:
        rows = 0
        target: Path = self.target()
        writer = TFRecordWriter(str(target))
        for row in zip(*self._columns, strict=True):
            context, lists = {}, {}
            for feature, value in zip(self.workload.features, row, strict=True):
                (lists if feature.steps else context)[feature.name] = (value, _TYPES[feature.kind])
            writer.write(context, lists or None)
            rows += 1
        writer.close()
        return rows


PEER = TFRecord
