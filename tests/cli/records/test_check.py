import re
from pathlib import Path

from ..commands import refusal, started


def test_sound_files(shards: list[Path]) -> None:
    shown = started("records", "check", *shards)
    assert shown.code == 0, shown.err
    assert shown.out.count("whole") == 3
    assert "60 records in 3 files" in shown.out


def test_damage_is_exit_code_1_and_names_every_place(shards: list[Path]) -> None:
    cut, flipped = shards[0], shards[2]
    cut.write_bytes(cut.read_bytes()[:-30])
    data = bytearray(flipped.read_bytes())
    data[20] ^= 1
    flipped.write_bytes(data)
    shown = started("records", "check", *shards)
    assert shown.code == 1
    assert re.search(rf"{cut}, record 19 at byte \d[\d,]*: the file ends", shown.out)
    assert f"{flipped}, record 0 at byte 0: the data do not match their checksum" in shown.out
    assert shown.out.count("whole") == 1


def test_a_file_that_is_no_tfrecord(no_records: Path) -> None:
    assert refusal(started("records", "check", no_records)).startswith(
        f"RecordError: {no_records}, record 0 "
    )
