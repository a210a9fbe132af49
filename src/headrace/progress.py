"""Progress with rate and remaining time: a bar on a terminal, occasional plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

__all__ = ["Bar", "duration", "progress_bar"]


class Bar(Protocol):
    """The progress of a piece of work; see `progress_bar`."""

    def advance(self, amount: int, *, description: str | None = None, note: str | None = None) -> None:
        """Add `amount` to what is done; a description or note replaces the last one."""
        ...

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        ...


def duration(seconds: float) -> str:
    """Format seconds as `m:ss` or `h:mm:ss`.

    Example:
        >>> duration(75), duration(3675)
        ('1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _format_amount(amount: float, unit: str) -> str:
    """Format an amount: bytes as megabytes."""
    return f"{amount / 1e6:,.1f} MB" if unit == "bytes" else f"{amount:,.0f} {unit}"


class _Rate(ProgressColumn):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        rate = _format_amount(task.speed, self.unit) if task.speed else f"- {self.unit}"
        return Text(f"{rate}/s", style="cyan")


class _Amount(ProgressColumn):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        amounts = [task.completed] if task.total is None else [task.completed, task.total]
        return Text(
            "/".join(_format_amount(each, self.unit).removesuffix(f" {self.unit}") for each in amounts)
        )


class _Terminal:
    def __init__(self, progress: Progress, description: str, total: int | None, done: int) -> None:
        self.progress, self.note = progress, ""
        self.task = progress.add_task(description, total=total, completed=done, note="")

    def advance(self, amount: int, *, description: str | None = None, note: str | None = None) -> None:
        self.note = self.note if note is None else note
        self.progress.update(self.task, advance=amount, description=description, note=self.note)

    def say(self, line: str) -> None:
        self.progress.console.print(line, highlight=False, markup=False)


class _Lines:
    def __init__(
        self,
        console: Console,
        description: str,
        total: int | None,
        unit: str,
        done: int,
        every: float,
        clock: Callable[[], float],
    ) -> None:
        self.console, self.description, self.total, self.unit = console, description, total, unit
        self.done, self.started_with, self.note = done, done, ""
        self.every, self.clock = every, clock
        self.started = self.spoke = clock()

    def advance(self, amount: int, *, description: str | None = None, note: str | None = None) -> None:
        self.done += amount
        self.description = description or self.description
        self.note = self.note if note is None else note
        if self.clock() - self.spoke >= self.every:
            self.spoke = self.clock()
            self.say(self._line())

    def _line(self) -> str:
        rate = (self.done - self.started_with) / max(1e-9, self.spoke - self.started)
        done, speed = _format_amount(self.done, self.unit), _format_amount(rate, self.unit)
        parts = [self.description, done, f"{speed.removesuffix(f' {self.unit}')}/s"]
        if self.total is not None:
            total = _format_amount(self.total, self.unit)
            parts[1] = f"{done.removesuffix(f' {self.unit}')} of {total}"
            parts.append(f"{duration(max(0, self.total - self.done) / max(1e-9, rate))} left")
        return "  ".join([*parts, self.note]).rstrip()

    def say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def progress_bar(
    description: str,
    total: int | None,
    *,
    unit: str = "examples",
    done: int = 0,
    every: float = 10.0,
    console: Console | None = None,
    clock: Callable[[], float] = monotonic,
) -> Generator[Bar]:
    """Show the progress of a piece of work, its rate and the remaining time.

    Args:
        description: A name for the work.
        total: The amount of work; None if unknown.
        unit: The unit of amounts, in the plural; bytes are shown as megabytes.
        done: The amount done before; it does not count for the rate.
        every: Seconds between lines if the console is not a terminal.
        console: The console; standard error by default.
        clock: Returns monotonic seconds.

    Example:
        >>> with progress_bar("reading", 100, unit="rows") as bar:
        ...     bar.advance(100)
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(console, description, total, unit, done, every, clock)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        _Amount(unit),
        _Rate(unit),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Terminal(progress, description, total, done)
