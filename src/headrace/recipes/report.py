"""The last step of a run: metrics on the test data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.training import evaluate

if TYPE_CHECKING:
    from headrace.recipes.run import Run

__all__ = ["write_report"]


def write_report(run: Run) -> None:
    metrics = evaluate(
        run.model, run.transformed("test"), label=run.recipe.label, label_scale=run.recipe.label_scale
    )
    (run.folder / "metrics.json").write_text(json.dumps(metrics))
