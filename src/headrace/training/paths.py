"""Where a training keeps its files."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["RunFiles"]


@dataclass(frozen=True)
class RunFiles:
    """The files of one training.

    Attributes:
        folder: Holds them all.
    """

    folder: Path

    @property
    def state(self) -> Path:
        """What a killed training goes on from."""
        return self.folder / "state.safetensors"

    @property
    def best(self) -> Path:
        """The best epoch's weights."""
        return self.folder / "best.safetensors"

    @property
    def last(self) -> Path:
        """The last epoch's weights."""
        return self.folder / "last.safetensors"

    @property
    def history(self) -> Path:
        """Settings and one row of metrics an epoch, for people and other programs."""
        return self.folder / "history.json"

    @property
    def tensorboard(self) -> Path:
        """Scalars for TensorBoard."""
        return self.folder / "tensorboard"

    def clear(self) -> None:
        """Delete them all, and nothing else in the folder."""
        for file in (self.state, self.best, self.last, self.history):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.tensorboard, ignore_errors=True)

    def write_history(self, settings: dict[str, Any], history: list[dict[str, float]]) -> None:
        """Write `history`, under a temporary name first."""
        temporary = self.history.with_name(f".{self.history.name}.part")
        temporary.write_text(json.dumps({"settings": settings, "history": history}, indent=2) + "\n")
        temporary.replace(self.history)
