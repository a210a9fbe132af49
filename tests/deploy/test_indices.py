"""Integers that a network looks up in a table: what torch refuses in training, the file refuses too."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

import headrace as hr
from headrace.columns import Ragged
from headrace.errors import SchemaError

t = hr.transform
SIZE = 10
NAMES = ("embedding", "bag", "select", "gather", "scatter", "one_hot", "int32", "reversed")
WRONG = (-1, SIZE, -(2**31))


class Tables(nn.Module):
    """Looks up one integer per row in each of torch's ways, and sums what it finds."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.bag = nn.Embedding(SIZE, 3), nn.EmbeddingBag(SIZE, 3)

    def forward(self, **x: Tensor) -> Tensor:
        row = torch.arange(SIZE, dtype=torch.float32).expand(len(x["bag"]), SIZE)
        found = [
            self.table(x["embedding"]),
            self.bag(x["bag"][:, None]),
            self.table.weight.index_select(0, x["select"]),
            row.gather(1, x["gather"][:, None]),
            torch.zeros_like(row).scatter(1, x["scatter"][:, None], 1.0),
            F.one_hot(x["one_hot"], SIZE).float(),
            self.table(x["int32"].int()),
            self.table(SIZE - 1 - x["reversed"]),
        ]
        return torch.cat(found, 1).sum(1, keepdim=True)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[hr.serving.Predictor, nn.Module]:
    numbers = np.arange(SIZE, dtype=np.int64)
    rows = pa.record_batch(dict.fromkeys(NAMES, numbers))
    transform = t.analyze(lambda x: {name: x[name] for name in NAMES}, [rows])
    model, path = Tables(), tmp_path_factory.mktemp("tables") / "model.onnx"
    hr.deploy.export(path, transform=transform, model=model, head=hr.deploy.Regressor(), data=[rows])
    return hr.serving.load(path, threads=1), model


@pytest.mark.parametrize("number", [0, 7, SIZE - 1])
def test_right_indices(tables: tuple[hr.serving.Predictor, nn.Module], number: int) -> None:
    predictor, model = tables
    row = dict.fromkeys(NAMES, number)
    expected = model(**{name: torch.tensor([value]) for name, value in row.items()})
    assert predictor.predict(row).column(0)[0].as_py() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", WRONG)
def test_wrong_indices(tables: tuple[hr.serving.Predictor, nn.Module], name: str, number: int) -> None:
    predictor, model = tables
    right = dict.fromkeys(NAMES, 3)
    rows = [right, {**right, name: number}]
    with pytest.raises((RuntimeError, IndexError)):
        model(**{each: torch.tensor([row[each] for row in rows]) for each in NAMES})
    message = f"record 1: feature '{name}': expected 0 to 9 as in training, got {number}"
    with pytest.raises(SchemaError, match=message):
        predictor.predict(rows)


@pytest.mark.parametrize("size", [SIZE, 300], ids=["few words, by counts", "many words"])
def test_words_of_a_bag(tmp_path: Path, size: int) -> None:
    rows = pa.record_batch({"words": [[1, 2], [], [0, size - 1] * 40, []]})
    transform = t.analyze(lambda x: {"words": x["words"]}, [rows])
    torch.manual_seed(0)
    model = nn.Sequential(hr.nn.BagOfEmbeddings(size, 4), nn.Linear(4, 1))
    head, path = hr.deploy.Regressor(), tmp_path / "m.onnx"
    hr.deploy.export(path, transform=transform, model=model, head=head, data=[rows])
    assert hr.deploy.verify(path, [rows], transform=transform, model=model, head=head).passed
    predictor = hr.serving.load(path)
    for number in (-1, size, -(2**31), 2**40):
        words = [[1, 2], [3] * 20 + [number]]
        with pytest.raises(RuntimeError):
            model(Ragged(torch.tensor([*words[0], *words[1]]), torch.tensor([0, 2, 23])))
        message = f"record 1: feature 'words': expected 0 to {size - 1} as in training, got {number}"
        with pytest.raises(SchemaError, match=message):
            predictor.predict({"words": words})


def test_indices_of_a_vocabulary_are_not_checked_again(tmp_path: Path) -> None:
    """They are never below 0."""
    rows = pa.record_batch({"word": ["a", "b"], "number": [1.0, 2.0]})

    def preprocess(x: Mapping[str, t.Column]) -> dict[str, t.Column]:
        return {
            "word": t.compute_and_apply_vocabulary(x["word"], num_oov_buckets=1),
            "bucket": t.apply_buckets(x["number"], t.quantiles(x["number"], 3)),
        }

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.last = nn.Embedding(9, 2), nn.Linear(4, 1)

        def forward(self, word: Tensor, bucket: Tensor) -> Tensor:
            return self.last(torch.cat([self.table(word), self.table(bucket)], 1))

    transform = t.analyze(preprocess, [rows])
    path = hr.deploy.export(
        tmp_path / "m.onnx", transform=transform, model=Network(), head=hr.deploy.Regressor()
    )
    assert not [node.name for node in onnx.load(path).graph.node if "node_check" in node.name]
