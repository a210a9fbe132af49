"""A text, a table, an image, a date model answer equally from the command line, Python and ONNX Runtime."""

import contextlib
import datetime
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image
from torch import nn

import headrace as hr
from headrace.cli import main
from headrace.deploy import Classifier, Head, Regressor, export, load, verify
from headrace.serving import Input, Output, Signature
from headrace.serving.explanation import describe_model, write_snippet

t = hr.transform
DAYS = [
    datetime.datetime(2024, 2, 29, 23, 59, 59, 999999) + datetime.timedelta(days=71 * n) for n in range(9)
]


def make_text() -> tuple[pa.RecordBatch, Any, nn.Module, Head]:
    rows = pa.record_batch({"text": ["It's 'late', isn't it?\n", 'naïve "quotes"', ""] * 3})
    model = nn.Sequential(hr.nn.BagOfEmbeddings(12, 3), nn.Linear(3, 2))
    words = lambda x: {"w": t.compute_and_apply_vocabulary(t.tokenize(x["text"]), num_oov_buckets=1)}  # noqa: E731
    return rows, words, model, Classifier(("neg", "pos"))


def make_table() -> tuple[pa.RecordBatch, Any, nn.Module, Head]:
    rows = pa.record_batch(
        {
            "age": pa.array([70.0, None, 33.5] * 3),
            "zip": ["02139", "10001", "94016"] * 3,
            "floor": pa.array([1, 2, 3] * 3, pa.int8()),
        }
    )

    def preprocess(x: Any) -> dict[str, Any]:
        zips = t.one_hot(t.compute_and_apply_vocabulary(x["zip"]), 3)
        age = t.scale_to_z_score(t.fill_missing(x["age"], t.mean(x["age"])))
        return {"x": t.concatenate([age, t.cast(x["floor"], "float32"), zips])}

    return rows, preprocess, nn.Linear(5, 1), Regressor("price")


def make_date() -> tuple[pa.RecordBatch, Any, nn.Module, Head]:
    rows = pa.record_batch({"day": pa.array(DAYS, pa.timestamp("us"))})

    def preprocess(x: Any) -> dict[str, Any]:
        month = t.cast(t.date_part(x["day"], "month"), "float32")
        weekday = t.cast(t.date_part(x["day"], "weekday"), "float32")
        return {"x": t.concatenate([t.sin(month), weekday])}

    return rows, preprocess, nn.Linear(2, 3), Classifier()


