from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from headrace.columns import Ragged
from headrace.nn import BagOfEmbeddings
from headrace.nn.bag_of_embeddings import _sum_by_blocks  # pyright: ignore[reportPrivateUsage]

WORDS = 50


def ragged(*rows: list[int]) -> Ragged:
    splits = np.cumsum([0, *map(len, rows)])
    return Ragged(
        torch.tensor([word for row in rows for word in row], dtype=torch.int64), torch.tensor(splits)
    )


def random_rows(lengths: list[int], seed: int = 0) -> Ragged:
    generator = np.random.default_rng(seed)
    return ragged(*(generator.integers(0, WORDS, n).tolist() for n in lengths))


class FromFlatTensors(nn.Module):
    """The interface of an exported model: one tensor per input."""

    def __init__(self, bag: BagOfEmbeddings) -> None:
        super().__init__()
        self.bag = bag

    def forward(self, values: Tensor, row_splits: Tensor) -> Tensor:
        return self.bag(Ragged(values, row_splits))


def test_rows_are_sums_over_the_root_of_their_length() -> None:
    bag = BagOfEmbeddings(WORDS, 4)
    rows = [[1, 2, 3, 1], [7], [9, 9]]
    expected = torch.stack([bag.weight[row].mean(dim=0) * len(row) ** 0.5 for row in rows])
    torch.testing.assert_close(bag(ragged(*rows)), expected)


def test_an_empty_row_is_zeros() -> None:
    output = BagOfEmbeddings(WORDS, 4)(ragged([], [1], []))
    assert output[0].tolist() == output[2].tolist() == [0.0] * 4


def test_only_words_of_the_batch_have_a_gradient() -> None:
    bag = BagOfEmbeddings(WORDS, 4)
    bag(ragged([3, 5], [5])).sum().backward()
    assert bag.weight.grad is not None
    assert bag.weight.grad.abs().sum(dim=1).nonzero().flatten().tolist() == [3, 5]


def test_max_norm_scales_long_embeddings_only() -> None:
    bag = BagOfEmbeddings(2, 2, max_norm=1.0)
    with torch.no_grad():
        bag.weight.copy_(torch.tensor([[3.0, 4.0], [0.3, 0.4]]))
    torch.testing.assert_close(bag(ragged([0], [1])), torch.tensor([[0.6, 0.8], [0.3, 0.4]]))


@pytest.fixture(scope="module", params=[None, 0.08], ids=["free", "max_norm"])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[nn.Module, Path]:
    """A bag traced with three rows of seven words, and its ONNX file."""
    model = FromFlatTensors(BagOfEmbeddings(WORDS, 8, max_norm=request.param)).eval()
    path = tmp_path_factory.mktemp("bag") / "bag.onnx"
    dynamic = {name: {0: torch.export.Dim.DYNAMIC} for name in ("values", "row_splits")}
    program = torch.onnx.export(
        model, tuple(random_rows([2, 0, 5])), dynamo=True, dynamic_shapes=dynamic, verbose=False
    )
    assert program is not None
    program.save(path)
    return model, path


@pytest.mark.parametrize(
    "lengths",
    [
        [2, 0, 5],
        [1],
        [0],
        [],
        [0, 0],
        [0, 3, 0],
        [1] * 64,
        [2000, 0, 1, 3000],
        [16, 16, 15, 17, 1, 32, 0, 31, 48],
    ],
    ids=[
        "as traced",
        "one row",
        "one empty row",
        "no row",
        "all empty",
        "empty ends",
        "many",
        "long",
        "blocks",
    ],
)
def test_onnxruntime_computes_the_same(exported: tuple[nn.Module, Path], lengths: list[int]) -> None:
    model, path = exported
    rows = random_rows(lengths)
    session = onnxruntime.InferenceSession(path)
    (output,) = session.run(None, {name: tensor.numpy() for name, tensor in rows._asdict().items()})
    with torch.no_grad():
        expected = model(*rows).numpy()
    assert output.shape == expected.shape == (len(lengths), 8)
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-5)


def test_float64_prefix_sums_keep_a_row_apart_from_large_neighbours() -> None:
    bag = BagOfEmbeddings(2, 1)
    with torch.no_grad():
        bag.weight.copy_(torch.tensor([[1e7], [0.1]]))
    words = ragged([0] * 40, [1] * 3, [0] * 9, [1] * 40, [0])
    found = _sum_by_blocks(bag.weight, words.values, words.row_splits)
    torch.testing.assert_close(found[[1, 3], 0], torch.tensor([0.3, 4.0]), rtol=1e-6, atol=0)
