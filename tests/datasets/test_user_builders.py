"""Functions of the user as data sets."""

import pytest

import headrace as hr
from headrace.datasets.user_builders import _builders
from headrace.errors import SchemaError, UsageError

ROWS = {"train": "x,y\n1,0\n2,1\n3,1\n", "test": "x,y\n4,0\n"}


@pytest.fixture(autouse=True)
def no_builders():
    """Forget the builders of a test."""
    yield
    _builders.clear()


@pytest.fixture
def folder(tmp_path):
    for split, text in ROWS.items():
        (tmp_path / f"{split}.csv").write_text(text)
    return tmp_path


def test_five_lines_make_a_dataset(folder, table):
    @hr.datasets.builder(label="y", folder=folder)
    def mine(split, folder):
        """Three numbers."""
        return hr.Dataset.from_csv(folder / f"{split}.csv")

    assert "mine" in hr.datasets.list()
    assert table(hr.datasets.load("mine", "train[1:]")).to_pylist() == [{"x": 2, "y": 1}, {"x": 3, "y": 1}]
    assert {name: table(ds).num_rows for name, ds in hr.datasets.load("mine").items()} == {
        "train": 3,
        "test": 1,
    }
    assert table(hr.datasets.load("mine:1.0.0", "all", columns=["x"]))["x"].to_pylist() == [1, 2, 3, 4]
    card = hr.datasets.info("mine")
    assert (card.description, card.label, card.schema.names) == ("Three numbers.", "y", ["x", "y"])
    assert mine.__name__ == "mine"


def test_another_folder_is_read_by_data_dir(folder, tmp_path, table):
    @hr.datasets.builder("mine", splits=["train"], folder=tmp_path / "none")
    def read(split, folder):
        return hr.Dataset.from_csv(folder / f"{split}.csv")

    assert table(hr.datasets.load("mine", "train", data_dir=folder)).num_rows == 3
    with pytest.raises(UsageError, match=r"none/train\.csv: no such file"):
        hr.datasets.load("mine", "train")


def test_a_later_function_replaces_an_earlier_one():
    for rows in ([1], [1, 2]):
        hr.datasets.builder("mine", splits=["train"])(
            lambda *_, rows=rows: hr.Dataset.from_arrays({"x": rows})
        )
    assert hr.datasets.load("mine", "train").num_rows == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("housing", "the catalogue has a data set 'housing'; choose another name"),
        ("a/b", "not the name of a data set: 'a/b'; begin with a letter"),
        ("..", "not the name of a data set"),
        ("downloads", "not the name of a data set"),
    ],
)
def test_names_that_cannot_be_used_are_refused(name, message):
    with pytest.raises(UsageError, match=message):
        hr.datasets.builder(name)(lambda *_: None)


def test_a_function_that_returns_something_else_is_one_error():
    hr.datasets.builder("mine", splits=["train"])(lambda *_: [1, 2])
    with pytest.raises(UsageError, match="mine: expected a Dataset, the function returned list; return hr"):
        hr.datasets.load("mine", "train")


def test_a_function_of_other_arguments_is_refused_where_it_is_decorated():
    with pytest.raises(
        UsageError, match=r"one: expected a function of a split and a folder .*def one\(split, folder\)"
    ):

        @hr.datasets.builder(label="x")
        def one(_split):
            return hr.Dataset.from_arrays({"x": [1]})


@pytest.mark.parametrize("splits", [[], ["train", "train"], [""], [3]])
def test_splits_that_are_not_names_are_refused(splits):
    with pytest.raises(UsageError, match="splits: expected"):
        hr.datasets.builder("mine", splits=splits)(lambda *_: hr.Dataset.from_arrays({"x": [1]}))


def test_one_split_may_be_a_string_and_a_label_is_a_column():
    data = hr.Dataset.from_arrays({"x": [1], "square": [1]})
    hr.datasets.builder("misspelt", label="sqare", splits="train")(lambda *_: data)
    with pytest.raises(
        SchemaError, match=r"'sqare': the label of 'misspelt' is not a column; did you mean 'square'"
    ):
        hr.datasets.load("misspelt", "train")


def test_a_similar_name_is_suggested():
    hr.datasets.builder("clouds", splits=["train"])(lambda *_: None)
    with pytest.raises(UsageError, match="unknown dataset 'cluods'; did you mean 'clouds'"):
        hr.datasets.load("cluods")
