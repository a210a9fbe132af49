"""Images a second through the same networks: Headrace, torchvision, timm and Keras, random weights.

`inference` is a pass forward in evaluation, `training` a whole step: forward, backward, SGD with momentum;
`predict` is what `headrace predict` runs, the exported file in ONNX Runtime, against our own model in eager
PyTorch. Every library does as its documentation tells its users; `contiguous` and `compiled` are our own
model, run in other ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.contest import Event, Result, contest
from bench.transform.report import table_line
from bench.vision.models.workloads import WORKLOADS, Model

__all__ = ["lines"]

_PREDICT_BAR = 1.2


def lines(processors: int, rounds: int) -> Iterable[str]:
    """The lines of all models, as they come."""
    for name, model in WORKLOADS.items():
        yield from _lines(Event("vision.models", name, Path.cwd(), processors), model, rounds)


def _lines(event: Event, model: Model, rounds: int) -> Iterable[str]:
    for action in ("inference", "training"):
        ours, *others = contest(event, ["headrace", *model.choices, *model.peers], action, rounds)
        yield _line(action, ours, ours, None)
        yield from (
            _line(action, each, ours, model.bar if each.peer in model.peers else None) for each in others
        )
        if action == "inference":
            (file,) = contest(event, ["headrace"], "predict", rounds)
            eager = Result("eager", ours.rate, ours.seconds, ours.peak_mb)
            yield _line("predict", file, file, None)
            yield _line("predict", eager, file, _PREDICT_BAR)


def _line(action: str, result: Result, ours: Result, bar: float | None) -> str:
    parameters = f"{result.answer['parameters']:,.0f} parameters" if result.answer else ""
    return table_line(action, "images", result, ours.rate, bar, parameters)
