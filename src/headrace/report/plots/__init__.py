"""The plots of a report, as SVG documents or PNG files."""

from headrace.report.plots.curves import draw_calibration, draw_curves, draw_shares
from headrace.report.plots.learning_curves import draw_learning_curves, plot_learning_curves
from headrace.report.plots.numbers import draw_predicted_against_true, draw_residuals
from headrace.report.plots.style import CLASS_COLOURS, format_number
from headrace.report.plots.thumbnails import draw_thumbnail

__all__ = [
    "CLASS_COLOURS",
    "draw_calibration",
    "draw_curves",
    "draw_learning_curves",
    "draw_predicted_against_true",
    "draw_residuals",
    "draw_shares",
    "draw_thumbnail",
    "format_number",
    "plot_learning_curves",
]
