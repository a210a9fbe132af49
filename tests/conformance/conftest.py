from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from .web import Browser, UnavailableError


@pytest.fixture(scope="session")
def _browser() -> Iterator[Browser | UnavailableError]:
    try:
        browser = Browser()
    except UnavailableError as why:
        yield why
    else:
        with browser:
            yield browser


@pytest.fixture
def browser(_browser: Browser | UnavailableError) -> Browser:
    """One Chromium for the whole session; skips the test if it is unavailable."""
    if isinstance(_browser, UnavailableError):
        pytest.skip(str(_browser))
    return _browser


@pytest.fixture
def any_browser(
    _browser: Browser | UnavailableError, record_property: pytest.FixtureRequest
) -> Browser | None:
    """One Chromium for the whole session, or None if it is unavailable."""
    if isinstance(_browser, Browser):
        return _browser
    record_property("no browser", str(_browser))
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of values on which each runtime was compared with NumPy."""
    compared: Counter[str] = Counter()
    missing: set[str] = set()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name.startswith("compared with "):
                compared[name.removeprefix("compared with ")] += value
            elif name == "no browser":
                missing.add(value)
    for runtime, count in compared.items():
        terminalreporter.write_line(f"ops: {count:,} values on NumPy = {runtime}")
    for reason in missing:
        terminalreporter.write_line(f"ops: nothing compared in a browser, {reason}")
