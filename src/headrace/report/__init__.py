"""HTML reports and plots of trainings."""

from headrace import extras

extras.require("torch", "matplotlib", "jinja2", extra="train", purpose="headrace.report")

from headrace.report.html import Samples, write_report
from headrace.report.plots import plot_learning_curves

__all__ = ["Samples", "plot_learning_curves", "write_report"]
