"""Headrace: the exported model in ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import torch
from torch import nn

import headrace as hr
from bench.peer import PassResult, Peer
from bench.serving_text.model import WORKLOADS, Parts, read


def _export(parts: Parts, path: str) -> None:
    layer = hr.layers.TextVectorization(vocabulary=parts.vocabulary)
    transform = hr.transform.analyze(lambda x: {"words": layer(x["text"])}, {"text": parts.texts[:2]})
    bag, linear = hr.nn.BagOfEmbeddings(*parts.embeddings.shape), nn.Linear(*parts.layer.shape, bias=False)
    with torch.no_grad():
        bag.weight.copy_(torch.from_numpy(parts.embeddings))
        linear.weight.copy_(torch.from_numpy(parts.layer.T))
    hr.deploy.export(path, transform=transform, model=nn.Sequential(bag, linear), head=hr.deploy.Classifier())


class Headrace(Peer):
    workloads = WORKLOADS

    def prepare(self, action: str) -> None:
        parts, path = read(self.directory), str(self.directory / "model.onnx")
        if action == "export":
            _export(parts, path)
            return
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = self.cpus
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._texts = np.array(parts.batch(action), object)

    def run(self, action: str) -> PassResult:
        if action == "export":
            return PassResult(0)
        (found,) = self._session.run(["probabilities"], {"text": self._texts})
        return PassResult(len(found), lambda: {"yes": float(found[:, 0].sum(dtype=np.float64))})


PEER = Headrace
