"""Training options for a table, by its label and the number of its rows."""

from __future__ import annotations

from headrace.inspection import Findings
from headrace.recipes.drafts.python_text import write_call, write_number

__all__ = ["count_training_rows", "has_many_rows", "write_measures", "write_options"]

_ROWS_IN_ALL = 400_000  # training rows over all epochs: what two CPUs take 15 to 20 seconds for
_FEWEST_EPOCHS, _MOST_EPOCHS = 8, 30
_MANY_ROWS = 5000  # in training
_ROWS_FOR_METRICS = 100  # of each class, or of all numbers, for further metrics to be defined in each part


def write_options(findings: Findings) -> str:
    """Write the training options of a recipe, as they stand in its call."""
    rows = count_training_rows(findings)
    epochs = max(_FEWEST_EPOCHS, min(_MOST_EPOCHS, _ROWS_IN_ALL // rows))
    rate = "1e-2" if findings.label.kind == "number" and has_many_rows(findings) else "3e-3"
    arguments = [f"epochs={epochs}", f"batch_size={_choose_batch_size(rows)}", f"learning_rate={rate}"]
    arguments += write_measures(findings)
    return write_call("    training=hr.training.Options(", arguments, "),")


def count_training_rows(findings: Findings) -> int:
    """Count the rows of the training part."""
    return max(1, int(0.7 * (findings.rows - findings.label.missing)))


def has_many_rows(findings: Findings) -> bool:
    """Whether a network hardly overfits on the training rows."""
    return count_training_rows(findings) >= _MANY_ROWS


def write_measures(findings: Findings) -> list[str]:
    """Write the options that say how the label is measured."""
    label = findings.label
    if label.kind == "number":
        enough = findings.rows - label.missing >= _ROWS_FOR_METRICS
        return [
            f"label_scale={write_number(label.deviation)}",
            *(['metrics=("mae", "r2")'] if enough else []),
        ]
    enough = min(label.counts.values()) >= _ROWS_FOR_METRICS
    enough = enough and findings.time_column is None and findings.group is None
    # The loss tells epochs apart that have the same accuracy.
    return ['monitor="loss"', *(['metrics=("auc", "balanced_accuracy")'] if enough else [])]


def _choose_batch_size(rows: int) -> int:
    return 32 if rows < 1000 else 64 if rows < 4000 else 128 if rows < 10_000 else 256
