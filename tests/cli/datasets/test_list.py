import json
import re

import pytest

from headrace import datasets

from ..commands import run_command, run_process


def test_each_dataset_has_one_line_that_fits() -> None:
    result = run_process("datasets", "list", columns=80)
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 80
    for name in datasets.list():
        assert re.search(rf"^{re.escape(name)} ", result.out, re.MULTILINE)
    assert re.search(r"^fashion_mnist +70,000  14,000 +real file +MIT", result.out, re.MULTILINE)
    assert re.search(r"^mnist +70,000  - +generated archive", result.out, re.MULTILINE)


def test_prepared_data_and_named_folders_are_marked(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(tmp_path))
    assert re.search(r"^housing +20,640  all ", run_command("datasets", "list").out, re.MULTILINE)
    folder = datasets.prepare("housing")
    datasets.add("houses", folder)
    listed = run_command("datasets", "list").out
    assert re.search(r"^housing +20,640  prepared ", listed, re.MULTILINE)
    assert f"houses → {folder}\n" in listed


def test_json_has_every_dataset() -> None:
    rows = json.loads(run_command("datasets", "list", "--json").out)["datasets"]
    found = {each["name"]: each for each in rows}
    assert sorted(found) == datasets.list()
    assert found["fashion_mnist"] == {
        "name": "fashion_mnist",
        "version": "1.0.0",
        "rows": {"train": 60_000, "test": 10_000},
        "sample_rows": {"train": 12_000, "test": 2_000},
        "prepared": None,
        "download_bytes": 30_878_645,
        "parser_ran_on": "real file",
        "licence": "MIT",
    }


@pytest.mark.parametrize("option", ["list", "info", "prepare", "show", "verify", "add"])
def test_each_command_has_help(option) -> None:
    assert run_command("datasets", option, "--help").code == 0
