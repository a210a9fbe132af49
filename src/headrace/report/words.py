"""Metrics as people write them."""

from __future__ import annotations

from headrace.report.plots import format_number

__all__ = ["format_metric", "format_score"]

_NAMES = {
    "auc": "AUC",
    "brier": "Brier score",
    "f1": "F1",
    "f1_micro": "F1 (micro)",
    "mae": "MAE",
    "mape": "MAPE",
    "median_ae": "median absolute error",
    "r2": "R²",
    "rmse": "RMSE",
}
_SHARES = ("accuracy", "auc", "exact_match", "f1", "f1_micro", "mape", "precision", "recall")


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
