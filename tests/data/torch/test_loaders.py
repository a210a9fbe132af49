"""The loaders of others, on batches and rows of a dataset: the real packages, in real processes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.free_port import find_free_port

import headrace as hr
from headrace.errors import UsageError

ROOT = Path(__file__).parents[3]
torchdata = pytest.importorskip("torchdata", reason="torchdata is not installed: pip install -e '.[dev]'")
from torchdata.stateful_dataloader import StatefulDataLoader  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")


def numbers() -> hr.Dataset:
    return hr.Dataset.from_arrays({"row": np.arange(205)})


def rows_of(batches) -> list[list[int]]:
    return [batch["row"].tolist() for batch in batches]


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("done", [0, 1, 6, 13])
def test_a_stateful_data_loader_resumes_at_any_batch(workers, done):
    def loader() -> StatefulDataLoader:
        return StatefulDataLoader(
            numbers().shuffle(1).batch(16).to_torch(), batch_size=None, num_workers=workers
        )

    saved = loader()
    iterator = iter(saved)
    for _ in range(done):
        next(iterator)
    state = saved.state_dict()
    resumed = loader()
    resumed.load_state_dict(state)
    assert rows_of(resumed) == rows_of(iterator)


def test_a_stateful_data_loader_refuses_the_state_of_another_dataset():
    saved = StatefulDataLoader(numbers().shuffle(1).batch(16).to_torch(), batch_size=None)
    next(iter(saved))
    other = StatefulDataLoader(numbers().shuffle(2).batch(16).to_torch(), batch_size=None)
    other.load_state_dict(saved.state_dict())
    with pytest.raises(UsageError, match=r"shuffle\(seed=2"):
        next(iter(other))


ACCELERATED = """
import json

import numpy as np
from accelerate import Accelerator
from torch.utils.data import DataLoader

import headrace as hr

accelerator = Accelerator(cpu=True)
ds = hr.Dataset.from_arrays({"row": np.arange(200)}).shuffle(1).batch(16)
loader = accelerator.prepare(DataLoader(ds.to_torch(), batch_size=None))
seen = []
for epoch in range(2):
    loader.set_epoch(epoch)
    rows = [batch["row"] for batch in loader]
    seen.append([accelerator.gather(row).tolist() for row in rows])
if accelerator.is_main_process:
    result = {"processes": accelerator.num_processes, "length": len(loader), "seen": seen}
    print(json.dumps(result), flush=True)
accelerator.wait_for_everyone()
accelerator.end_training()  # or a rank that ends first may abort the other
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_accelerate_shares_the_batches_among_processes(processes, tmp_path):
    script = tmp_path / "accelerated.py"
    script.write_text(ACCELERATED)
    port = find_free_port()
    started = [start_rank(script, rank, processes, port) for rank in range(processes)]
    outputs = [process.communicate(timeout=1200) for process in started]
    assert [process.returncode for process in started] == [0] * processes, outputs
    result = json.loads(outputs[0][0].splitlines()[-1])
    assert result["processes"] == processes
    for epoch, seen in enumerate(result["seen"]):
        order = [row for batch in rows_of(hr_batches(epoch)) for row in batch]
        # Accelerate completes the last round of batches with rows of the first.
        assert [row for batch in seen for row in batch][:200] == order
        assert len(seen) == result["length"]


def start_rank(script: Path, rank: int, processes: int, port: int) -> subprocess.Popen[str]:
    """Start a rank as a launcher does, but over the loopback device: names of hosts need not resolve."""
    environment = dict(os.environ)
    if processes > 1:
        environment |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes)}
        environment |= {
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
            "GLOO_SOCKET_IFNAME": "lo",
        }
    command = [sys.executable, str(script)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, text=True, env=environment)


def hr_batches(epoch: int):
    ds = hr.Dataset.from_arrays({"row": np.arange(200)}).shuffle(1).batch(16)
    return ds.epoch(epoch).to_torch()


def test_lightning_trains_on_batches():
    lightning = pytest.importorskip("lightning", reason="Lightning is not installed: pip install lightning")
    import torch

    class Model(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))
            self.seen: list[list[int]] = []

        def training_step(self, batch, _index):
            self.seen.append(batch["row"].tolist())
            return (self.weight * batch["row"].float().mean()) ** 2

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.0)

    model = Model()
    trainer = lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    batches = numbers().batch(16).to_torch()
    trainer.fit(model, batches)
    assert model.seen == 2 * rows_of(batches)


def test_the_code_of_the_page_on_data(tmp_path, monkeypatch):
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", page, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith("PyTorch"))
    pq.write_table(pa.table({"x": np.arange(500.0), "label": np.arange(500) % 2}), tmp_path / "train.parquet")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(block, "docs/data.md", "exec"), names)
    assert sum(len(batch["label"]) for batch in names["remaining"]) == 500 - 64
    assert len(names["rows"]) == 500
    assert sum(float(batch["label"].sum()) for batch in names["balanced"]) > 400
