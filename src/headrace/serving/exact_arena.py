"""Let the allocator of ONNX Runtime take no more memory than it needs."""

from __future__ import annotations

from functools import cache

import onnxruntime

__all__ = ["use_exact_arena"]

_FIRST_CHUNK = 1 << 16  # bytes


def use_exact_arena(options: onnxruntime.SessionOptions) -> None:
    """Let a session take memory in chunks of the sizes that it needs, not of powers of two.

    The sizes of photos differ from run to run, so what it would take for the next run is of little use.
    """
    _register_exact_arena()
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.use_env_allocators", "1")


@cache
def _register_exact_arena() -> None:
    """Register the allocator; only sessions that ask for it use it, and only once may it be registered."""
    sizes = {"arena_extend_strategy": 1, "initial_chunk_size_bytes": _FIRST_CHUNK}
    info = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(info, onnxruntime.OrtArenaCfg(sizes))
