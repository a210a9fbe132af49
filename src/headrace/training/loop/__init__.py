"""The loop: batches, the step, the state of a training, and where it runs."""

from headrace.training.loop.state import TrainingState, is_finished
from headrace.training.loop.threads import use_threads

__all__ = ["TrainingState", "is_finished", "use_threads"]
