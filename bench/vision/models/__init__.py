"""Images a second through the same networks: Headrace, torchvision, timm and Keras, random weights.

`inference` is a pass forward in evaluation, `training` a whole step: forward, backward, SGD with momentum;
`predict` sets `exported`, what `headrace predict` runs, the file in ONNX Runtime, beside our own passes.
Every library does as its documentation tells its users. Our own model also runs in other ways: `fused`, the
memory it takes not kept; `eager`, as it is, its weights in channels-last memory order; `contiguous`, in
PyTorch's own order, which is what `predict` is measured by; `compiled`, `eager` through `torch.compile`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    bars = dict.fromkeys(model.peers, model.bar)
    sides = ["exported", "headrace", *model.choices, *model.peers]
    exported, *inferring = contest(event, sides, "inference", rounds)
    yield from _lines_of("inference", inferring, bars)
    own = [each for each in inferring if each.peer in model.choices]
    yield from _lines_of("predict", [exported, *own], {"contiguous": _PREDICT_BAR})
    choices = [each for each in model.choices if each not in ("fused", "eager")]  # the latter is how we train
    training = contest(event, ["headrace", *choices, *model.peers], "training", rounds)
    yield from _lines_of("training", training, bars)


def _lines_of(action: str, results: Sequence[Result], bars: Mapping[str, float]) -> Iterable[str]:
    """Ours first, then what it is measured by."""
    for each in results:
        yield _line(action, each, results[0], bars.get(each.peer))


def _line(action: str, result: Result, ours: Result, bar: float | None) -> str:
    parameters = f"{result.answer['parameters']:,.0f} parameters" if result.answer else ""
    return table_line(action, "images", result, ours.rate, bar, parameters)
