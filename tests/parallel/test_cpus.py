"""CPUs are counted by affinity and by the cgroup's quota."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headrace.parallel import available_cpus

AFFINITY = len(os.sched_getaffinity(0))


def cpus(root: Path, cgroups: str, files: dict[str, str]) -> int:
    for name, text in files.items():
        path = root / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "cgroup").write_text(cgroups)
    return available_cpus(root / "fs", root / "cgroup")


@pytest.mark.parametrize(
    ("cgroups", "files", "expected"),
    [
        ("0::/\n", {}, AFFINITY),
        ("0::/\n", {"cpu.max": "max 100000\n"}, AFFINITY),
        ("0::/\n", {"cpu.max": "100000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "20000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, min(2, AFFINITY)),
        ("0::/\n", {"cpu.max": "10000000 100000\n"}, AFFINITY),
        ("0::/a/b\n", {"a/cpu.max": "100000 100000\n", "a/b/cpu.max": "max 100000\n"}, 1),
        ("4:cpu,cpuacct:/a\n", {"cpu,cpuacct/a/cpu.cfs_quota_us": "50000\n",
                                "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"}, 1),
        ("4:cpu:/a\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, AFFINITY),
        ("4:cpu:/docker/1\n", {"cpu/cpu.cfs_quota_us": "100000\n",
                               "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ("3:memory:/a\n", {"memory/a/cpu.max": "1000 100000\n"}, AFFINITY),
        ("0::/\n", {"cpu.max": "garbage"}, AFFINITY),
        ("garbage", {"cpu.max": "100000 0"}, AFFINITY),
    ],
)  # fmt: skip
def test_a_quota_limits_the_affinity(
    tmp_path: Path, cgroups: str, files: dict[str, str], expected: int
) -> None:
    assert cpus(tmp_path, cgroups, files) == expected


def test_this_process_has_a_cpu() -> None:
    assert 1 <= available_cpus() <= AFFINITY
