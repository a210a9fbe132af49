"""The summary that `headrace run` prints at the end."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from headrace.cli.verify import print_verdict
from headrace.progress import duration
from headrace.recipes import Run
from headrace.training import FitResult

__all__ = ["print_summary"]


def print_summary(run: Run, result: FitResult) -> None:
    """Print metrics, training rate, seconds of each step, the verdict on skew, and the paths of the results."""
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2))
    for name, value in run.read_metrics().items():
        table.add_row(f"test {name}", f"[bold]{_number(name, value)}[/bold]")
    table.add_row("parameters", f"{result.parameters:,}")
    table.add_row("best epoch", f"{result.best_epoch} of {result.epochs}")
    wait = f"waited {result.data_wait:.0%} of the time for data"
    table.add_row("training rate", f"{result.examples_per_second:,.0f} examples/s, {wait}")
    steps = ", ".join(f"{name} {duration(seconds)}" for name, seconds in run.journal.seconds.items())
    table.add_row("time", f"{duration(sum(run.journal.seconds.values()))} ({steps})")
    console.print()
    console.print(table)
    console.print()
    if result.profile is not None:
        console.print(str(result.profile), markup=False, soft_wrap=True)
        console.print()
    elif run.training.profile:
        console.print("no step was profiled: the training is finished; start over with --fresh\n")
    print_verdict(run.read_verdict(), console)
    console.print(f"\nreport  {run.folder / 'report.html'}\nmodel   {run.onnx}", soft_wrap=True)


def _number(name: str, value: float) -> str:
    return f"{value:.2%}" if name == "accuracy" else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
