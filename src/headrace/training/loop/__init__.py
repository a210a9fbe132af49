"""The loop: batches, the step, the state of a training, and where it runs."""

from headrace.training.loop.allocator import reuse_freed_memory
from headrace.training.loop.state import TrainingState, is_finished

__all__ = ["TrainingState", "is_finished", "reuse_freed_memory"]
