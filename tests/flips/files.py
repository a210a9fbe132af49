"""The kinds of files, how to write each, and how to read its answer."""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from torch import nn

import headrace as hr
from headrace import records
from headrace.data.sinks import write_parquet
from headrace.errors import HeadraceError
from headrace.recipes.journal import Journal, read_journal
from headrace.training.checkpoint import (
    Progress,
    Trained,
    load_weights,
    read_progress,
    restore_checkpoint,
    save_checkpoint,
    save_weights,
)

ROWS = pa.table({"age": [30.0, 41.5, 28.25, 60.0], "city": ["Bern", "Zürich", "Genf", "Bern"]})


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        write: Writes the file or folder, and returns the files to change.
        read: Reads the answer from the folder that `write` wrote to; answers are compared.
    """

    write: Callable[[Path], list[Path]]
    read: Callable[[Path], Any]


@dataclass
class Outcome:
    """The number of changed files by outcome."""

    same: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list[str])


def try_flips(kind: Kind, folder: Path, flips: int, seed: int = 0) -> Outcome:
    """Change one byte at a time, at random places of random files."""
    files = kind.write(folder)
    before = {file: file.read_bytes() for file in files}
    expected = kind.read(folder)
    draw, outcome = random.Random(seed), Outcome()
    for _ in range(flips):
        file = draw.choice(files)
        at, change = (
            draw.randrange(len(before[file])),
            draw.choice([1 << draw.randrange(8), draw.randrange(1, 256)]),
        )
        data = bytearray(before[file])
        data[at] ^= change
        file.write_bytes(data)
        what = f"byte {at} of {file.name} ^ {change:#x}"
        try:
            found = kind.read(folder)
        except HeadraceError as error:
            outcome.refused += 1
            if "\n" in str(error):
                outcome.wrong.append(f"{what}: several lines: {error}")
        except Exception as error:
            outcome.wrong.append(f"{what}: {type(error).__name__}: {error}")
        else:
            outcome.same += found == expected
            if found != expected:
                outcome.wrong.append(f"{what}: another answer: {str(found)[:200]}")
        file.write_bytes(before[file])
    return outcome


def _write_records(folder: Path) -> list[Path]:
    records.write(folder / "rows", ROWS, shards=2)
    return sorted(folder.iterdir())


def _read_records(folder: Path) -> Any:
    return pa.Table.from_batches(records.read(folder / "rows")).to_pylist()


def _write_compressed(folder: Path) -> list[Path]:
    return [Path(each) for each in records.write(folder / "rows.tfrecord.gz", ROWS)]


def _read_compressed(folder: Path) -> Any:
    return pa.Table.from_batches(records.read(folder / "rows.tfrecord.gz")).to_pylist()


def _preprocess(inputs: Any) -> Any:
    t = hr.transform
    city = t.compute_and_apply_vocabulary(inputs["city"], vocab_filename="city")
    return {"age": t.scale_to_z_score(inputs["age"]), "city": city}


def _write_transform(folder: Path) -> list[Path]:
    hr.transform.analyze(_preprocess, ROWS.to_batches()).save(folder / "transform")
    return sorted(path for path in (folder / "transform").rglob("*") if path.is_file())


def _read_transform(folder: Path) -> Any:
    transform = hr.Transform.load(folder / "transform")
    (batch,) = ROWS.to_batches()
    return transform(batch).to_pylist(), str(transform.explain()), str(transform.statistics)


class _Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(2, 3)

    def forward(self, age: torch.Tensor, city: torch.Tensor) -> torch.Tensor:
        return self.last(torch.stack([age, city.to(age.dtype)], dim=1))


def _make_network(seed: int = 0) -> _Network:
    torch.manual_seed(seed)
    return _Network()


def _write_onnx(folder: Path) -> list[Path]:
    (folder / "model.onnx").write_bytes(_export())
    return [folder / "model.onnx"]


@cache
def _export() -> bytes:
    transform = hr.transform.analyze(_preprocess, ROWS.to_batches())
    head = hr.deploy.Classifier(("a", "b", "c"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        return hr.deploy.export(file, transform=transform, model=_make_network(), head=head).read_bytes()


def _read_onnx(folder: Path) -> Any:
    predictor = hr.serving.load(folder / "model.onnx", threads=1)
    return predictor.inputs, predictor.predict(ROWS.to_batches()[0]).to_pylist()


def _write_transform_onnx(folder: Path) -> list[Path]:
    hr.transform.analyze(_preprocess, ROWS.to_batches()).to_onnx(folder / "model.onnx")
    return [folder / "model.onnx"]


def _write_checkpoint(folder: Path) -> list[Path]:
    model = _make_network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.ones(2), torch.ones(2)).sum().backward()
    optimizer.step()
    progress = Progress(epoch=1, best_epoch=1, step=7, history=[{"epoch": 1, "train_loss": 0.5}])
    file = folder / "state.safetensors"
    save_checkpoint(file, model, Trained(optimizer, torch.tensor([1.0, 2.0])), progress, {"label": "x"})
    return [file]


def _read_checkpoint(folder: Path) -> Any:
    file, model = folder / "state.safetensors", _make_network(1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    sums = torch.zeros(2)
    progress, settings = read_progress(file)
    restore_checkpoint(file, model, Trained(optimizer, sums))
    tensors = [*model.state_dict().values(), sums, torch.get_rng_state()]
    moments = [each for state in optimizer.state.values() for each in state.values()]
    return progress, settings, [each.tolist() for each in (*tensors, *moments)]


def _write_weights(folder: Path) -> list[Path]:
    save_weights(_make_network(), folder / "best.safetensors")
    return [folder / "best.safetensors"]


def _read_weights(folder: Path) -> Any:
    model = _make_network(1)
    load_weights(model, folder / "best.safetensors")
    return [each.tolist() for each in model.state_dict().values()]


def _write_parquet(folder: Path) -> list[Path]:
    write_parquet(folder / "rows.parquet", ROWS.to_batches(), ROWS.schema)
    return [folder / "rows.parquet"]


def _read_parquet(folder: Path) -> Any:
    return [batch.to_pydict() for batch in hr.Dataset.from_parquet(folder / "rows.parquet")]


def _write_arrow(folder: Path) -> list[Path]:
    return [Path(each) for each in hr.Dataset.from_arrow(ROWS).write(folder / "rows", "arrow", 2)]


def _read_arrow(folder: Path) -> Any:
    ds = hr.Dataset.from_arrow_ipc(sorted(folder.glob("rows-*.arrow")))
    return ds.num_rows, [batch.to_pydict() for batch in (*ds, *ds.shuffle(seed=0))]


def _write_csv(folder: Path) -> list[Path]:
    return [Path(each) for each in hr.Dataset.from_arrow(ROWS).write(folder / "rows", "csv", 2)]


def _read_csv(folder: Path) -> Any:
    return [batch.to_pydict() for batch in hr.Dataset.from_csv(sorted(folder.glob("rows-*.csv")))]


def _write_json_lines(folder: Path) -> list[Path]:
    return [Path(each) for each in hr.Dataset.from_arrow(ROWS).write(folder / "rows", "jsonl", 2)]


def _read_json_lines(folder: Path) -> Any:
    return [batch.to_pydict() for batch in hr.Dataset.from_json_lines(sorted(folder.glob("rows-*.jsonl")))]


def _write_cache(folder: Path) -> list[Path]:
    _read_cache(folder)
    return [folder / "cached.arrow"]


def _read_cache(folder: Path) -> Any:
    ds = hr.Dataset.from_arrow(ROWS).batch(2).cache(folder / "cached.arrow")
    return [batch.to_pydict() for batch in (*ds, *ds.shuffle(seed=0))]


def _write_journal(folder: Path) -> list[Path]:
    journal = Journal(folder, {"recipe": "a.py", "epochs": 3}, "1f3a", {"records": {"rows": 40}, "train": {}})
    for step in ("records", "train"):
        journal.do_step(step, lambda: True)
    return [folder / "run.json"]


FILES = {
    "parquet": Kind(_write_parquet, _read_parquet),
    "arrow": Kind(_write_arrow, _read_arrow),
    "cached rows": Kind(_write_cache, _read_cache),
    "shards of CSV": Kind(_write_csv, _read_csv),
    "shards of JSON lines": Kind(_write_json_lines, _read_json_lines),
    "records": Kind(_write_records, _read_records),
    "compressed records": Kind(_write_compressed, _read_compressed),
    "transform": Kind(_write_transform, _read_transform),
    "model.onnx": Kind(_write_onnx, _read_onnx),
    "transform as ONNX": Kind(_write_transform_onnx, _read_onnx),
    "checkpoint": Kind(_write_checkpoint, _read_checkpoint),
    "weights": Kind(_write_weights, _read_weights),
    "journal of a run": Kind(_write_journal, read_journal),
}
