import math

import pytest
import torch

from headrace.errors import UsageError
from headrace.nn import PeriodicEmbeddings


def test_embeddings_are_the_number_and_a_mix_of_its_cosines() -> None:
    embeddings = PeriodicEmbeddings(2, 3, frequencies=5)
    x = torch.tensor([[0.5, -1.0], [2.0, 0.0]])
    found = embeddings(x)
    assert found.shape == (2, 2, 3)
    torch.testing.assert_close(found[:, :, 0], x)
    waves = torch.cos(2 * math.pi * embeddings.frequency[1] * x[0, 1] + embeddings.phase[1])
    torch.testing.assert_close(found[0, 1, 1:], waves @ embeddings.weight[1] + embeddings.bias[1])


def test_a_size_that_leaves_no_room_for_waves_is_refused() -> None:
    with pytest.raises(UsageError, match="embedding_dim"):
        PeriodicEmbeddings(2, 1)
