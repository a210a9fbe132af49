"""What a report is written from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.profiling import Profile
from headrace.errors import UsageError
from headrace.report.outcomes import Outcome

if TYPE_CHECKING:
    from headrace.deploy import Verdict
    from headrace.report.importance import Importance
    from headrace.training import FitResult

__all__ = ["Contents", "Part"]


@dataclass(frozen=True)
class Part:
    """A part of the data: "train", "validation" or "test".

    Attributes:
        rows: The number of its rows.
        labels: Label to the values of all rows, as the outcome of that name has them.
        paths: The files and folders that it was read from; none if it did not come from files.
        fingerprint: The digest of these data.
    """

    rows: int
    labels: Mapping[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])
    paths: Sequence[str] = ()
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a report shows; a card whose contents are missing is left out.

    Attributes:
        title: The heading of the page.
        result: The training.
        subtitle: A sentence about data and model.
        outcomes: What the model says about the test rows.
        parts: The parts of the data by name.
        read_rows: Reads raw rows of the test data by their numbers, for the hardest examples.
        image: The raw column of images, of arrays or of files.
        importance: How much worse the model is without each column, or why that was not measured.
        settings: The settings of the training.
        command: The command that does the run again.
        steps: Seconds of each step of the run, in order.
        throughput: Other measurements, name to text ("Example parser": "3.7 M examples/s").
        profile: Where steps of the training spent their time.
        verdict: The result of `hr.deploy.verify`.
        artefacts: Files of the run, name to path.
    """

    title: str
    result: FitResult
    subtitle: str = ""
    outcomes: Sequence[Outcome] = ()
    parts: Mapping[str, Part] = field(default_factory=dict[str, Part])
    read_rows: Callable[[Sequence[int]], pa.Table] | None = None
    image: str | None = None
    importance: Importance | str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    command: str = ""
    steps: Mapping[str, float] = field(default_factory=dict[str, float])
    throughput: Mapping[str, str] = field(default_factory=dict[str, str])
    profile: Profile | None = None
    verdict: Verdict | None = None
    artefacts: Mapping[str, str] = field(default_factory=dict[str, str])

    def check(self) -> Contents:
        """Check that the outcomes have names of their own and rows.

        Raises:
            UsageError: They do not.
        """
        names = [each.name for each in self.outcomes]
        if len(set(names)) < len(names):
            raise UsageError(f"two outcomes have the name {max(names, key=names.count)!r}", hint="rename one")
        for each in self.outcomes:
            if not each.rows:
                raise UsageError("the predictions have no rows", hint="predict the rows of the test data")
        return self

    def labels_of(self, part: str, outcome: Outcome) -> NDArray[Any] | None:
        """Return the labels of a part, if they are known."""
        found = self.parts[part].labels.get(outcome.name) if part in self.parts else None
        return None if found is None else np.asarray(found)
