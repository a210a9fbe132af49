"""Arguments of the functions for records: another type is refused in one line that names the argument."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.errors import UsageError

ROWS = Dataset.from_arrays({"x": [1, 2, 3]})
INTEGERS: dict[str, Callable[[Path, Any], Any]] = {
    "shards": lambda base, value: records.write(base / "b", ROWS, shards=value),
    "batch_size": lambda base, value: records.read(base / "a", batch_size=value),
    "threads": lambda base, value: records.read(base / "a", threads=value),
    "limit": lambda base, value: records.infer_schema(base / "a", limit=value),
    "seed": lambda base, value: records.split(base / "a", {str(base / "c"): 1.0}, seed=value),
    "rows": lambda base, value: records.split(base / "a", {str(base / "c"): 1.0}, rows=value),
    "fill_limit": lambda _, value: records.decode_tensor(records.encode_tensor(1), fill_limit=value),
    "row": lambda base, value: records.RecordFile(base / "a-00000-of-00001.tfrecord")[value],
    "index": lambda _, value: ROWS.divide_batches(value, 4),
    "workers": lambda _, value: ROWS.divide_batches(0, value),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    records.write(folder / "a", ROWS)
    return folder


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("value", [12.5, 1.0, np.float64(1), True, np.True_, "1", [1], np.array([1, 2])])
def test_what_is_not_an_integer_is_refused_by_name(name: str, value: Any, base: Path) -> None:
    with pytest.raises(UsageError, match=rf"^{name}: expected an integer, got ") as caught:
        INTEGERS[name](base, value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_of_numpy_are_integers(name: str, base: Path) -> None:
    INTEGERS[name](base, np.int64(3 if name == "rows" else 1))


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_a_wrong_number_of_rows_is_refused(rows: int, base: Path) -> None:
    with pytest.raises(UsageError, match=rf"rows is {rows}, but the files hold"):
        records.split(base / "a", {str(base / "d"): 0.5, str(base / "e"): 0.5}, rows=rows)
    assert not [path for path in base.iterdir() if path.name[0] in "de"]


@pytest.mark.parametrize("rows", [[0.5], [True, False, True], "01", None, [np.uint64(2**63)], [[0], [1, 2]]])
def test_rows_by_number_are_integers_and_no_mask(rows: Any, base: Path) -> None:
    with records.RecordFile(base / "a-00000-of-00001.tfrecord") as file:
        with pytest.raises(UsageError, match=r"^rows: expected integers, got"):
            file.read(rows)
        assert file.read([]).num_rows == 0
        assert file.read(np.array([2, 0], np.uint8))["x"].to_pylist() == [3, 1]


def test_other_words_and_flags_are_refused(base: Path) -> None:
    with pytest.raises(UsageError, match=r"on_corrupt: expected one of 'raise', 'skip', 'quarantine'"):
        records.read(base / "a", on_corrupt="Skip")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"quarantine: expected True or False, got 'no'"):
        records.check(base / "a", quarantine="no")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"stratify: expected the name of a column, got 3"):
        ROWS.split(0.5, 0.5, stratify=3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"positions: expected integers, got"):
        ROWS.open_random_access().take(np.array([0.5]))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"expected positions below 3, got 0 to 3"):
        ROWS.open_random_access().take(np.array([0, 3]))


@pytest.mark.parametrize("value", [12.5, True, None, [3], b"x", np.array([1.5])])
def test_paths_batches_and_schemas_of_other_types_are_refused_in_one_line(value: Any, base: Path) -> None:
    for read in (records.read, records.check, Dataset.from_csv, Dataset.from_parquet, Dataset.from_text):
        with pytest.raises(UsageError, match=r"expected a path"):
            read(value)
    with pytest.raises(UsageError, match=r"batches: expected record batches, got"):
        records.write(base / "b", value)
    with pytest.raises(UsageError, match=r"expected a path, got"):
        ROWS.write(value)
    if value is not None:
        with pytest.raises(UsageError, match=r"schema: expected a pyarrow.Schema or a SequenceSchema, got"):
            records.read(base / "a", schema=value)
        with pytest.raises(UsageError, match=r"transformation: expected a function, got"):
            ROWS.write(base / "w", transformation=value)
        with pytest.raises(UsageError, match=r"engine: expected an engine, got"):
            ROWS.write(base / "w", engine=value)
