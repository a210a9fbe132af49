"""What differs between the ranks of a training, in its checkpoint: metric sums and random generators."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor

from headrace.training.ranks import Ranks

__all__ = ["gather_rank_states", "restore_rank_state", "seed_rank"]


def seed_rank(seed: int, ranks: Ranks, step: int = 0) -> None:
    """Seed torch; ranks draw different numbers, the first one those of a training in one process."""
    if ranks.rank or step:
        digest = hashlib.blake2b(f"{seed} rank {ranks.rank} step {step}".encode(), digest_size=7).digest()
        seed = int.from_bytes(digest, "big")
    torch.manual_seed(seed)


def gather_rank_states(sums: Tensor, device: torch.device, ranks: Ranks) -> dict[str, Tensor]:
    """Return what the first rank stores of the others, `ranks/N/NAME`."""
    if not ranks.are_many:
        return {}
    mine = {"sums": sums, "cpu": torch.get_rng_state()}
    if device.type == "cuda":
        mine["cuda"] = torch.cuda.get_rng_state(device)
    found = ranks.gather_tensors(mine)
    return {
        f"ranks/{rank}/{name}": value
        for rank, state in enumerate(found)
        if rank
        for name, value in state.items()
    }


def restore_rank_state(
    stored: Mapping[str, Tensor], sums: Tensor, device: torch.device, ranks: Ranks, seed: int, step: int
) -> None:
    """Restore the sums and the random generator of a rank, after those of the first rank were restored.

    With another number of ranks than stored, the first one goes on with the sums of all, and the random
    generators are seeded anew.

    Args:
        stored: The tensors `ranks/N/NAME` of the checkpoint.
        sums: The sums of the first rank, changed in place.
        device: The device of this rank.
        ranks: The ranks.
        seed: The seed of the training.
        step: The finished steps.
    """
    numbers = {int(name.split("/")[1]) for name in stored}
    if not numbers and not ranks.are_many:
        return
    if len(numbers) + 1 == ranks.count:
        if ranks.is_first:
            return
        sums.copy_(stored[f"ranks/{ranks.rank}/sums"])
        torch.set_rng_state(stored[f"ranks/{ranks.rank}/cpu"])
        if device.type == "cuda" and f"ranks/{ranks.rank}/cuda" in stored:
            torch.cuda.set_rng_state(stored[f"ranks/{ranks.rank}/cuda"], device)
        return
    if ranks.is_first:
        for number in numbers:
            sums += stored[f"ranks/{number}/sums"]
    else:
        sums.zero_()
    seed_rank(seed, ranks, step)
