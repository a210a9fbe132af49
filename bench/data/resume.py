"""CPU milliseconds from `load_state_dict` to the first batch, for each kind of source and chain of stages.

    python -m bench.data.resume
    python -m bench.data.resume --rows 1000000 --sources csv parquet

The state is taken at 10, 50 and 90 % of an epoch. At most 50 ms, or 1 % of the epoch if that is more. "new"
opens the dataset anew, as the process of a restarted training does: its files are opened and identified.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import headrace as hr
from bench.options import choose_subset
from headrace.data import Dataset
from headrace.images import encode_png

_PERCENTS = (10, 50, 90)
_FILES = 10_000  # of the folders of images and texts
_MOST_MS, _MOST_SHARE = 50, 0.01
_ROUNDS = 3


def _table(rows: int) -> pa.Table:
    rng = np.random.default_rng(0)
    splits = np.concatenate([[0], np.cumsum(rng.integers(1, 60, rows))])
    words = pa.ListArray.from_arrays(
        pa.array(splits, pa.int32()), pa.array(rng.integers(0, 30_000, splits[-1]), pa.int32())
    )
    columns = {"x": np.arange(rows), "y": rng.standard_normal(rows), "label": rng.integers(0, 10, rows)}
    return pa.table({**columns, "text": [f"review {row}" for row in range(rows)], "words": words})


def _write_folders(folder: Path) -> None:
    """Write folders of images and of texts, ten classes each."""
    pixels = np.random.default_rng(0).integers(0, 255, (50, 32, 32, 3), np.uint8)
    images = [encode_png(each) for each in pixels]
    for kind, extension in (("images", "png"), ("texts", "txt")):
        for label in range(10):
            (folder / kind / f"class{label}").mkdir(parents=True)
        for number in range(_FILES):
            content = images[number % 50] if kind == "images" else f"review {number} ".encode() * 50
            (folder / kind / f"class{number % 10}" / f"{number:06}.{extension}").write_bytes(content)


def _write(folder: Path, rows: int) -> dict[str, Callable[[], Dataset]]:
    """Write files of each kind; return what opens them."""
    table = _table(rows)
    _write_folders(folder)
    pq.write_table(table, folder / "a.parquet", row_group_size=16_384)
    hr.records.write(folder / "plain", table, shards=4)
    hr.records.write(folder / "gzip", table, shards=4, compression="gzip")
    ipc = Dataset.from_arrow(table).write(folder / "a", "arrow", 4)
    csv = Dataset.from_arrow(table.drop(["words"])).write(folder / "a", "csv", 1)
    lines = Dataset.from_arrow(table).write(folder / "a", "jsonl", 1)
    return {
        "memory": lambda: Dataset.from_arrow(table),
        "arrow": lambda: Dataset.from_arrow_ipc(ipc),
        "parquet": lambda: Dataset.from_parquet(folder / "a.parquet"),
        "records": lambda: Dataset.from_records(folder / "plain"),
        "gzip": lambda: Dataset.from_records(folder / "gzip"),
        "csv": lambda: Dataset.from_csv(csv),
        "jsonl": lambda: Dataset.from_json_lines(lines),
        "images": lambda: Dataset.from_images(folder / "images"),
        "texts": lambda: Dataset.from_text(folder / "texts"),
        "generator": lambda: Dataset.from_generator(lambda: iter(table.to_batches(max_chunksize=1000))),
    }


def _same(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def _is_kept(batch: pa.RecordBatch) -> pa.Array:
    return pa.array(batch["x"].to_numpy() % 4 != 0)


CHAINS: dict[str, Callable[[Dataset], Dataset]] = {
    "batch": lambda ds: ds.batch(64),
    "shuffle": lambda ds: ds.shuffle(1).batch(64),
    "map, filter": lambda ds: ds.shuffle(1).map(_same, threads=2).filter(_is_kept).batch(64).prefetch(),
    "repeat": lambda ds: ds.shuffle(1).repeat(2).batch(64),
    "cache": lambda ds: ds.cache().shuffle(1).batch(64),
    "shard": lambda ds: ds.shuffle(1).shard(1, 4).batch(64),
    "take, skip": lambda ds: ds.shuffle(1).skip(1000).take(100_000).batch(64),
    "split": lambda ds: ds.split(0.8, 0.2, stratify="label")[0].shuffle(1).batch(64),
    "bucket": lambda ds: ds.shuffle(1).bucket_by_length("words", 64).pad("words"),
    "pad": lambda ds: ds.shuffle(1).batch(64).pad("words"),
    "pack": lambda ds: ds.shuffle(1).select(["words"]).pack("words", 512).batch(4),
    "unbatch": lambda ds: ds.unbatch("words").batch(64),
    "window": lambda ds: ds.select(["x", "y"]).window(24, horizon=2, targets="y").shuffle(1).batch(64),
    "resample": lambda ds: ds.shuffle(1).resample("label", dict.fromkeys(range(10), 1)).batch(64),
    "mix": lambda ds: Dataset.mix([ds.shuffle(1), ds], [1, 2]).batch(64),
    "zip": lambda ds: Dataset.zip([ds.select("x"), ds.select("y")]).batch(64),
    "interleave": lambda ds: Dataset.interleave([ds, ds.shuffle(1)]).batch(64),
    "concatenate": lambda ds: Dataset.concatenate([ds, ds]).shuffle(1).batch(64),
}


# The column that a chain needs; others need "label".
COLUMNS = {
    "map, filter": "x",
    "resample": "x",
    "window": "x",
    "zip": "y",
    **dict.fromkeys(("bucket", "pad", "pack", "unbatch"), "words"),
}


def _resume_ms(ds: Dataset, state: str) -> float:
    begin = time.process_time()
    iterator = iter(ds)
    iterator.load_state_dict(json.loads(state))
    next(iterator)
    milliseconds = (time.process_time() - begin) * 1e3
    iterator.close()
    return milliseconds


def _save(ds: Dataset, batches: int) -> str:
    iterator = iter(ds)
    for _ in range(batches):
        next(iterator)
    state: Any = iterator.state_dict()
    iterator.close()
    return json.dumps(state)


def measure(open_dataset: Callable[[], Dataset]) -> tuple[float, float, float]:
    """Return milliseconds of an epoch, and to the first batch at the worst place, known and opened anew."""
    ds = open_dataset()
    batches = sum(1 for _ in ds)  # fills caches
    begin = time.process_time()
    for _ in ds:
        pass
    epoch = (time.process_time() - begin) * 1e3
    states = [_save(ds, batches * percent // 100) for percent in _PERCENTS]
    known = max(min(_resume_ms(ds, state) for _ in range(_ROUNDS)) for state in states)
    return epoch, known, max(_resume_ms(open_dataset(), state) for state in states)


def main() -> None:
    """Print a line for each source and chain."""
    parser = argparse.ArgumentParser("python -m bench.data.resume")
    parser.add_argument("--rows", type=int, default=200_000)
    names = ("memory", "arrow", "parquet", "records", "gzip", "csv", "jsonl", "images", "texts", "generator")
    parser.add_argument("--sources", **choose_subset(names))
    parser.add_argument("--chains", **choose_subset(CHAINS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        sources = _write(Path(directory), options.rows)
        for source in options.sources:
            for chain in options.chains:
                if COLUMNS.get(chain, "label") not in sources[source]().schema.names:
                    continue  # CSV has no lists, for example
                epoch, known, new = measure(lambda s=source, c=chain: CHAINS[c](sources[s]()))
                verdict = "holds" if known <= max(_MOST_MS, _MOST_SHARE * epoch) else "MISSED"
                print(
                    f"{source:<10} {chain:<12} epoch {epoch:8.1f} ms  resume {known:7.2f} ms: {verdict:<6}  "
                    f"new {new:7.2f} ms",
                    flush=True,
                )


if __name__ == "__main__":
    main()