def make_image() -> tuple[pa.RecordBatch, Any, nn.Module, Head]:
    files = list[bytes]()
    for n in range(9):
        file = io.BytesIO()
        pixels = np.random.default_rng(n).integers(0, 256, (9 + n, 7, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file, "png")
        files.append(file.getvalue())
    rows = pa.record_batch({"image": pa.array(files, pa.binary())})
    preprocess = lambda x: {"x": t.resize(t.decode_image(x["image"]), 4, 4) / 255}  # noqa: E731
    return rows, preprocess, nn.Sequential(nn.Flatten(), nn.Linear(48, 2)), Classifier(("cat", "dog"))


def run_snippet(code: str) -> dict[str, Any]:
    """Run a program in a new process that has no Headrace."""
    code += "\nimport sys; assert not any(name.startswith('headrace') for name in sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    return {name: eval(value, {"nan": float("nan")}) for name, _, value in lines}


def run_command(*words: object) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(list(map(str, words)))
    return out.getvalue()


@pytest.mark.parametrize("make", [make_text, make_table, make_date, make_image])
def test_one_row_is_answered_equally_everywhere(tmp_path: Path, make: Callable[[], Any]) -> None:
    rows, preprocess, model, head = make()
    torch.manual_seed(0)
    transform = t.analyze(preprocess, [rows])
    path = export(tmp_path / "model.onnx", transform=transform, model=model, head=head, data=[rows])
    verdict = verify(path, [rows], transform=transform, model=model, head=head)
    assert verdict.passed, verdict
    (row,) = rows.slice(0, 1).to_pylist()
    expected = load(path).predict(row)

    explained = run_command("explain", path)
    snippet = explained[explained.index("import numpy") :]
    if "image" in row:
        file = tmp_path / "photos" / "cat" / "photo.png"
        file.parent.mkdir(parents=True)
        file.write_bytes(row["image"])
        found = re.search(r"'image': (np.asarray.*\[None\])", snippet)
        assert found is not None
        photo = found[1].replace('"photo.jpg"', repr(str(file)))
        snippet = "from PIL import Image, ImageOps\n" + re.sub(r"np\.zeros\(.*\)", photo, snippet)
    else:
        file = tmp_path / "row.jsonl"
        file.write_text(json.dumps(row, default=str) + "\n", encoding="utf-8")
    plain = run_snippet(snippet)
    assert plain == expected.to_pydict()

    answer = json.loads(run_command("predict", path, tmp_path / "photos" if "image" in row else file))
    for name, (value,) in expected.to_pydict().items():
        assert answer[name] == (value if isinstance(value, str) else pytest.approx(value, rel=1e-7))


def test_the_description_says_what_a_column_is() -> None:
    inputs = (
        Input(
            "age", "float64", tensors=("age",), optional=True, default=7, minimum=0, maximum=9, unit="years"
        ),
        Input("day", "timestamp[us]", tensors=("day",), minimum=0, maximum=86_400_000_000),
        Input("image", "uint8", (None, None, 3), ("image",), encoding="image"),
        Input("city", "string", tensors=("city",), vocabulary=tuple("abcdefgh"), vocabulary_size=2000),
    )
    outputs = (Output("label", "string", kind="class", classes=("no", "yes"), threshold=0.5),)
    assert describe_model(Signature(inputs, outputs, head="Classifier")).splitlines() == [
        "reads",
        "  age    float64             may be missing, then 7; 0 to 9; in years",
        "  day    timestamp[us]       1970-01-01T00:00:00.000000 to 1970-01-02T00:00:00.000000",
        "  image  uint8[any, any, 3]  decoded: image",
        "  city   string              'a', 'b', 'c', 'd', 'e', 'f', ... (2,000)",
        "answers",
        "  label  string  class; 'no', 'yes'; the second from a probability of 0.5 on",
        "exported with",
        "  head      Classifier",
    ]


def test_values_without_an_example_are_written_as_missing_or_zero() -> None:
    inputs = (
        Input("a", "float32", tensors=("a",)),
        Input("b", "string", tensors=("b",)),
        Input("c", "int8", tensors=("c",)),
        Input("d", "timestamp[us]", tensors=("d",)),
        Input("e", "uint8", (2, 3), ("e",)),
        Input("f", "string", (None,), ("f.values", "f.row_splits")),
        Input("g", "timestamp[us]", tensors=("g",), example="2024-01-01T01:00:00+02:00"),
        Input("h", "timestamp[us]", tensors=("h",), example="0001-01-01"),
    )
    body = re.search(r"feeds = \{.*?\n\}", write_snippet(Signature(inputs, ()), "m.onnx"), re.DOTALL)
    assert body is not None
    feeds: dict[str, Any] = {}
    exec(body[0], {"np": np}, feeds)
    feeds = feeds["feeds"]
    assert np.isnan(feeds["a"]).tolist() == [True]
    assert feeds["b"].tolist() == [""]
    assert feeds["c"].tolist() == [0]
    assert feeds["c"].dtype == np.int8
    assert feeds["d"].tolist() == [-(2**63)]
    assert feeds["e"].shape == (1, 2, 3)
    assert feeds["f.values"].tolist() == []
    assert feeds["f.row_splits"].tolist() == [0, 0]
    assert feeds["g"].astype("datetime64[us]").tolist() == [datetime.datetime(2023, 12, 31, 23)]
    assert feeds["h"].tolist() == [-62_135_596_800_000_000]
