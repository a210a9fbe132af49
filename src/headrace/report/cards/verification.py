"""Whether the exported file gives the predictions of the trained model."""

from __future__ import annotations

from dataclasses import asdict

from headrace.report.card import Card
from headrace.report.contents import Contents

__all__ = ["show_verification"]


def show_verification(contents: Contents) -> list[Card]:
    """Show the verdict, and what differs."""
    verdict = contents.verdict
    if verdict is None:
        return []
    figures = {
        "passed": verdict.passed,
        "rows": verdict.rows,
        "outputs": [asdict(check) for check in verdict.outputs],
        "ways": list(verdict.ways) if verdict.trials else [],
        "batches": list(verdict.batches) if verdict.trials else [],
        "problems": list(verdict.problems),
        "notes": list(verdict.notes),
    }
    return [Card("verification", "Training path and exported model", figures, place="last")]
