"""Ranks without a launcher, for the tests: forks of a process that has imported torch.

    python fork_ranks.py FOLDER RECIPE

Each scenario trains in FOLDER/NAME: a rank's output is in rank-N.log, exit codes are in codes.json.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tests.free_port import find_free_port
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel
from train_on_ranks import dense, train, write_result

from headrace.cli import main as run_command
from headrace.training.loop import step
from headrace.training.ranks import Replica

Work = Callable[[Path], object]
LOADED_ONCE = ("torch._dynamo", "torchmetrics.functional.classification", "headrace.recipes.run_report")


def launch(folder: Path, ranks: int, work: Work) -> None:
    """Run `work` in several processes, and note how they ended."""
    folder.mkdir(parents=True, exist_ok=True)
    port, codes = find_free_port(), dict[int, int]()
    children = {_fork(folder, rank, ranks, port, work): rank for rank in range(ranks)}
    for _ in children:
        pid, status = os.wait()
        codes[children[pid]] = os.waitstatus_to_exitcode(status)
    (folder / "codes.json").write_text(json.dumps({"codes": [codes[rank] for rank in range(ranks)]}))


def _fork(folder: Path, rank: int, ranks: int, port: int, work: Work) -> int:
    child = os.fork()
    if child:
        return child
    variables = {"RANK": rank, "WORLD_SIZE": ranks, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in variables.items()})
    log = os.open(folder / f"rank-{rank}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    code = 0
    try:
        work(folder)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def train_case(case: str, way: str | None = None, **changes: Any) -> Work:
    return lambda folder: write_result(folder, case, train(folder, case, way, **changes))


def train_in_a_group(folder: Path) -> None:
    """Train in a process group of the user, who has wrapped the network; gradients overlap as on GPUs."""
    step.Replica = lambda *words, **settings: Replica(*words, **{**settings, "overlaps": True})  # pyright: ignore
    dist.init_process_group("gloo")
    write_result(folder, "plain", train(folder, "plain", model=lambda: DistributedDataParallel(dense())))
    assert dist.is_initialized()
    dist.barrier()
    dist.destroy_process_group()


def run_recipe(recipe: str, *flags: str) -> Work:
    return lambda folder: run_command(["run", recipe, "--out-dir", str(folder / "run"), *flags])


def main(folder: Path, recipe: str) -> None:
    torch.set_num_threads(1)
    for name in LOADED_ONCE:
        import_module(name)
    saved: dict[str, Any] = {"checkpoint_seconds": 0}
    for case in ("plain", "several"):
        launch(folder / f"three-{case}", 3, train_case(case))
    launch(folder / "whole-norm", 2, train_case("norm", **saved))
    for case in ("norm", "several"):
        launch(folder / f"killed-{case}", 2, train_case(case, "kill", **saved))
    for name, ranks, case in (("two", 2, "norm"), ("three", 3, "several"), ("one", 1, "several")):
        shutil.copytree(folder / f"killed-{case}", folder / f"resumed-{name}")
        launch(folder / f"resumed-{name}", ranks, train_case(case, **saved))
    launch(folder / "hang", 2, train_case("plain", "hang", rank_timeout=10))
    for way in ("raise", "raise first", "kill first", "exit"):
        launch(folder / way, 2, train_case("plain", way))
    launch(folder / "rows", 2, train_case("plain", "rows"))
    launch(folder / "group", 2, train_in_a_group)
    launch(folder / "run", 2, run_recipe(recipe))
    launch(folder / "refused", 2, run_recipe(recipe, "--batch-size", "1"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
