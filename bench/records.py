"""Reading TFRecord files: Headrace against tf.data's parse_example, each in its own process.

    python bench/records.py --tensorflow-python /path/to/python    # or HEADRACE_TENSORFLOW_PYTHON

Two kinds of Examples: tabular (8 floats, an int, a string) and images (784 bytes, a label). Reports the best
of several passes over files in the page cache, and the reading process's peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PASSES, SECONDS = 3, 5.0  # at least
ROWS = {"tabular": 400_000, "images": 100_000}
BATCH = 4096
SHARDS = 4


def write_files(directory: str) -> None:
    import numpy as np
    import pyarrow as pa

    from headrace import records

    rng = np.random.default_rng(0)
    for kind, rows in ROWS.items():
        columns = tabular(rng, rows) if kind == "tabular" else images(rng, rows)
        fields = [pa.field(name, array.type, nullable=False) for name, array in columns.items()]
        table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))
        start = time.perf_counter()
        files = records.write(Path(directory) / kind, table, shards=SHARDS)
        seconds, size = time.perf_counter() - start, sum(Path(file).stat().st_size for file in files)
        print(f"{kind}: wrote {rows:,} Examples, {size / 1e6:,.0f} MB, {rows / seconds / 1e6:.2f} M/s")


def tabular(rng, rows):
    import pyarrow as pa

    floats = {f"x{i}": pa.array(rng.normal(size=rows).astype("f4")) for i in range(8)}
    words = pa.array(["INLAND", "NEAR BAY", "<1H OCEAN", "ISLAND"])
    text = words.take(pa.array(rng.integers(0, 4, rows)))
    return {**floats, "count": pa.array(rng.integers(0, 10**6, rows)), "place": text}


def images(rng, rows):
    import pyarrow as pa

    pixels = pa.array(rng.integers(0, 256, rows * 784, dtype="u1"))
    storage = pa.FixedSizeListArray.from_arrays(pixels, 784)
    tensor = pa.fixed_shape_tensor(pa.uint8(), (28, 28))
    return {
        "image": pa.ExtensionArray.from_storage(tensor, storage),
        "label": pa.array(rng.integers(0, 10, rows)),
    }


def read_headrace(directory: str, kind: str) -> int:
    from headrace import records

    return sum(batch.num_rows for batch in records.read(Path(directory) / kind, batch_size=BATCH))


def read_tensorflow(directory: str, kind: str) -> int:
    import tensorflow as tf

    scalar = tf.io.FixedLenFeature
    tabular_features = {f"x{i}": scalar([], tf.float32) for i in range(8)}
    tabular_features |= {"count": scalar([], tf.int64), "place": scalar([], tf.string)}
    image_features = {"image": scalar([], tf.string), "label": scalar([], tf.int64)}

    def parse(serialized):
        if kind == "tabular":
            return tf.io.parse_example(serialized, tabular_features)
        parsed = tf.io.parse_example(serialized, image_features)
        return {**parsed, "image": tf.reshape(tf.io.decode_raw(parsed["image"], tf.uint8), [-1, 28, 28])}

    files = sorted(str(path) for path in Path(directory).glob(f"{kind}-*.tfrecord"))
    dataset = tf.data.TFRecordDataset(files, num_parallel_reads=tf.data.AUTOTUNE).batch(BATCH)
    dataset = dataset.map(parse, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    name = "count" if kind == "tabular" else "label"
    return sum(int(batch[name].shape[0]) for batch in dataset)


def time_passes(read: Callable[[str, str], int], directory: str, kind: str) -> dict[str, float]:
    best, passes, begin = float("inf"), 0, time.perf_counter()
    while passes < PASSES or time.perf_counter() - begin < SECONDS:
        passes += 1
        start = time.perf_counter()
        rows = read(directory, kind)
        best = min(best, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "rate": rows / best, "peak_mb": peak}


def run_side(python: str, side: str, directory: str, kind: str) -> dict[str, float]:
    command = [python, __file__, "--side", side, "--kind", kind, "--dir", directory]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def compare(tensorflow_python: str | None) -> None:
    with tempfile.TemporaryDirectory() as directory:
        write_files(directory)
        for kind in ROWS:
            ours = run_side(sys.executable, "headrace", directory, kind)
            print(f"{kind}: Headrace {ours['rate'] / 1e6:.2f} M Examples/s, peak {ours['peak_mb']:,.0f} MB")
            if tensorflow_python is None:
                continue
            theirs = run_side(tensorflow_python, "tensorflow", directory, kind)
            assert theirs["rows"] == ours["rows"]
            print(
                f"{kind}: tf.data  {theirs['rate'] / 1e6:.2f} M Examples/s, peak {theirs['peak_mb']:,.0f} MB"
            )
            print(f"{kind}: ratio {ours['rate'] / theirs['rate']:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tensorflow-python", default=os.environ.get("HEADRACE_TENSORFLOW_PYTHON"))
    parser.add_argument("--side", choices=["headrace", "tensorflow"], help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=list(ROWS), help=argparse.SUPPRESS)
    parser.add_argument("--dir", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        read = read_headrace if options.side == "headrace" else read_tensorflow
        print(json.dumps(time_passes(read, options.dir, options.kind)))
    else:
        compare(options.tensorflow_python)


if __name__ == "__main__":
    main()
