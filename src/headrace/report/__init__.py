"""HTML reports and plots of training runs."""

from headrace.report.html import Samples, SkewCheck, SkewRow, write_report

__all__ = ["Samples", "SkewCheck", "SkewRow", "write_report"]
