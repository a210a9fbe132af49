"""The builders read what TensorFlow Datasets' own builders generate from the same files."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import from_arrow
from headrace.data import Dataset
from headrace.datasets.find_builder import builders

from .published import PUBLISHED

OWN = Path(__file__).parents[3] / ".venv-tensorflow/bin/python"
PYTHON = Path(os.environ.get("HEADRACE_TENSORFLOW_PYTHON") or OWN)
HAS_TFDS = any(PYTHON.parents[1].glob("lib/python*/site-packages/tensorflow_datasets"))
SCRIPT = Path(__file__).with_name("tensorflow_datasets_examples.py")
NAMES = {  # by their names there
    **{name: name for name in ("cifar10", "cifar100", "stl10", "tf_flowers", "imagenette/160px-v2", "eurosat",
                               "dtd", "horses_or_humans", "rock_paper_scissors", "beans", "malaria")},
    "ag_news": "ag_news_subset",
    "imdb_reviews": "imdb_reviews",
}  # fmt: skip


def show(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = np.ascontiguousarray(value).tobytes()
    if isinstance(value, str):
        return value.strip()  # as theirs for imdb_reviews
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


def list_rows(ds: Dataset) -> list[dict[str, Any]]:
    table = pa.Table.from_batches(list(ds), ds.schema)
    columns = [
        list(from_arrow(column.combine_chunks()))
        if isinstance(column.type, pa.FixedShapeTensorType)
        else column.to_pylist()
        for column in table.columns
    ]
    return [dict(zip(table.column_names, map(show, row), strict=True)) for row in zip(*columns, strict=True)]


@pytest.mark.skipif(not HAS_TFDS, reason="no TensorFlow Datasets here; `make tensorflow` sets it up")
def test_the_examples_are_the_same(tmp_path: Path) -> None:
    folders = {}
    for name, theirs in NAMES.items():
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        PUBLISHED[name].write(folder)
        folders[theirs] = str(folder)
    done = subprocess.run([PYTHON, SCRIPT], input=json.dumps(folders), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, theirs in NAMES.items():
        builder = builders()[name]
        assert set(found[theirs]) == set(builder.info.full_rows)
        for split, examples in found[theirs].items():
            rows = list_rows(builder.parse(split, Path(folders[theirs])))
            expected = [{key: row[key] for key in builder.info.schema.names} for row in examples]
            assert sorted(map(repr, rows)) == sorted(map(repr, expected)), (name, split)
