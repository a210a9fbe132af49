"""The result of profiling a pipeline."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.data.profiling.meters import Span
from headrace.data.profiling.stage_profile import StageProfile
from headrace.data.profiling.trace import write_trace
from headrace.data.profiling.verdict import Verdict
from headrace.errors import UsageError
from headrace.json_fields import read_value
from headrace.storage import local_target, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Profile"]

FORMAT = "headrace profile 1"


@dataclass(frozen=True)
class Profile:
    """Where a pipeline spends its time; `print` shows it on one screen.

    Attributes:
        stages: The source, the stages, and what follows them, in order.
        verdict: What limits the rate, and the change that helps.
        rows: Rows that came out.
        batches: Batches that came out.
        bytes: Bytes that came out.
        seconds: Seconds of the clock in which they did.
        model_wait: The share of `seconds`, 0 to 1, in which the model, or the loop that iterates, waited.
        cpus: CPUs that this process may use.
        is_complete: Whether an epoch ended within the limits.
        first_batch_seconds: Seconds of the clock until the first batch; files are opened in them, and types
            inferred.
        steps: The first and the last step of a training that was measured; None of a dataset.
        first_epoch: The profile of filling the cache, if there is one that was empty.
        spans: Pieces of work, for `trace`: at most 20,000.
        threads: Thread identifier to name, of the spans.
        fills: Queue to moments and the batches in it then, for `trace`.
    """

    stages: tuple[StageProfile, ...]
    verdict: Verdict
    rows: int
    batches: int
    bytes: int
    seconds: float
    model_wait: float
    cpus: int
    is_complete: bool
    first_batch_seconds: float | None = None
    steps: tuple[int, int] | None = None
    first_epoch: Profile | None = None
    spans: Sequence[Span] = field(default=(), repr=False)
    threads: dict[int, str] = field(default_factory=dict[int, str], repr=False)
    fills: dict[str, list[tuple[float, int]]] = field(default_factory=dict[str, Any], repr=False)

    def __str__(self) -> str:
        """Show the profile on one screen."""
        lines = [self.headline, "", *self._table(), "", str(self.verdict)]
        first = self.first_epoch
        if first is not None:
            rate = f"ran at {first.rows_per_second:,.0f} rows/s"
            lines += ["", f"The first epoch, which fills the cache, {rate}. {first.verdict}"]
        return "\n".join(lines)

    @property
    def rows_per_second(self) -> float:
        """Rows per second of the clock."""
        return self.rows / max(self.seconds, 1e-9)

    @property
    def megabytes_per_second(self) -> float:
        """Megabytes (10^6 bytes) per second of the clock."""
        return self.bytes / 1e6 / max(self.seconds, 1e-9)

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draw the shares and rates as a picture: .png, .svg or .pdf.

        Raises:
            DependencyError: matplotlib is not installed.
            UsageError: The extension is another one, or the folder does not exist.
        """
        from headrace.data.profiling.picture import plot_profile  # loads matplotlib

        plot_profile(local_target(path), self.stages, self.headline, self.verdict)

    def draw(self) -> Figure:
        """Draw the picture of `plot` as a figure of matplotlib.

        Raises:
            DependencyError: matplotlib is not installed.
        """
        from headrace.data.profiling.picture import draw_profile  # loads matplotlib

        return draw_profile(self.stages, self.headline, self.verdict)

    def trace(self, path: str | os.PathLike[str]) -> None:
        """Write what ran when on which thread, as a Chrome trace of at most 4 MB.

        https://ui.perfetto.dev and chrome://tracing open it. A name that ends with .gz compresses it.

        Raises:
            UsageError: The folder does not exist.
        """
        write_trace(local_target(path), self.spans, self.threads, self.fills)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, without the pieces of work."""
        bare = replace(self, spans=(), threads={}, fills={}, first_epoch=None)
        values = {name: value for name, value in asdict(bare).items() if name not in _TRACED}
        first = None if self.first_epoch is None else self.first_epoch.to_json()
        return {"format": FORMAT, **values, "first_epoch": first}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the figures as JSON; `Profile.load` reads them."""
        write_text(local_target(path), json.dumps(self.to_json(), indent=1) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Profile:
        """Read figures that `save` wrote.

        Raises:
            UsageError: The file does not exist, or holds anything else.
        """
        try:
            stored = json.loads(Path(path).read_text(encoding="utf-8"))
            if not isinstance(stored, dict) or stored.get("format") != FORMAT:
                raise ValueError
            return _read(stored)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            what = f"expected a file of the format '{FORMAT}'"
            raise UsageError(what, path=str(path), hint="profile again") from error

    @property
    def headline(self) -> str:
        """Rows, seconds and rates, in one line."""
        what = "" if self.steps is None else f"steps {self.steps[0]} to {self.steps[1]}: "
        end = "" if self.is_complete or self.steps is not None else ", stopped before the end of the epoch"
        if self.first_batch_seconds is not None:
            end += f"; first batch after {self.first_batch_seconds:.2g} s"
        return (
            f"{what}{self.rows:,} rows in {self.seconds:.3g} s: {self.rows_per_second:,.0f} rows/s, "
            f"{self.megabytes_per_second:,.1f} MB/s, on {self.cpus} CPU{'s' if self.cpus > 1 else ''}{end}"
        )

    def _table(self) -> list[str]:
        rows = [["stage", "own time", "share", "rows/s", "MB/s", "threads", ""]]
        for each in self.stages:
            is_idle = each.seconds < 1e-5
            rate = "" if is_idle else f"{each.rows_per_second:,.0f}"
            speed = "" if is_idle else f"{each.megabytes_per_second:,.1f}"
            note = "" if each.queue_fill is None else f"queue {each.queue_fill:.0%} full"
            if each.name == "model":
                speed, note = "", f"waited {self.model_wait:.0%} of the time for data"
            name = f"> {each.name}" if each.name == self.verdict.part else f"  {each.name}"
            rows.append(
                [name, _seconds(each.seconds), f"{each.share:.0%}", rate, speed, str(each.threads), note]
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return ["  ".join(_align(row, widths)).rstrip() for row in rows]


_TRACED = ("spans", "threads", "fills", "first_epoch")


def _read(stored: dict[str, Any]) -> Profile:
    first = stored.get("first_epoch")
    values = {name: value for name, value in stored.items() if name not in ("format", *_TRACED)}
    figures = {name: values.pop(name) for name in ("stages", "verdict", "steps")}
    read: Any = read_value
    return Profile(
        stages=tuple(read(each, StageProfile) for each in figures["stages"]),
        verdict=read(figures["verdict"], Verdict),
        steps=None if figures["steps"] is None else (int(figures["steps"][0]), int(figures["steps"][1])),
        first_epoch=None if first is None else _read(first),
        **values,
    )


def _align(row: list[str], widths: list[int]) -> list[str]:
    last = len(row) - 1
    return [
        text.ljust(width) if number in (0, last) else text.rjust(width)
        for number, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"
