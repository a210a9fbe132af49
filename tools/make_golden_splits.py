"""Write tests/golden/splits.json: the rows that TensorFlow Datasets chooses for the notation of splits.

    pip install tensorflow-datasets==4.9.10 tensorflow-cpu==2.21.0     # in an environment of its own
    python tools/make_golden_splits.py

Each case has the lengths of the shards of two splits, a notation (or the arguments of `even_splits`), and
the chosen rows, as [split, first, behind the last]; null where TFDS raises an error.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds
from tensorflow_datasets.core import splits

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "splits.json"
SIZES = ([[1001], [100]], [[400, 301, 300], [50, 50]], [[1], [3]], [[50, 100], [25]], [[60000], [10000]])
PERCENT = ("1%", "5%", "12.5%", "25%", "33%", "50%", "75%", "99%", "100%", "0.5%", "-1%", "-10%", "-12.5%")
ROWS = ("0", "1", "5", "10", "25", "50", "-1", "-5", "-50", "2000")
SHARDS = ("0shard", "1shard", "2shard", "3shard", "-1shard", "-2shard")
BOUNDS = ("", *PERCENT, *ROWS, *SHARDS)
TEXTS = (
    *("train", "test", "all", "train+test", "test+train", "train[:75%]", "test+train[:75%]"),
    *("train[123:450]", "train[:4000]", "train[25%:75%]", "train[:25%]+test", "test[:50%]", "train[10%:20%]"),
    *("test[:-5%]+train[40%:60%]", "train[:4shard]", "train[4shard]", "train[0shard]", "train[-1shard]"),
    *(f"train[:{bound}]" for bound in BOUNDS if bound),
    *(f"train[{bound}:]" for bound in BOUNDS if bound),
    *(f"train[{a}:{b}]" for unit in (PERCENT, ROWS, SHARDS) for a in unit[::2] for b in unit[1::2]),
)
EVEN = [
    (text, n, drops)
    for text in ("train", "train[10%:]+test", "all")
    for n in (1, 2, 3, 7)
    for drops in (False, True)
]


def split_infos(sizes: list[list[int]]) -> dict[str, Any]:
    """Make the descriptions of `train` and `test`, which are stored in these shards."""
    template = tfds.core.ShardedFileTemplate(data_dir="/nowhere", dataset_name="d", filetype_suffix="x")
    infos = [
        splits.SplitInfo(name=name, shard_lengths=lengths, num_bytes=0, filename_template=template)
        for name, lengths in zip(("train", "test"), sizes, strict=True)
    ]
    return splits.SplitDict(infos)


def choose(infos: Any, split: Any) -> list[list[Any]] | None:
    """Return the rows that a split chooses."""
    try:
        found = splits.AbstractSplit.from_spec(split).to_absolute(infos)
    except (ValueError, NotImplementedError, ZeroDivisionError):
        return None
    chosen = []
    for each in found:
        start, rows = each.from_ or 0, infos[each.splitname].num_examples
        stop = rows if each.to is None else each.to
        if start < stop:
            chosen.append([each.splitname, start, stop])
    return chosen


def main() -> None:
    """Write the file, one case per line."""
    lines: list[str] = []
    for sizes in SIZES:
        infos = split_infos(sizes)
        lines += [json.dumps([sizes, text, choose(infos, text)]) for text in TEXTS]
        for text, n, drops in EVEN:
            parts = tfds.even_splits(text, n=n, drop_remainder=drops)
            lines.append(json.dumps([sizes, [text, n, drops], [choose(infos, part) for part in parts]]))
    GOLDEN.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
