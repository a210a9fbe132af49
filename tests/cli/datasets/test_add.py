import json

from headrace import datasets

from ..commands import error_line, run_command


def test_a_folder_gets_a_name(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(tmp_path / "data"))
    folder = datasets.prepare("housing", tmp_path / "elsewhere")
    result = run_command("datasets", "add", "houses", folder)
    assert result.out == f"houses → {folder} (train 16,512, test 4,128 rows)\n"
    assert json.loads(run_command("datasets", "verify", "houses", "--json").out)["ok"]
    assert "the catalogue has a data set" in error_line(run_command("datasets", "add", "mnist", folder))
