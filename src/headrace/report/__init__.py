"""HTML reports and plots of trainings."""

from headrace import extras

extras.require("torch", "matplotlib", "jinja2", extra="train", purpose="headrace.report")

from headrace.report.contents import Contents, Part
from headrace.report.importance import ColumnImportance, Importance, measure_importance
from headrace.report.outcomes import Classes, Labels, Numbers, Outcome, Quantiles
from headrace.report.plots import plot_learning_curves
from headrace.report.read_outcomes import read_labels, read_outcomes
from headrace.report.write import write_report

__all__ = [
    "Classes",
    "ColumnImportance",
    "Contents",
    "Importance",
    "Labels",
    "Numbers",
    "Outcome",
    "Part",
    "Quantiles",
    "measure_importance",
    "plot_learning_curves",
    "read_labels",
    "read_outcomes",
    "write_report",
]
