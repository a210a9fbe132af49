from pathlib import Path

from headrace import records

from ..commands import error_line, run_command, run_process


def test_an_index_next_to_every_file(shards: list[Path]) -> None:
    shown = run_process("records", "index", *shards)
    assert shown.code == 0, shown.err
    assert "3 files indexed" in shown.out
    lines = Path(f"{shards[0]}.idx").read_text().splitlines()
    assert len(lines) == 20
    assert lines[0].split()[0] == "0"
    assert len(records.RecordFile(shards[0])) == 20
    assert "--force" in error_line(run_command("records", "index", shards[0]))
    assert run_command("records", "index", shards[0], "--force").code == 0
