"""The result of a verification."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Difference", "OutputCheck", "Trial", "Verdict"]


_NAMES = {"transform": "transform, or one with other statistics or vocabularies", "weights": "set of weights"}


@dataclass(frozen=True)
class OutputCheck:
    """The comparison of one output over all rows.

    Attributes:
        output: The name of the output.
        values: Number of compared values.
        largest_difference: Largest |deployed - trained| / max(scale, |trained|) of floats that are finite on
            both sides; 0 for other types. The scale is 1 for probabilities; for numbers what the rounding of
            float32 makes of them, or a tenth of their root mean square if that is more; all of it where the
            network cannot compute in float64.
        mismatches: Number of labels, strings and integers that differ, and of floats that differ by more than
            the tolerance or are NaN or infinite on one side only. A label that differs where the best classes
            tie, within the tolerance, is not a mismatch.
        tolerance: Largest accepted difference of floats; 0 for types that must be identical.
        not_finite: Number of values of the training path that are NaN or infinite.
    """

    output: str
    values: int
    largest_difference: float
    mismatches: int
    tolerance: float
    not_finite: int = 0


@dataclass(frozen=True)
class Difference:
    """A row whose answers differ; all values as short texts.

    Attributes:
        feeding: How the row was fed, such as "Arrow, 256 rows".
        row: The number of the row in the data, from 0; None for a row that the verification made.
        inputs: Column name to value.
        output: The output that differs.
        expected: Its value in the training path.
        found: Its value in the deployed model.
    """

    feeding: str
    row: int | None
    inputs: dict[str, str]
    output: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = "a made row" if self.row is None else f"row {self.row:,}"
        inputs = ", ".join(f"{name}={value}" for name, value in self.inputs.items())
        answers = f"{self.output}: expected {self.expected}, got {self.found}"
        return f"{place} ({self.feeding}): {answers}; inputs {inputs}"


@dataclass(frozen=True)
class Trial:
    """A few rows, fed in one way.

    Attributes:
        way: The way of feeding, such as "CSV"; "PyTorch" is the training path on these rows without others.
        rows: What the rows are, such as "1 row, all missing".
        outcome: "equal"; "differs"; "failed": an error of the model; "refused": an error that says what is
            wrong with the rows; "skipped": the training path or this way cannot take the rows; "undefined":
            the training path has no finite answer for rows that the verification made.
        reason: Why, unless equal.
    """

    way: str
    rows: str
    outcome: str
    reason: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the answers are those of the training path, or refused."""
        return self.outcome not in ("differs", "failed")


@dataclass(frozen=True, repr=False)
class Verdict:
    """The comparison of a deployed model with the training path.

    Attributes:
        model: The ONNX file.
        rows: Number of compared rows.
        outputs: One check per output, over all rows.
        trials: Rows alone, in odd batches, with missing values, and in every way of feeding.
        differences: The first rows whose answers differ.
        other_parts: The parts ("transform", "weights", "head") that are not those that the file was exported
            from, by the digests in its signature.
    """

    model: str
    rows: int
    outputs: list[OutputCheck]
    trials: list[Trial] = field(default_factory=list[Trial])
    differences: list[Difference] = field(default_factory=list[Difference])
    other_parts: list[str] = field(default_factory=list[str])

    @property
    def passed(self) -> bool:
        """Whether every output agrees, and every trial, and the file was exported from the given parts.

        An output of which no value is finite is not an answer, whether or not both sides agree.
        """
        has_skew = any(map(_is_wrong, self.outputs)) or bool(self.other_parts)
        return not has_skew and all(trial.passed for trial in self.trials)

    @property
    def ways(self) -> list[str]:
        """The ways of feeding of which a trial gave the answers of the training path."""
        equal = [each.way for each in self.trials if each.outcome == "equal" and each.way != "PyTorch"]
        return list(dict.fromkeys(equal))

    @property
    def batches(self) -> list[str]:
        """The batches of which a trial gave the answers of the training path."""
        return list(dict.fromkeys(each.rows for each in self.trials if each.outcome == "equal"))

    @property
    def problems(self) -> list[str]:
        """One line per output, trial and row that differ."""
        outputs = [
            f"{each.output}: {each.mismatches:,} of {each.values:,} values differ"
            if each.mismatches
            else f"{each.output}: no value is finite, in PyTorch neither; check weights and features"
            for each in self.outputs
            if _is_wrong(each)
        ]
        trials = [
            f"{each.way}, {each.rows}: {each.outcome} ({each.reason})"
            for each in self.trials
            if not each.passed
        ]
        parts = [f"the file was exported from another {_NAMES.get(each, each)}" for each in self.other_parts]
        return [*parts, *outputs, *trials, *map(str, self.differences)]

    @property
    def notes(self) -> list[str]:
        """One line per output with NaN, and per reason for which rows could not be compared."""
        noted = [each for each in self.trials if each.outcome in ("refused", "undefined")]
        noted += [each for each in self.trials if each.outcome == "skipped" and each.rows != "0 rows"]
        reasons = dict.fromkeys((each.way, each.outcome, each.reason) for each in noted)
        trials = [f"{way}: {outcome} ({str(reason).rstrip('.')})" for way, outcome, reason in reasons]
        return [*self._note_not_finite(), *trials]

    def _note_not_finite(self) -> list[str]:
        return [
            f"{each.output}: {each.not_finite:,} of {each.values:,} values are NaN or infinite"
            for each in self.outputs
            if each.not_finite
        ]

    def __repr__(self) -> str:
        word = "no skew" if self.passed else "SKEW"
        head = f"{word}: {self.model}, {self.rows:,} rows and {len(self.trials):,} trials"
        return "\n  ".join([head, *self.problems, *self._note_not_finite()])


def _is_wrong(check: OutputCheck) -> bool:
    return bool(check.mismatches) or 0 < check.values == check.not_finite
