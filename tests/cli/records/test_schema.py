from pathlib import Path

from headrace import records

from ..commands import run_command, run_process


def test_types_shapes_and_required_features(shards: list[Path]) -> None:
    shown = run_process("records", "schema", *shards)
    assert shown.code == 0, shown.err
    rows = {line.split()[0]: line.split()[1:] for line in shown.out.splitlines()[2:]}
    assert rows["label"] == ["int64", "yes"]
    assert rows["words"] == ["string", "any", "number", "–"]
    assert rows["place"] == ["float32", "2", "yes"]


def test_json_is_a_schema_file(shards: list[Path], tmp_path: Path) -> None:
    shown = run_command("records", "schema", shards[0], "--json").out
    (tmp_path / "copy.schema.json").write_text(shown, encoding="utf-8")
    expected = records.read_schema(tmp_path / "data.schema.json")
    assert records.read_schema(tmp_path / "copy.schema.json") == expected
