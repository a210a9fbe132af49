import json
import re
import shutil
from pathlib import Path

import pyarrow as pa

from headrace.records import write

from ..commands import error_line, run_command, run_process


def test_intact_files(shards: list[Path]) -> None:
    shown = run_process("records", "check", *shards)
    assert shown.code == 0, shown.err
    assert shown.out.count("  intact") == 3
    assert "60 records in 3 files" in shown.out


def test_corruption_is_exit_code_1_and_every_place_is_listed(shards: list[Path]) -> None:
    cut, flipped = shards[0], shards[2]
    cut.write_bytes(cut.read_bytes()[:-30])
    data = bytearray(flipped.read_bytes())
    data[20] ^= 1
    flipped.write_bytes(data)
    shown = run_process("records", "check", *shards)
    assert shown.code == 1
    places = shown.out[shown.out.index(f"\n{cut}\n") :]
    assert re.search(r"\n  record 19 at byte \d[\d,]*: the file ends", places)
    assert f"\n{flipped}\n  record 0 at byte 0: the data do not match their checksum" in places
    assert "58 records in 3 files" in shown.out
    assert "2 records lost in 2 files" in shown.out


def test_quarantine_saves_the_corrupt_bytes(shards: list[Path]) -> None:
    whole = shards[0].read_bytes()
    data = bytearray(whole)
    data[20] ^= 1
    shards[0].write_bytes(data)
    assert run_command("records", "check", shards[0], "--quarantine").code == 1
    kept = shards[0].with_name(f"{shards[0].name}.corrupt").read_bytes()
    assert data.startswith(kept)
    (line,) = shards[0].with_name(f"{shards[0].name}.corrupt.jsonl").read_text().splitlines()
    assert json.loads(line)["length"] == len(kept)


def test_a_swapped_shard_of_equal_size_is_exit_code_1(tmp_path: Path) -> None:
    shards = write(tmp_path / "train", pa.table({"n": range(6)}), shards=3)
    shutil.copy(shards[1], shards[0])
    shown = run_process("records", "check", *shards)
    assert shown.code == 1
    assert f"\n{shards[0]}\n  holds other records than the set's manifest says" in shown.out
    assert shown.out.count("  intact") == 2


def test_a_file_that_is_not_a_tfrecord_file(no_records: Path) -> None:
    assert error_line(run_process("records", "check", no_records)).startswith(
        f"RecordError: {no_records}, record 0 "
    )
