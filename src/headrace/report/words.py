"""Metrics as people write them."""

from __future__ import annotations

from headrace.report.plots import format_number

__all__ = ["format_metric", "format_score"]

_NAMES = {"rmse": "RMSE", "mae": "MAE", "auc": "AUC", "f1": "F1", "r2": "R²", "mape": "MAPE"}
_SHARES = ("accuracy", "auc", "balanced_accuracy", "f1", "precision", "recall", "average_precision")


def format_metric(name: str) -> str:
    """Return the name of a metric.

    >>> format_metric("rmse"), format_metric("log_loss")
    ('RMSE', 'log loss')
    """
    return _NAMES.get(name, name.replace("_", " "))


def format_score(value: float, name: str) -> str:
    """Return the value of a metric, shares in percent.

    >>> format_score(0.5, "accuracy"), format_score(0.5, "log_loss")
    ('50.00%', '0.5')
    """
    is_share = any(name == each or name.endswith(f"_{each}") for each in _SHARES) or name.startswith(
        "recall_"
    )
    return f"{value:.2%}" if is_share else format_number(value)
