"""The arguments of `load`, as TensorFlow Datasets has them."""

from pathlib import Path

import pytest

from headrace import datasets
from headrace.data import Dataset
from headrace.datasets.info import DatasetInfo
from headrace.errors import SchemaError, UsageError

GOLDEN = Path(__file__).parents[1] / "golden" / "prepared"


def test_pairs_of_image_and_label() -> None:
    ds = datasets.load("fashion_mnist", "train", batch_size=32, as_supervised=True)
    image, label = next(iter(ds.to_torch()))
    assert (image.shape[0], label.shape, ds.num_batches) == (32, (32,), 375)
    columns = next(iter(ds))
    image, label = columns
    assert (len(image), len(label)) == (32, 32)


def test_pairs_of_a_folder_have_the_keys_that_it_names(tmp_path: Path) -> None:
    test = datasets.load(GOLDEN / "image_png", "test", as_supervised=True)
    assert (test.schema.names, test.label) == (["image", "label"], "label")
    from headrace.datasets.prepared import write_folder

    card = datasets.info("housing")
    card = DatasetInfo(**{**vars(card), "inputs": ("latitude", "longitude")})
    folder = write_folder(tmp_path / "housing" / "1.0.0", card, {"test": datasets.load("housing", "test")})
    assert datasets.info(folder).inputs == ("longitude", "latitude")  # in the order of the columns
    loaded = datasets.load(folder, "test", as_supervised=True)
    assert loaded.schema.names == ["longitude", "latitude", "median_house_value"]
    chosen = datasets.load(folder, "test", as_supervised=True, columns=["population"])
    assert chosen.schema.names == ["population", "median_house_value"]


def test_the_card_beside_the_data() -> None:
    (train, test), card = datasets.load("housing", ["train", "test"], with_info=True)
    assert (train.num_rows, test.num_rows) == (card.full_rows["train"], card.full_rows["test"])
    ds, _ = datasets.load("housing", with_info=True)
    assert set(ds) == {"train", "test"}


def test_all_rows_as_one_batch() -> None:
    (batch,) = list(datasets.load("housing", "test", batch_size=-1))
    assert batch.num_rows == 4128


def test_shuffled_files_have_another_order_in_each_epoch() -> None:
    def list_labels(ds: Dataset) -> list[int]:
        return [label for batch in ds for label in batch.column("label").to_pylist()]

    ds = datasets.load("fashion_mnist", "test[:100]", shuffle_files=True, columns=["label"])
    orders = [list_labels(datasets.load("fashion_mnist", "test[:100]"))]
    orders += [list_labels(ds.epoch(number)) for number in range(2)]
    assert len({tuple(order) for order in orders}) == 3
    assert len({tuple(sorted(order)) for order in orders}) == 1


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"columns": ["imge"]}, "'imge': 'fashion_mnist' lacks this column; did you mean 'image'"),
        ({"columns": []}, "columns"),
        ({"as_supervised": "yes"}, "as_supervised: expected True or False, got 'yes'"),
        ({"shuffle_files": 7}, "shuffle_files: expected True or False, got 7"),
        ({"with_info": None}, "with_info: expected True or False, got None"),
        ({"batch_size": 0}, "batch_size is 0; pass 1 or more"),
        ({"batch_size": "32"}, "batch_size"),
    ],
)
def test_wrong_arguments_are_one_line(options: dict[str, object], what: str) -> None:
    with pytest.raises((UsageError, SchemaError), match=what):
        datasets.load("fashion_mnist", "train", **options)  # type: ignore[arg-type]


def test_data_without_a_label_have_no_pairs() -> None:
    with pytest.raises(UsageError, match=r"the card of 'ragged' names no column .*as_supervised\('COLUMN'\)"):
        datasets.load(GOLDEN / "ragged", "train", as_supervised=True)


def test_small_images_are_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import headrace.datasets.prepared.decode as decoding

    decoded: list[int] = []
    decode = decoding.decode_image
    monkeypatch.setattr(decoding, "decode_image", lambda *a, **k: decoded.append(1) or decode(*a, **k))
    ds = datasets.load(GOLDEN / "image_png", "train")
    first, second = (list(ds.epoch(number)) for number in range(2))
    assert first == second
    assert len(decoded) <= 4  # the first row shows the schema
    shuffled = datasets.load(GOLDEN / "image_png", "train[1:]", shuffle_files=True)
    assert sorted(row["label"] for batch in shuffled for row in batch.to_pylist()) == [1, 2]
