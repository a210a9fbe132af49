from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many values each execution was compared on with NumPy."""
    compared: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name.startswith("compared with "):
                compared[name.removeprefix("compared with ")] += value
    for runtime, count in compared.items():
        terminalreporter.write_line(f"ops: {count:,} values on NumPy = {runtime}")
