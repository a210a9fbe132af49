"""HTML reports and plots of training runs."""

from headrace import extras

extras.require("torch", "matplotlib", "jinja2", extra="train", purpose="headrace.report")

from headrace.report.html import Samples, SkewCheck, SkewRow, write_report

__all__ = ["Samples", "SkewCheck", "SkewRow", "write_report"]
