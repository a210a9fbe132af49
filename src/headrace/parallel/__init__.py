"""Threads and processes: ordered maps, prefetching, a shared stream, the number of CPUs."""

from headrace.parallel.cpus import available_cpus
from headrace.parallel.ordered_map import ordered_map
from headrace.parallel.prefetch import prefetch
from headrace.parallel.process_map import process_map
from headrace.parallel.thread_pool import ThreadPool
from headrace.parallel.turnstile import Turnstile

__all__ = ["ThreadPool", "Turnstile", "available_cpus", "ordered_map", "prefetch", "process_map"]
