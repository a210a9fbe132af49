from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import headrace

HEAVY = ["torch", "pyarrow", "numpy", "onnx", "onnxruntime", "ndonnx", "spox", "rich", "accelerate"]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_headrace_loads_nothing_heavy() -> None:
    code = f"import sys, headrace; print([name for name in {HEAVY} if name in sys.modules])"
    assert run(code) == "[]"


def test_importing_headrace_loads_few_modules() -> None:
    code = "import sys; before = len(sys.modules); import headrace; print(len(sys.modules) - before)"
    assert int(run(code)) < 60


def test_using_the_transform_loads_no_torch_and_no_onnx() -> None:
    code = (
        "import sys, pyarrow as pa, headrace as hr\n"
        "batch = pa.record_batch({'x': [1.0, 2.0]})\n"
        "t = hr.transform.analyze(lambda x: {'x': hr.transform.scale_to_0_1(x['x'])}, [batch])\n"
        "assert t(batch).to_pydict() == {'x': [0.0, 1.0]}\n"
        "print([name for name in ('torch', 'onnx', 'onnxruntime', 'ndonnx', 'spox') if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_calling_a_model_with_layers_does_not_load_the_exporter() -> None:
    code = """
import sys
import numpy as np
import torch
from headrace.columns import Ragged
from headrace.layers import Rescaling
from headrace.nn import BagOfEmbeddings
print(Rescaling(2.0)(torch.ones(2)).tolist())
print(BagOfEmbeddings(3, 2)(Ragged(torch.tensor([0, 2]), torch.tensor([0, 2]))).shape)
print("torch.onnx" in sys.modules)
"""
    assert run(code).splitlines() == ["[2.0, 2.0]", "torch.Size([1, 2])", "False"]


def test_finding_a_format_and_reading_csv_load_neither_other_readers_nor_pipelines() -> None:
    code = (
        "import sys\n"
        "from headrace.data.formats import Origin, find_format\n"
        "source = find_format('rows.csv').open_source(Origin(sys.executable))\n"
        "unused = ('pyarrow.parquet', 'PIL', 'headrace.records', 'headrace.data.dataset', 'torch', 'onnx')\n"
        "print([name for name in unused if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_every_listed_name_can_be_loaded() -> None:
    code = "import headrace; print([n for n in headrace.__all__ if getattr(headrace, n, None) is None])"
    assert run(code) == "[]"


def test_names_are_listed_before_they_are_loaded() -> None:
    assert run("import headrace; print(dir(headrace) == headrace.__all__)") == "True"
    with pytest.raises(AttributeError, match="module 'headrace' has no attribute 'transfrom'"):
        headrace.transfrom  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_tensors_are_written_and_read_without_pandas(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(name, *_):\n"
        "        if name == 'pandas': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden)\n"
        "import numpy as np, headrace as hr\n"
        "types = ['bool', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint64']\n"
        "values = [{name: np.ones((2, 2), name) for name in types} for _ in range(3)]\n"
        "rows = hr.Dataset.from_generator(lambda: iter(values), schema=hr.Dataset.from_arrays(\n"
        "    {name: np.ones((1, 2, 2), name) for name in types}).schema)\n"
        f"hr.records.write({str(tmp_path / 'rows')!r}, rows, shards=1, serialized=types)\n"
        f"(batch,) = hr.Dataset.from_records({str(tmp_path / 'rows')!r}).batch(3)\n"
        "print([name for name in types if np.sum(batch[name].to_pylist()) != 12])\n"
    )
    assert run(code) == "[]"


def test_no_code_asks_arrow_for_the_types_of_pandas() -> None:
    """`to_pandas_dtype` raises where pandas is not installed; `columns.to_numpy_type` needs no pandas."""
    sources = Path(headrace.__file__).parent.rglob("*.py")
    assert [path.name for path in sources if "to_pandas_dtype()" in path.read_text(encoding="utf-8")] == []


def test_opening_a_dataset_loads_only_what_its_source_needs() -> None:
    heavy = ["PIL", "pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "importlib.metadata"]
    code = (
        "import sys, numpy as np, headrace as hr\n"
        "batches = hr.Dataset.from_arrays({'x': np.arange(8)}).shuffle(1).batch(4)\n"
        "assert len(list(batches)) == 2\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_functions_of_a_dataset_find_arrow_compute_functions() -> None:
    code = (
        "import numpy as np, pyarrow as pa, headrace as hr\n"
        "ds = hr.Dataset.from_arrays({'x': np.arange(8)})\n"
        "print([batch['x'].to_pylist() for batch in ds.filter(lambda batch: pa.compute.less(batch['x'], 2))])"
    )
    assert run(code) == "[[0, 1]]"
