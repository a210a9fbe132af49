"""MLServer: a request of the Open Inference Protocol, decoded, run and encoded in this process."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnxruntime
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

from bench.peer import PassResult, Peer
from bench.predict.workload import DICTS, REQUEST_ROWS, WORKLOADS, Files

__all__ = ["PEER"]


class MLServer(Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:  # noqa: ARG002
        files = Files(self.directory, self.workload)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            files.model, options, providers=["CPUExecutionProvider"]
        )
        self._strings = {each.name: each.type == "tensor(string)" for each in self._session.get_inputs()}
        rows = files.read_request()
        self._request = self._write_request(rows)
        self._ones = [self._write_request([row]) for row in rows]

    def run(self, action: str) -> PassResult:
        if action == "request":
            reply = self._answer(self._request)
            return PassResult(REQUEST_ROWS, lambda: {"answers": self._sum(reply)})
        replies = [self._answer(self._ones[number % REQUEST_ROWS]) for number in range(DICTS)]
        return PassResult(DICTS, lambda: {"answers": sum(map(self._sum, replies))})

    def _answer(self, text: str) -> str:
        request = InferenceRequest.model_validate_json(text)
        feeds = dict[str, Any]()
        for each in request.inputs:
            if self._strings[each.name]:
                feeds[each.name] = np.array(StringCodec.decode_input(each), object)
            else:
                feeds[each.name] = NumpyCodec.decode_input(each).reshape(-1)
        values = self._session.run(None, feeds)[0]
        output = NumpyCodec.encode_output("median_house_value", values)
        return InferenceResponse(model_name="housing", outputs=[output]).model_dump_json()

    def _write_request(self, rows: list[dict[str, Any]]) -> str:
        inputs = list[dict[str, Any]]()
        for name, is_string in self._strings.items():
            values = [row[name] for row in rows]
            if is_string:
                inputs.append({"name": name, "shape": [len(rows)], "datatype": "BYTES", "data": values})
            else:  # the protocol has no number for a missing value
                numbers = [0.0 if value is None else value for value in values]
                inputs.append({"name": name, "shape": [len(rows)], "datatype": "FP32", "data": numbers})
        return json.dumps({"inputs": inputs})

    @staticmethod
    def _sum(reply: str) -> float:
        return float(sum(json.loads(reply)["outputs"][0]["data"]))


PEER = MLServer
