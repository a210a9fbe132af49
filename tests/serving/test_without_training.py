"""Serving works without the packages of the extras, and what needs one says so in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import headrace

TRAINING = (
    *("torch", "accelerate", "torchmetrics", "tensorboard", "matplotlib", "onnxscript", "jinja2"),
    "safetensors",
)
REMOTE = ("fsspec", "aiohttp")

BLOCK = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {TRAINING + REMOTE}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def run_without_training(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run code in a process that cannot import what the extras install."""
    source = f"import sys; sys.path.insert(0, {str(Path(headrace.__file__).parents[1])!r})\n"
    return subprocess.run(
        [sys.executable, "-c", source + BLOCK + code, *map(str, arguments)],
        capture_output=True, encoding="utf-8", timeout=1200, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("room", ["serving", "deploy"])
def test_a_model_is_loaded_and_predicts(offers, room: str) -> None:
    code = f"""
import json, headrace as hr
rows = json.loads(sys.argv[2])
print(json.dumps(hr.{room}.load(sys.argv[1]).predict(rows).to_pydict()))
"""
    done = run_without_training(code, offers.path, json.dumps(offers.batch.to_pydict()))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sold"] == pytest.approx(offers.predictions["sold"], rel=1e-5)


def test_the_command_line_predicts(offers, tmp_path: Path) -> None:
    table = tmp_path / "rows.jsonl"
    rows = offers.batch.to_pylist()
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = run_without_training("from headrace.cli import main; main()", "predict", offers.path, table)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line)["sold"] for line in done.stdout.splitlines()]
    assert answers == pytest.approx(offers.predictions["sold"], rel=1e-5)


def test_records_and_transforms_work(tmp_path: Path) -> None:
    code = """
import pyarrow as pa, headrace as hr
batch = pa.record_batch({"x": [1.0, 3.0]})
hr.records.write(f"{sys.argv[1]}/train", [batch], shards=2)
data = hr.Dataset.from_records(f"{sys.argv[1]}/train")
transform = hr.transform.analyze(lambda x: {"x": hr.transform.scale_to_0_1(x["x"])}, data)
transform.to_onnx(f"{sys.argv[1]}/transform.onnx")
print(hr.serving.load(f"{sys.argv[1]}/transform.onnx").predict({"x": [2.0]})[0].to_pylist())
"""
    done = run_without_training(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[0.5]"


@pytest.mark.parametrize(
    ("code", "package", "extra"),
    [
        ("hr.training.fit", "torch", "train"),
        ("hr.layers", "torch", "train"),
        ("hr.nn", "torch", "train"),
        ("hr.vision", "torch", "train"),
        ("hr.report", "torch", "train"),
        ("from headrace.training import evaluate", "torch", "train"),
        ("DATA.to_torch()", "torch", "train"),
        ("hr.deploy.export('model.onnx', transform=None, model=None)", "torch", "train"),
        ("hr.deploy.verify('model.onnx', [], transform=None, model=None)", "torch", "train"),
        ("hr.transform.plan(lambda x: {'x': x['x'] + 1}, DATA).plot('plan.png')", "matplotlib", "train"),
        ("next(iter(hr.records.read('https://localhost/train.tfrecord')))", "fsspec", "remote"),
        ("hr.records.write('memory://train', DATA)", "fsspec", "remote"),
    ],
)
def test_what_needs_an_extra_names_it_in_one_line(code: str, package: str, extra: str) -> None:
    catch = f"""
import headrace as hr
DATA = hr.Dataset.from_arrays({{"x": [1.0]}})
try:
    {code}
except ImportError as error:
    print(type(error).__name__, error)
"""
    done = run_without_training(catch)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("DependencyError ")
    assert line.endswith(f" needs {package}, which is not installed; run `pip install 'headrace[{extra}]'`.")


@pytest.mark.parametrize(
    "words", [("run", "housing"), ("models", "list"), ("run", "fashion_mnist"), ("verify", __file__)]
)
def test_a_command_that_needs_an_extra_names_it_in_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    code = f"import os; os.chdir({str(tmp_path)!r}); from headrace.cli import main; main()"
    done = run_without_training(code, *words)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "which is not installed; run `pip install 'headrace[train]'`." in line
    assert list(tmp_path.iterdir()) == []
