"""Trainings on chains of stages for `test_killed_chains.py`: each is killed, resumed, and run as a whole.

    python killed_chains.py FOLDER

Each training runs in a fork of this process. It writes the rows of each step to a file, a line a step.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor, nn

from headrace import Dataset
from headrace.data.stages import Choose, EveryNthBatch, ShardBatches
from headrace.training import fit

ROWS, BATCH, EPOCHS = 24, 5, 1


def same(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def is_kept(batch: pa.RecordBatch) -> pa.Array:
    return pa.array(batch["label"].to_numpy() != 3)


def twice(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    return [batch, batch.slice(batch.num_rows // 2)]


def rows(start: int = 0) -> Dataset:
    number = np.arange(start, start + ROWS)
    words = [[float(row)] * (1 + row % 4) for row in number]
    return Dataset.from_arrays({"x": number[:, None].astype(np.float32), "label": number % 4, "words": words})


def stream() -> Dataset:
    return Dataset.from_generator(lambda: (batch for batch in rows()))


shuffled = rows().shuffle(1)
CHAINS: dict[str, Callable[[Path], Dataset]] = {
    "shuffle map filter batch prefetch": lambda _: (
        shuffled.map(same, threads=2).filter(is_kept).batch(5, drop_remainder=True).prefetch(2)
    ),
    "stream flat_map shuffle": lambda _: (
        stream().flat_map(twice).shuffle(1, window=11).map(same, processes=2)
    ),
    "bucket_by_length resample": lambda _: shuffled.resample(
        "label", {0: 1, 1: 1, 2: 2, 3: 1}
    ).bucket_by_length("words", 4, pool=3),
    "cache file shard repeat": lambda folder: (
        shuffled.cache(folder / "a.arrow").shuffle(2).shard(1, 2).repeat(3)
    ),
    "cache choose every nth": lambda _: (
        shuffled.cache().apply(Choose.from_rows(np.arange(3, 20))).batch(4).apply(EveryNthBatch(1, 2))
    ),
    "concatenate skip shard batches": lambda _: (
        Dataset.concatenate([rows(), rows(100)]).shuffle(3).skip(7).apply(ShardBatches(0, 2, 4))
    ),
    "interleave mix": lambda _: Dataset.mix([Dataset.interleave([shuffled, stream()]), rows(50)], [1, 3]),
    "pack": lambda _: shuffled.select(["words"]).pack("words", 6, pool=3).map(add_labels),
    "pad rename weights drop": lambda _: (
        shuffled.weights("label").drop(["weight", "x"]).pad("words", 4).rename({"words": "x"})
    ),
    "unbatch take": lambda _: shuffled.select(["words", "label"]).unbatch("words").map(to_rows).take(20),
    "split window": lambda _: (
        rows().split(0.9, 0.1)[0].select(["x", "label"]).window(3, 2, horizon=1, targets="label").map(last)
    ),
    "zip": lambda _: Dataset.zip([rows().select("x"), rows().select("label")]),
}


def add_labels(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch({"x": batch["words"], "label": pa.array(np.arange(batch.num_rows) % 4)})


def to_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    x = pa.FixedSizeListArray.from_arrays(batch["words"], 1)
    return pa.record_batch({"x": x, "label": batch["label"]})


def last(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.record_batch({"x": batch["x"], "label": batch["label_target"]})


class Model(nn.Module):
    """Logits of 4 classes; it notes the rows of each training step."""

    def __init__(self, notes: Path, kill_at: int | None) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 4)
        self.notes, self.kill_at, self.steps = notes, kill_at, 0

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            if self.steps == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.steps += 1
            with self.notes.open("a") as file:
                file.write(f"{json.dumps(x.tolist())}\n")
        return self.layer(x.float().flatten(1).mean(1, keepdim=True) / 100)


def train(name: str, folder: Path, run: str, kill_at: int | None) -> None:
    torch.manual_seed(0)
    (folder / run).mkdir(exist_ok=True)
    data = CHAINS[name](folder / run)
    result = fit(
        Model(folder / f"{run}.rows", kill_at),
        data.select(["x", "label"]),
        rows().select(["x", "label"]),
        label="label",
        epochs=EPOCHS,
        batch_size=BATCH,
        schedule="constant",
        out_dir=folder / run,
        checkpoint_seconds=0,
        device="cpu",
        progress=False,
    )
    (folder / f"{run}.step").write_text(json.dumps(result.resumed_at_step))


def fork(name: str, folder: Path, run: str, kill_at: int | None) -> int:
    """Train in a child process; return how it ended."""
    child = os.fork()
    if not child:
        try:
            train(name, folder, run, kill_at)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    (folder / "first").mkdir()
    train("zip", folder / "first", "whole", None)  # loads what every training imports, before the forks
    for number, name in enumerate(CHAINS):
        own = folder / name
        own.mkdir()
        codes = [fork(name, own, "whole", None)]
        kill_at = 1 + number % 2
        codes.append(fork(name, own, "killed", kill_at))
        (own / "killed.rows").rename(own / "before.rows")
        codes.append(fork(name, own, "killed", None))
        (own / "codes").write_text(json.dumps(codes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
