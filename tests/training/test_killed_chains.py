"""A training killed amid an epoch loses no row and repeats none, for each kind of stage."""

import json
import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest
from safetensors.numpy import load_file

SCRIPT = Path(__file__).with_name("killed_chains.py")
CHAINS: dict[str, object] = run_path(str(SCRIPT))["CHAINS"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chains")
    done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("chain", CHAINS)
def test_a_killed_training_goes_on_with_the_next_row_and_ends_with_the_same_bits(
    folder: Path, chain: str
) -> None:
    own = folder / chain
    assert json.loads((own / "codes").read_text()) == [0, -9, 0]
    whole, before, after = (
        (own / f"{run}.rows").read_text().splitlines() for run in ("whole", "before", "killed")
    )
    step = json.loads((own / "killed.step").read_text())
    assert 0 < step == len(before)
    assert before + after == whole
    found, expected = (load_file(own / run / "last.safetensors") for run in ("killed", "whole"))
    assert {name: value.tobytes() for name, value in found.items()} == {
        name: value.tobytes() for name, value in expected.items()
    }
