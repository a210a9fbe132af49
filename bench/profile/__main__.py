"""Draw pipelines, and count the verdicts that are right."""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import bench.profile
from bench.profile.pipelines import TARGETS, Pipeline, draw
from bench.profile.truth import Truth, find_truth
from headrace.data.profiling import Profile

_SECONDS = 6.0  # of a profile, at most


@dataclass(frozen=True)
class Result:
    """A pipeline, what its bottleneck is, and what the profile says."""

    target: str
    pipeline: Pipeline
    truth: Truth
    profile: Profile

    @property
    def is_right(self) -> bool:
        """Whether the verdict names the part and the cause."""
        verdict, part = self.profile.verdict, self.truth.part
        if verdict.cause != part.cause:
            return False
        if part.name == "source":
            return verdict.part == self.profile.stages[0].name
        return verdict.part.startswith(part.name)


def judge_pipelines(seed: int, count: int) -> Iterator[Result]:
    """Draw pipelines until `count` have a known bottleneck, and profile these."""
    rng = np.random.default_rng(seed)
    found = number = 0
    while found < count:
        target = TARGETS[number % len(TARGETS)]
        number += 1
        with tempfile.TemporaryDirectory(prefix="headrace-bench-") as folder:
            pipeline = draw(rng, target, Path(folder))
            truth = find_truth(pipeline)
            if not truth.is_known or truth.part.name != pipeline.target:
                continue
            found += 1
            ds, model = pipeline.build()
            yield Result(target, pipeline, truth, ds.profile(seconds=_SECONDS, model=model))


def main() -> None:
    first = (bench.profile.__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.profile", description=first)
    parser.add_argument("--seed", type=int, required=True, help="draws the pipelines")
    parser.add_argument("--count", type=int, default=50, help="number of pipelines")
    parser.add_argument("--verbose", action="store_true", help="show the profiles that are wrong")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    right = 0
    for number, result in enumerate(judge_pipelines(options.seed, options.count), 1):
        right += result.is_right
        verdict, truth = result.profile.verdict, result.truth
        mark = "right" if result.is_right else "WRONG"
        print(f"{number:3} {mark} {result.pipeline}", flush=True)
        known = f"{truth.part.name} ({truth.part.cause}), {truth.lead:.1f}x the second"
        said = f"{verdict.part} ({verdict.cause}), {verdict.share:.0%}"
        print(f"    slow: {known}, {truth.gain:.1f}x as fast without; verdict: {said}", flush=True)
        if not result.is_right and options.verbose:
            print(result.profile)
            print({name: round(cost, 4) for name, cost in truth.costs.items()}, flush=True)
    print(f"seed {options.seed}: {right} of {options.count} named right")


if __name__ == "__main__":
    main()
