"""TensorFlow reads written files: in .venv-tensorflow, or with HEADRACE_TENSORFLOW_PYTHON as interpreter."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.records import write

OWN = Path(__file__).parents[2] / ".venv-tensorflow" / "bin" / "python"
PYTHON = os.environ.get("HEADRACE_TENSORFLOW_PYTHON") or (str(OWN) if OWN.exists() else None)
pytestmark = pytest.mark.skipif(PYTHON is None, reason="no TensorFlow here; `make tensorflow` sets it up")

READER = """
import json, sys
import tensorflow as tf
fixed, ragged = tf.io.FixedLenFeature, tf.io.RaggedFeature
spec = {
    "float": fixed([], tf.float32), "int": fixed([], tf.int64), "text": fixed([], tf.string),
    "floats": ragged(tf.float32), "ints": ragged(tf.int64), "texts": ragged(tf.string),
    "pair": fixed([2], tf.float32), "image": fixed([], tf.string), "maybe": ragged(tf.int64),
}
dataset = tf.data.TFRecordDataset(sys.argv[2:], compression_type=sys.argv[1])
serialized = list(dataset.as_numpy_iterator())
parsed = tf.io.parse_example(serialized, spec)
pixels = tf.reshape(tf.io.decode_raw(parsed.pop("image"), tf.uint8), [-1, 2, 3]).numpy().tolist()
def plain(value):
    return value.to_list() if isinstance(value, tf.RaggedTensor) else value.numpy().tolist()
columns = {name: plain(value) for name, value in parsed.items()}
print(json.dumps({**columns, "image": pixels}, default=bytes.hex))
"""


def rows() -> pa.RecordBatch:
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    storage = pa.FixedSizeListArray.from_arrays(pa.array(pixels.reshape(-1)), 6)
    tensor = pa.fixed_shape_tensor(pa.uint8(), (2, 3))
    return pa.record_batch(
        {
            "float": pa.array([0.1, -1e30, 0.0, 5.0], pa.float32()),
            "int": pa.array([0, -1, 2**63 - 1, -(2**63)]),
            "text": pa.array(["", "a", "€", "x" * 300]),
            "floats": pa.array([[], [1.5], [2.5, -0.5], [0.25] * 200], pa.list_(pa.float32())),
            "ints": pa.array([[1, -1, 300], [], [2**62], list(range(200))]),
            "texts": pa.array([[b"", b"\xff"], [], [b"\x00"], [b"a", b"b", b"c"]]),
            "pair": pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]], pa.list_(pa.float32(), 2)),
            "image": pa.ExtensionArray.from_storage(tensor, storage),
            "maybe": pa.array([1, None, None, 4]),
        }
    )


@pytest.mark.parametrize("compression", [None, "gzip", "zlib"])
def test_tensorflow_parses_written_files(tmp_path: Path, compression: str | None) -> None:
    assert PYTHON is not None
    batch = rows()
    files = write(tmp_path / "train", [batch], compression=compression)
    command = [PYTHON, "-c", READER, (compression or "").upper(), *files]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("image") == batch["image"].to_numpy_ndarray().tolist()
    assert found.pop("maybe") == [[1], [], [], [4]]
    assert [bytes.fromhex(text).decode() for text in found.pop("text")] == batch["text"].to_pylist()
    assert [[bytes.fromhex(t) for t in texts] for texts in found.pop("texts")] == batch["texts"].to_pylist()
    assert found == {name: batch[name].to_pylist() for name in found}
