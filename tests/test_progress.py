from io import StringIO

import pytest
from rich.console import Console

from headrace.progress import duration, progress_bar


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_plain_lines_show_rate_and_time_left() -> None:
    out, clock = StringIO(), Clock()
    with progress_bar("epoch 1/3", 1000, done=100, console=Console(file=out), clock=clock, every=10) as bar:
        for _ in range(4):
            clock.now += 5
            bar.advance(100, note="loss 0.5")
        bar.say("done [ok]")
    assert out.getvalue().splitlines() == [
        "epoch 1/3  300 of 1,000 examples  20/s  0:35 left  loss 0.5",
        "epoch 1/3  500 of 1,000 examples  20/s  0:25 left  loss 0.5",
        "done [ok]",
    ]


def test_an_unknown_total_has_no_time_left() -> None:
    out, clock = StringIO(), Clock()
    with progress_bar("read", None, unit="rows", console=Console(file=out), clock=clock) as bar:
        clock.now = 10
        bar.advance(50)
    assert out.getvalue() == "read  50 rows  5/s\n"


def test_bytes_are_megabytes() -> None:
    out, clock = StringIO(), Clock()
    with progress_bar("download", 50_000_000, unit="bytes", console=Console(file=out), clock=clock) as bar:
        clock.now = 10
        bar.advance(30_000_000, description="data.zip")
    assert out.getvalue() == "data.zip  30.0 MB of 50.0 MB  3.0 MB/s  0:07 left\n"
    out = StringIO()
    with progress_bar(
        "download", 50_000_000, unit="bytes", console=Console(file=out, force_terminal=True, width=120)
    ) as bar:
        bar.advance(30_000_000)
    assert "30.0 MB/50.0 MB" in out.getvalue()


@pytest.mark.parametrize("total", [10, None])
def test_a_terminal_gets_a_bar(total: int | None) -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    with progress_bar("write", total, unit="rows", console=console) as bar:
        bar.advance(10, description="write train", note="shard 1")
        bar.say("halfway [ok]")
    assert "rows/s" in out.getvalue()
    assert "write train" in out.getvalue()
    assert "halfway [ok]" in out.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (75, "1:15"), (3675, "1:01:15")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
