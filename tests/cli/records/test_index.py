from pathlib import Path

from headrace import records

from ..commands import called, refusal, started


def test_an_index_beside_every_file(shards: list[Path]) -> None:
    shown = started("records", "index", *shards)
    assert shown.code == 0, shown.err
    assert "3 files indexed" in shown.out
    lines = Path(f"{shards[0]}.idx").read_text().splitlines()
    assert len(lines) == 20
    assert lines[0].split()[0] == "0"
    assert len(records.RecordFile(shards[0])) == 20
    assert "--force" in refusal(called("records", "index", shards[0]))
    assert called("records", "index", shards[0], "--force").code == 0
