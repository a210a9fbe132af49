"""The section on sources of docs/data.md: every source is in its table, and its code runs."""

import io
import re
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset

PAGE = Path(__file__).parents[3] / "docs" / "data.md"


@pytest.fixture
def section() -> str:
    return re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]


def test_every_source_is_in_the_table(section: str) -> None:
    listed = set(re.findall(r"`(from_\w+)`", "".join(re.findall(r"^\| `from.*?\|", section, re.MULTILINE))))
    assert listed == {name for name in dir(Dataset) if name.startswith("from_")}


def write_files(folder: Path) -> None:
    (folder / "clicks" / "day=2026-11-29").mkdir(parents=True)
    pq.write_table(pa.table({"clicked": [0, 1, 0]}), folder / "clicks" / "day=2026-11-29" / "0.parquet")
    with pa.CompressedOutputStream(str(folder / "houses.csv.zst"), "zstd") as file:
        file.write(b"rooms,price,town\n3,250000,Oslo\n")
    for number in range(2):
        with tarfile.open(folder / f"train-{number:04}.tar", "w") as archive:
            for name, data in (("0.jpg", b"\xff\xd8"), ("0.cls", b"7")):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))


def test_the_code_runs(section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    write_files(tmp_path)
    names: dict[str, Dataset] = {}
    for code in re.findall(r"```python\n(.*?)```", section, re.DOTALL):
        exec(compile(code, "docs/data.md", "exec"), names)
    assert next(iter(names["clicks"])).to_pylist()[1] == {"clicked": 1, "day": "2026-11-29"}
    assert next(iter(names["houses"])).to_pylist() == [{"rooms": 3, "price": 250000}]
    assert next(iter(names["pictures"])).to_pylist() == [{"jpg": b"\xff\xd8", "cls": 7}] * 2
    assert sum(batch.num_rows for batch in names["squares"]) == 1000
