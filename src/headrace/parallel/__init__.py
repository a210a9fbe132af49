"""Threads, processes and memory: ordered maps, prefetching, a shared stream, the number of CPUs."""

from headrace.parallel.arrow_memory import copy_to_arrow
from headrace.parallel.autotune import Tuner, autotuned_map
from headrace.parallel.cpus import available_cpus, divide_cpus
from headrace.parallel.freed_memory import return_freed_memory
from headrace.parallel.limit_spinning import limit_spinning
from headrace.parallel.ordered_map import map_on_threads, ordered_map
from headrace.parallel.prefetch import Depth, prefetch
from headrace.parallel.process_map import process_map
from headrace.parallel.reused_memory import allocate_array
from headrace.parallel.shared_pool import map_on_shared_threads
from headrace.parallel.thread_pool import ThreadPool
from headrace.parallel.turnstile import Turnstile

__all__ = [
    "Depth",
    "ThreadPool",
    "Tuner",
    "Turnstile",
    "allocate_array",
    "autotuned_map",
    "available_cpus",
    "copy_to_arrow",
    "divide_cpus",
    "limit_spinning",
    "map_on_shared_threads",
    "map_on_threads",
    "ordered_map",
    "prefetch",
    "process_map",
    "return_freed_memory",
]
