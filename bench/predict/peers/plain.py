"""A loop around ONNX Runtime, written for this one model: it checks nothing, and writes no file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
from pyarrow import csv

from bench.peer import PassResult, Peer
from bench.predict.workload import DICTS, REQUEST_ROWS, WORKLOADS, Files

__all__ = ["PEER"]

_BATCH = 4096


class Plain(Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        self._files = Files(self.directory, self.workload)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            self._files.model, options, providers=["CPUExecutionProvider"]
        )
        self._types = {
            each.name: object if each.type == "tensor(string)" else np.float32
            for each in self._session.get_inputs()
        }
        self._text = self._files.request.read_text()
        rows = self._files.read_request()
        self._feeds = [self._make_feeds([rows[number % REQUEST_ROWS]]) for number in range(DICTS)]

    def run(self, action: str) -> PassResult:
        return {"csv": self._read_csv, "one dict": self._run_dicts, "request": self._run_request}[action]()

    def _read_csv(self) -> PassResult:
        types = {
            name: pa.string() if dtype is object else pa.float32() for name, dtype in self._types.items()
        }
        options = csv.ConvertOptions(include_columns=list(types), column_types=types)
        total = 0.0
        for chunk in csv.open_csv(
            self._files.table, csv.ReadOptions(block_size=4 << 20), convert_options=options
        ):
            for start in range(0, chunk.num_rows, _BATCH):
                batch = chunk.slice(start, _BATCH)
                feeds = {name: batch[name].to_numpy(zero_copy_only=False) for name in types}
                total += float(self._session.run(None, feeds)[0].sum(dtype=np.float64))
        return PassResult(self.workload, lambda: {"answers": total})

    def _run_dicts(self) -> PassResult:
        """Run the session alone, on tensors that are there."""
        total = sum(float(self._session.run(None, feeds)[0][0]) for feeds in self._feeds)
        return PassResult(DICTS, lambda: {"answers": total})

    def _run_request(self) -> PassResult:
        feeds = self._make_feeds(json.loads(self._text))
        values = self._session.run(None, feeds)[0].tolist()
        reply = json.dumps([{"median_house_value": value} for value in values])
        return PassResult(
            REQUEST_ROWS, lambda: {"answers": sum(each["median_house_value"] for each in json.loads(reply))}
        )

    def _make_feeds(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype)
            for name, dtype in self._types.items()
        }


PEER = Plain
