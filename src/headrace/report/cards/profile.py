"""Where the steps of the training that were profiled spent their time."""

from __future__ import annotations

from headrace.report.card import Card
from headrace.report.contents import Contents
from headrace.report.plots.style import render_svg

__all__ = ["show_profile"]


def show_profile(contents: Contents) -> list[Card]:
    """Show the share of each stage, the rates, and the verdict."""
    profile = contents.profile
    if profile is None:
        return []
    stages = [
        {
            "name": each.name,
            "seconds": each.seconds,
            "share": each.share,
            "rows_per_second": each.rows_per_second,
            "queue_fill": each.queue_fill,
        }
        for each in profile.stages
    ]
    figures = {
        "headline": profile.headline,
        "model_wait": profile.model_wait,
        "slowest": profile.verdict.part,
        "cause": profile.verdict.cause,
        "verdict": str(profile.verdict).splitlines(),
        "stages": stages,
    }
    pictures = {"profile": render_svg(profile.draw())}
    return [Card("profile", "Where the steps spent their time", figures, pictures, place="wide")]
