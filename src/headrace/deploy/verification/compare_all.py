"""All rows of the data, then odd batches of a few of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from headrace.deploy.signature import digest_parts
from headrace.deploy.verification.compare import compare, merge
from headrace.deploy.verification.differences import find_differences
from headrace.deploy.verification.odd_batches import Sample, make_odd_batches
from headrace.deploy.verification.training_path import TrainingPath
from headrace.deploy.verification.trials import Trials
from headrace.deploy.verification.verdict import Difference, OutputCheck, Verdict
from headrace.errors import UsageError
from headrace.serving import Predictor

__all__ = ["compare_all"]

_MOST_DIFFERENCES = 10


def compare_all(path: TrainingPath, predictor: Predictor, batches: Iterable[pa.RecordBatch]) -> Verdict:
    """Compare a deployed model with the training path.

    Raises:
        SchemaError: The rows do not fit the transform or the model.
        ModelError: The network fails.
        UsageError: The data has no rows, or the outputs have other names, shapes or types.
    """
    rows, checks, sample = 0, dict[str, OutputCheck](), Sample()
    scales = dict[str, Any]()
    differences: list[Difference] = []
    for batch in batches:
        expected, found = path.compute(batch), predictor.run(batch)
        scales = scales or path.find_scales(batch, expected)
        compared = compare(expected, found, path.head, scales)
        for each in compared:
            checks[each.check.output] = merge(checks.get(each.check.output), each.check)
        wrong = [each for each in compared if len(each.rows)]
        if wrong and len(differences) < _MOST_DIFFERENCES:
            numbers = range(rows, rows + batch.num_rows)
            feeding = f"Arrow, {batch.num_rows:,} rows"
            differences += find_differences(feeding, batch, numbers, wrong, expected, found)
        sample.add(rows, batch, expected)
        rows += batch.num_rows
    if not rows:
        hint = "check the source of the data and its filters"
        raise UsageError("the data has no rows to compare", hint=hint)
    trials = Trials(path, predictor, scales)
    if not differences:  # odd batches of a model that is wrong anyway explain nothing
        trials.run(make_odd_batches(sample))
    shown = [*differences, *trials.differences][:_MOST_DIFFERENCES]
    others = _find_other_parts(path, predictor)
    return Verdict(predictor.path, rows, list(checks.values()), trials.results, shown, others)


def _find_other_parts(path: TrainingPath, predictor: Predictor) -> list[str]:
    """Compare digests with those in the file; a file without them may be of any parts."""
    known = {} if predictor.signature is None else predictor.signature.digests
    given = digest_parts(path.transform, path.served.weights, path.head)
    return [name for name, digest in given.items() if known.get(name, digest) != digest]
