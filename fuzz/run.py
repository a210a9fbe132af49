"""Build the fuzz targets and run each for a given time: `make fuzz`.

    python fuzz/run.py --seconds 60

Each target starts from its seeds, its findings (fuzz/findings/TARGET) and the corpus of earlier runs in
build/fuzz. An input that fails a target is added to the findings, which the ordinary tests replay.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from seeds import seeds

FUZZ = Path(__file__).resolve().parent
BUILD = FUZZ.parent / "build" / "fuzz"
FINDINGS = FUZZ / "findings"
PACKAGES = ("clang", "libclang-rt-dev")
OPTIONS = (
    "-print_final_stats=1",
    "-max_len=400",
    "-entropic=0",
    "-timeout=10",
    "-rss_limit_mb=1024",
    "-malloc_limit_mb=256",
)
# A small quarantine and no allocation stacks: both cost much of the speed.
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=8:malloc_context_size=1"}


class Result(NamedTuple):
    """The outcome of one target."""

    target: str
    executions: int
    edges: int
    log: Path
    failed: bool


def install_clang() -> None:
    """Install clang by apt-get unless it is available."""
    if shutil.which("clang++"):
        return
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=True)


def prepare(target: str) -> tuple[Path, Path]:
    """Create a target's corpus and findings folders, and write its seeds to the corpus."""
    corpus, findings = BUILD / "corpus" / target, FINDINGS / target
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    return corpus, findings


def run(target: str, seconds: int) -> Result:
    """Fuzz one target."""
    corpus, findings = prepare(target)
    log = BUILD / f"{target}.log"
    command = [
        BUILD / target,
        *OPTIONS,
        f"-max_total_time={seconds}",
        f"-artifact_prefix={findings}/",
        corpus,
        findings,
    ]
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=output, env=os.environ | SANITIZERS, check=False)
    text = log.read_text(errors="replace")
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    edges = re.findall(r" cov: (\d+)", text)
    return Result(
        target,
        int(executions[1]) if executions else 0,
        int(edges[-1]) if edges else 0,
        log,
        bool(done.returncode),
    )


def main() -> int:
    """Run the named targets, by default all; return 1 if one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "targets", nargs="*", default=sorted(path.stem for path in FUZZ.glob("targets/*.cpp"))
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    given = parser.parse_args()
    install_clang()
    jobs = os.cpu_count() or 1
    subprocess.run(["make", "--silent", f"--jobs={jobs}", "--directory", FUZZ], check=True)
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda target: run(target, given.seconds), given.targets))
    for result in results:
        verdict = f"FAILED, see {result.log}" if result.failed else "no failure"
        print(f"{result.target:16} {result.executions:>12,} executions {result.edges:>6,} edges   {verdict}")
    print(f"{'total':16} {sum(result.executions for result in results):>12,} executions")
    return int(any(result.failed for result in results))


if __name__ == "__main__":
    sys.exit(main())
