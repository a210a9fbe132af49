"""The files of a training."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.storage import write_text

__all__ = ["TrainingPaths"]


@dataclass(frozen=True)
class TrainingPaths:
    """The paths of one training's files.

    Attributes:
        folder: The folder of all files.
    """

    folder: Path

    @property
    def state(self) -> Path:
        """The checkpoint that a killed training resumes from."""
        return self.folder / "state.safetensors"

    @property
    def best(self) -> Path:
        """Weights of the best epoch."""
        return self.folder / "best.safetensors"

    @property
    def last(self) -> Path:
        """Weights of the last epoch."""
        return self.folder / "last.safetensors"

    @property
    def history(self) -> Path:
        """Settings and one row of metrics per epoch, for people and other programs."""
        return self.folder / "history.json"

    @property
    def head(self) -> Path:
        """The numbers of the head that were fitted after the training."""
        return self.folder / "head.json"

    @property
    def profile(self) -> Path:
        """The profile of some steps."""
        return self.folder / "profile.json"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard event files."""
        return self.folder / "tensorboard"

    def clear(self) -> None:
        """Delete the files of the training, and no other file in the folder."""
        for file in (self.state, self.best, self.last, self.history, self.head, self.profile):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.tensorboard, ignore_errors=True)

    def write_history(self, settings: dict[str, Any], history: list[dict[str, float]]) -> None:
        """Write `history.json` atomically."""
        write_text(self.history, json.dumps({"settings": settings, "history": history}, indent=2) + "\n")
