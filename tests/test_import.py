from __future__ import annotations

import subprocess
import sys

import pytest

import headrace

HEAVY = ["torch", "pyarrow", "numpy", "onnx", "onnxruntime", "ndonnx", "spox", "rich", "accelerate"]


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_headrace_loads_nothing_heavy() -> None:
    code = f"import sys, headrace; print([name for name in {HEAVY} if name in sys.modules])"
    assert run(code) == "[]"


def test_importing_headrace_takes_less_than_a_tenth_of_a_second() -> None:
    code = "import time; t = time.perf_counter(); import headrace; print(time.perf_counter() - t)"
    assert min(float(run(code)) for _ in range(7)) < 0.1


def test_using_the_transform_loads_no_torch_and_no_onnx() -> None:
    code = (
        "import sys, pyarrow as pa, headrace as hr\n"
        "batch = pa.record_batch({'x': [1.0, 2.0]})\n"
        "t = hr.transform.analyze(lambda x: {'x': hr.transform.scale_to_0_1(x['x'])}, [batch])\n"
        "assert t(batch).to_pydict() == {'x': [0.0, 1.0]}\n"
        "print([name for name in ('torch', 'onnx', 'onnxruntime', 'ndonnx', 'spox') if name in sys.modules])"
    )
    assert run(code) == "[]"


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
