"""The number of CPUs that this process may use."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from math import ceil
from pathlib import Path

__all__ = ["available_cpus", "divide_cpus"]

_CGROUP_ROOT = Path("/sys/fs/cgroup")
_CGROUPS_OF_PROCESS = Path("/proc/self/cgroup")
_sharing = [1]  # processes that share the CPUs of this one


def available_cpus(cgroup_root: Path = _CGROUP_ROOT, cgroups: Path = _CGROUPS_OF_PROCESS) -> int:
    """Count the CPUs available to this process: its affinity, limited by its cgroup's quota.

    Inside `divide_cpus`, its share of them.

    Args:
        cgroup_root: Where the cgroup file systems (version 1 or 2) are mounted.
        cgroups: The file that lists the process's cgroups.

    Returns:
        At least 1; a quota is rounded up.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = _quota(cgroup_root, cgroups)
    return max(1, (cpus if quota is None else min(cpus, ceil(quota))) // _sharing[-1])


@contextmanager
def divide_cpus(processes: int) -> Generator[None]:
    """Divide the CPUs among processes inside a `with` block; the innermost block counts."""
    _sharing.append(processes)
    try:
        yield
    finally:
        _sharing.pop()


@cache
def _quota(root: Path, cgroups: Path) -> float | None:
    """Return the smallest quota, in CPUs, of the process's cgroups and their parents; None if unlimited."""
    folders = set(_folders(root, cgroups))
    quotas = [quota for folder in folders for quota in (_quota_v2(folder), _quota_v1(folder)) if quota]
    return min(quotas, default=None)


def _folders(root: Path, cgroups: Path) -> Iterator[Path]:
    """Yield the folders of the process's cgroups and their parents, as far as they are visible here."""
    yield root  # a container often sees its own cgroup as the root, under another name
    for line in (_read(cgroups) or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, name = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        mounts = [root / controllers, root / "cpu"] if controllers else [root, root / "unified"]
        parts = [part for part in name.split("/") if part not in ("", "..")]
        for mount in mounts:
            for depth in range(len(parts) + 1):
                yield mount.joinpath(*parts[:depth])


def _quota_v2(folder: Path) -> float | None:
    """Parse `cpu.max`: "QUOTA PERIOD" in microseconds, or "max PERIOD"."""
    quota, _, period = (_read(folder / "cpu.max") or "").strip().partition(" ")
    return _divide(quota, period)


def _quota_v1(folder: Path) -> float | None:
    """Parse `cpu.cfs_quota_us`, -1 for unlimited, and `cpu.cfs_period_us`."""
    quota = _read(folder / "cpu.cfs_quota_us") or ""
    return _divide(quota.strip(), (_read(folder / "cpu.cfs_period_us") or "").strip())


def _divide(quota: str, period: str) -> float | None:
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() and int(period) else None


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
