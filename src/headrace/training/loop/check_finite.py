"""The error about a loss that is not finite."""

from __future__ import annotations

from headrace.errors import ModelError
from headrace.training.model_inputs import find_not_finite
from headrace.training.ranks import Ranks
from headrace.training.tasks import Split, Targets

__all__ = ["check_finite"]


def check_finite(failure: tuple[int, Split] | None, epoch: int, targets: Targets, ranks: Ranks) -> None:
    """Check that no loss of the epoch was NaN or infinite; of several ranks, all check at once.

    Args:
        failure: Number and content of the first batch of this rank whose loss was not finite.
        epoch: The epoch, from 1.
        targets: The label columns.
        ranks: The ranks. Once a weight is NaN, all batches of all ranks fail: the first one is reported.

    Raises:
        ModelError: A loss was not finite.
        RankError: One of another rank.
    """
    cause = None if failure is None else find_not_finite(failure[1], targets)
    mine = None if failure is None else [failure[0], cause is None, ranks.rank]
    found = [each for each in ranks.gather(mine) if each is not None]
    if not found:
        return
    if failure is None or min(found) != mine:
        raise ranks.find_failure()
    what = f"the loss is not finite in epoch {epoch}, batch {failure[0]}"
    if cause is not None:
        raise ModelError(f"{what}: {cause}", hint="fill in missing values, or drop these rows")
    raise ModelError(what, hint="lower learning_rate, or set max_grad_norm=1.0")
