"""Serve texts one by one and in batches, and print the ratios of CPU seconds and the peaks of memory."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import bench.serving_text
from bench.compare import Benchmark, PeerProcess, run_once
from bench.options import choose_subset
from bench.serving_text.model import WORKLOADS, prepare

_PEERS = ("headrace", "tensorflow")
_BATCHES = (1, 32, 256)
_ALLOWED = 1.5  # times TensorFlow's CPU seconds
_TOLERANCE = 1e-5  # of a probability


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench.serving_text", description=bench.serving_text.__doc__)
    parser.add_argument("--workloads", **choose_subset(list(WORKLOADS)))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the archives")
    parser.add_argument("--rounds", type=int, default=12, help="rounds of each peer")
    return parser.parse_args()


def _compare(benchmark: Benchmark, batch: int, rounds: int) -> float:
    """Time both peers in turn; print and return the ratio of their fewest CPU seconds."""
    with ExitStack() as stack:
        processes = [stack.enter_context(PeerProcess(peer, benchmark)) for peer in _PEERS]
        passes = [
            [process.run_pass(str(batch)) for process in processes]
            for _ in range(rounds * max(1, 64 // batch))
        ]
    answers = [peer["checks"]["yes"] / batch for peer in passes[-1]]
    if abs(answers[0] - answers[1]) > _TOLERANCE:
        raise SystemExit(f"the answers differ: {answers[0]} and {answers[1]}")
    ours, theirs = (min(each[place]["cpu_seconds"] for each in passes) / batch * 1e6 for place in (0, 1))
    print(
        f"{benchmark.workload:<10} {batch:>5} {ours:>10.0f} {theirs:>10.0f} {ours / theirs:>7.2f}", flush=True
    )
    return ours / theirs


def _print_peaks(benchmark: Benchmark) -> None:
    peaks: list[float] = []
    for peer in _PEERS:
        with PeerProcess(peer, benchmark) as process:
            before = process.run_pass("1")["peak_mb"]
            peaks.append(process.run_pass("long")["peak_mb"] - before)
    print(
        f"peak memory of a text of 200,000 words and 255 short ones: +{peaks[0]:.0f} MB, +{peaks[1]:.0f} MB"
    )


def main() -> None:
    options, slow = _options(), False
    print(f"{'texts':<10} {'batch':>5} {'CPU us each':>10} {'TensorFlow':>10} {'ratio':>7}")
    for workload in options.workloads:
        archive = WORKLOADS[workload].archive
        if archive is not None and not (options.data / archive).is_file():
            print(f"{workload}: {options.data / archive} is not here")
            continue
        with tempfile.TemporaryDirectory(prefix="headrace-bench-") as folder:
            directory = Path(folder)
            prepare(directory, WORKLOADS[workload], options.data)
            benchmark = Benchmark("serving_text", workload, directory, 1)
            for peer in _PEERS:
                run_once(benchmark, peer, "export")
            slow |= any(_compare(benchmark, batch, options.rounds) > _ALLOWED for batch in _BATCHES)
            _print_peaks(benchmark)
    if slow:
        raise SystemExit(f"more than {_ALLOWED} times TensorFlow's CPU seconds")


if __name__ == "__main__":
    main()
