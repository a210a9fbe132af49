"""Images per second through the same networks: Headrace, torchvision, timm and Keras, random weights.

`inference` is a forward pass in evaluation mode, `training` a full step: forward, backward, SGD update.
`predict` compares `exported`, the file in ONNX Runtime that `headrace predict` runs, with our own forward
passes. Each library is used as its documentation recommends. Our model also runs in other variants: `fused`,
without reuse of freed memory; `eager`, unfused, with weights in channels-last memory order; `contiguous`, in
PyTorch's default order, the baseline of `predict`; `compiled`, `eager` through `torch.compile`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.compare import Benchmark, Result, compare
from bench.transform.report import table_line
from bench.vision.models.workloads import WORKLOADS, Model

__all__ = ["lines"]

_PREDICT_TARGET = 1.2


def lines(cpus: int, rounds: int) -> Iterable[str]:
    """Yield the lines of all models."""
    for name, model in WORKLOADS.items():
        yield from _lines(Benchmark("vision.models", name, Path.cwd(), cpus), model, rounds)


def _lines(benchmark: Benchmark, model: Model, rounds: int) -> Iterable[str]:
    targets = dict.fromkeys(model.peers, model.target)
    peers = ["exported", "headrace", *model.variants, *model.peers]
    exported, *inference = compare(benchmark, peers, "inference", rounds)
    yield from _action_lines("inference", inference, targets)
    own = [each for each in inference if each.peer in model.variants]
    yield from _action_lines("predict", [exported, *own], {"contiguous": _PREDICT_TARGET})
    variants = [each for each in model.variants if each not in ("fused", "eager")]  # headrace trains as eager
    training = compare(benchmark, ["headrace", *variants, *model.peers], "training", rounds)
    yield from _action_lines("training", training, targets)


def _action_lines(action: str, results: Sequence[Result], targets: Mapping[str, float]) -> Iterable[str]:
    """Yield our line first, then the peers'."""
    for each in results:
        yield _line(action, each, results[0], targets.get(each.peer))


def _line(action: str, result: Result, ours: Result, target: float | None) -> str:
    parameters = f"{result.checks['parameters']:,.0f} parameters" if result.checks else ""
    return table_line(action, "images", result, ours.rate, target, parameters)
