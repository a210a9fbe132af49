"""The files of a run with wrong fields: reopening it is one line, never a raw exception."""

import json
import shutil
from pathlib import Path

import pytest

from headrace.errors import HeadraceError, UsageError
from headrace.recipes import reopen

from ..damaged_json import damage


@pytest.fixture
def run(executed: Path, tmp_path: Path) -> Path:
    """A copy of the small files of a finished run."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("run.json", "verdict.json", "metrics.json"):
        shutil.copy(executed / name, folder)
    return folder


def test_a_journal_with_wrong_fields(run: Path) -> None:
    journal = run / "run.json"
    before = json.loads(journal.read_text())
    refused = list[str]()
    for _, changed in damage(before):
        journal.write_text(json.dumps(changed))
        try:
            reopen(run)
        except HeadraceError as error:
            refused.append(str(error))
    assert len(refused) > 100
    assert not [line for line in refused if "\n" in line]


@pytest.mark.parametrize("name", ["verdict.json", "metrics.json"])
def test_results_with_wrong_fields(run: Path, name: str) -> None:
    reopened, file = reopen(run), run / name
    read = reopened.read_verdict if name == "verdict.json" else reopened.read_metrics
    before, refused = json.loads(file.read_text()), list[str]()
    for _, changed in damage(before):
        file.write_text(json.dumps(changed))
        try:
            read()
        except UsageError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert all(line.startswith(f"{file}: the file is damaged (") for line in refused)
    for data in (b"", b"{", b"\xff", b"[" * 100_000):
        file.write_bytes(data)
        with pytest.raises(UsageError, match="damaged"):
            read()
    file.unlink()
    with pytest.raises(UsageError, match=r"cannot be read: No such file"):
        read()
