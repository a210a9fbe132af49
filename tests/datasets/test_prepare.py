"""Data sets from their publisher to the folder that `load` finds."""

import hashlib
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from tests.datasets.publisher import drop

import headrace as hr
from headrace.datasets.downloads import Retries
from headrace.datasets.prepared import open_prepared
from headrace.datasets.user_builders import _builders
from headrace.errors import RecordError, SchemaError, UsageError

ROWS = b"x,y\n" + b"".join(b"%d,%d\n" % (x, x % 3) for x in range(100))
SHA256 = "sha256:" + hashlib.sha256(ROWS).hexdigest()


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(folder))
    yield folder
    _builders.clear()


@pytest.fixture
def download(publisher):
    publisher.files["rows.csv"] = ROWS
    return hr.datasets.Download(f"{publisher.url}/rows.csv", "rows.csv", SHA256, len(ROWS))


def read(split, folder):
    rows = hr.Dataset.from_csv(folder / "rows.csv")
    return rows.take(80) if split == "train" else rows.skip(80)


@pytest.fixture
def mine(download):
    """A data set of the user, with the publisher's file."""
    return hr.datasets.builder("mine", label="y", downloads=[download], description="Numbers.")(read)


@pytest.mark.usefixtures("mine")
def test_it_is_downloaded_and_stored_once_and_then_loaded_by_its_name(publisher, data_folder, table):
    folder = hr.datasets.prepare("mine")
    assert folder == data_folder / "mine" / "1.0.0"
    assert (data_folder / "downloads" / "mine" / "rows.csv").read_bytes() == ROWS
    assert table(hr.datasets.load("mine", "train[-1]")).to_pylist() == [{"x": 79, "y": 1}]
    card = hr.datasets.info("mine")
    assert (card.full_rows, card.label, card.description) == ({"train": 80, "test": 20}, "y", "Numbers.")
    assert hr.datasets.prepare("mine:1.0.0") == folder
    assert len(publisher.requests) == 1


@pytest.mark.usefixtures("mine")
def test_what_it_returns_is_a_folder_for_load_and_a_data_dir(tmp_path, table):
    folder = hr.datasets.prepare("mine", tmp_path / "other")
    expected = table(hr.datasets.load(folder, "test"))
    assert expected["x"].to_pylist() == list(range(80, 100))
    for data_dir in (tmp_path / "other", folder):
        assert table(hr.datasets.load("mine", "test", data_dir=data_dir)).equals(expected)
        assert table(hr.datasets.load("mine:1.0.0", "test", data_dir=data_dir)).equals(expected)


@pytest.mark.usefixtures("mine")
def test_a_mirror_takes_the_place_of_the_publisher(publisher, tmp_path, data_folder):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "rows.csv").write_bytes(ROWS)
    hr.datasets.prepare("mine", mirror=mirror)
    assert hr.datasets.load("mine", "train").num_rows == 80
    assert publisher.requests == []
    assert [path.name for path in data_folder.iterdir()] == ["mine"]


@pytest.mark.usefixtures("mine")
def test_the_downloads_of_another_machine_are_a_mirror(publisher, tmp_path):
    hr.datasets.prepare("mine", tmp_path / "there")
    hr.datasets.prepare("mine", mirror=tmp_path / "there" / "downloads")
    assert len(publisher.requests) == 1
    assert hr.datasets.load("mine", "train").num_rows == 80


@pytest.mark.usefixtures("mine")
def test_a_mirror_with_other_bytes_is_refused(tmp_path, data_folder):
    (tmp_path / "rows.csv").write_bytes(ROWS.replace(b"7", b"8"))
    with pytest.raises(UsageError, match=r"rows\.csv: a file of this name exists with checksum"):
        hr.datasets.prepare("mine", mirror=tmp_path)
    assert list(data_folder.rglob("*")) == []


@pytest.mark.usefixtures("mine")
def test_faults_of_the_network_are_overcome(publisher):
    publisher.faults.append(drop(100))
    waits = []
    hr.datasets.prepare("mine", retries=Retries(sleep=waits.append))
    assert waits == [1]
    assert hr.datasets.load("mine", "test").num_rows == 20


@pytest.mark.usefixtures("mine")
def test_shards_are_counted():
    folder = hr.datasets.prepare("mine", shards={"train": 3, "test": 1})
    assert open_prepared(folder).sizes["train"].shards == (26, 27, 27)


@pytest.mark.usefixtures("mine")
def test_before_it_is_prepared_the_command_is_named():
    with pytest.raises(
        UsageError, match=r"no data of 'mine' .*; fetch them with `headrace datasets prepare mine`"
    ):
        hr.datasets.load("mine", "train")


def test_data_that_ship_with_the_package_are_stored_too(table):
    before = table(hr.datasets.load("housing", "test"))
    hr.datasets.prepare("housing")
    ds = hr.datasets.load("housing", "test")
    assert "tfrecord" in str(ds.source)
    assert table(ds).equals(before)


CATALOGUE = """
import pyarrow as pa
from headrace.data import Dataset
from headrace.datasets import Download
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.info import DatasetInfo

ROWS = {{"train": {rows}}}
INFO = DatasetInfo("{name}", "", pa.schema([("x", pa.int64())]), "", (), {{}}, ROWS, "", "", "")
BUILDER = DatasetBuilder(INFO, lambda split, folder: Dataset.from_csv(folder / "rows.csv"), ({download!r},))
"""


def test_a_builder_of_the_catalogue_with_variants_shares_their_downloads(
    download, add_module, data_folder, publisher, table
):
    for variant in ("odd", "even"):
        source = CATALOGUE.format(name=f"numbers/{variant}", rows=100, download=download)
        add_module("headrace.datasets.builders.tables", variant, source)
        assert hr.datasets.prepare(f"numbers/{variant}") == data_folder / "numbers" / variant / "1.0.0"
        assert table(hr.datasets.load(f"numbers/{variant}", "train")).num_rows == 100
        assert hr.datasets.info(f"numbers/{variant}").name == f"numbers/{variant}"
    assert len(publisher.requests) == 1


def test_other_rows_than_the_card_says_are_refused(download, add_module, data_folder):
    source = CATALOGUE.format(name="numbers", rows=99, download=download)
    add_module("headrace.datasets.builders.tables", "numbers", source)
    with pytest.raises(SchemaError, match="expected 99 rows in the split 'train' of numbers, got 100"):
        hr.datasets.prepare("numbers")
    assert not (data_folder / "numbers" / "1.0.0").exists()


def test_a_damaged_file_leaves_no_folder(download, publisher, data_folder):
    publisher.files["rows.csv"] = bad = ROWS + b"1,2,3\n"
    damaged = replace(download, checksum="sha256:" + hashlib.sha256(bad).hexdigest(), size=len(bad))
    hr.datasets.builder("mine", downloads=[damaged])(read)
    with pytest.raises((RecordError, SchemaError), match=r"rows\.csv"):
        hr.datasets.prepare("mine")
    assert not (data_folder / "mine" / "1.0.0").exists()


KILLED = """
import sys, time
import headrace as hr

def rows():
    for x in range(int(sys.argv[1])):
        yield {"x": x}
    print("stuck", flush=True)
    while len(sys.argv) > 2:
        time.sleep(60)

hr.datasets.builder("mine", splits=["train"])(lambda split, folder: hr.Dataset.from_generator(rows))
hr.datasets.prepare("mine")
"""


def test_a_killed_run_leaves_nothing_that_looks_whole(data_folder):
    with subprocess.Popen([sys.executable, "-c", KILLED, "5000", "stuck"], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"stuck\n"
        process.send_signal(signal.SIGKILL)
    with pytest.raises(UsageError, match="unknown dataset 'mine'"):
        hr.datasets.load("mine")
    subprocess.run([sys.executable, "-c", KILLED, "3000"], check=True, capture_output=True)
    assert hr.datasets.load("mine", "train").num_rows == 3_000
    assert [path.name for path in (data_folder / "mine").iterdir()] == ["1.0.0"]


def truncate(folder):
    path = next(folder.glob("mine-train.tfrecord-*-of-00001"))
    path.write_bytes(path.read_bytes()[:-20])


def flip(folder):
    path = next(folder.glob("mine-train.tfrecord-*-of-00001"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (truncate, "mine 1.0.0 was damaged, and is prepared again: .*mine-train.*bytes"),
        (flip, "prepared again: .*mine-train.*checksum"),
        (lambda folder: (folder / "dataset_info.json").unlink(), "prepared again: .*dataset_info.json"),
        (
            lambda folder: (folder / "features.json").write_text("{"),
            "prepared again: .*features.json: not JSON",
        ),
        (lambda folder: next(folder.glob("mine-test.tfrecord-*-of-00001")).unlink(), "shard is missing"),
    ],
    ids=["truncated", "flipped", "no card", "no features", "no shard"],
)
def test_a_damaged_folder_is_prepared_again_with_one_line(damage, what, data_folder, publisher, table):
    folder = hr.datasets.prepare("mine")
    expected = table(hr.datasets.load("mine", "train"))
    damage(folder)
    with pytest.warns(UserWarning, match=what) as warned:
        assert hr.datasets.prepare("mine") == folder
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)
    assert table(hr.datasets.load("mine", "train")).equals(expected)
    assert [each.name for each in (data_folder / "mine").iterdir()] == ["1.0.0"]
    assert len(publisher.requests) == 1


@pytest.mark.usefixtures("mine")
def test_a_damaged_folder_stays_where_it_cannot_be_prepared(data_folder):
    folder = hr.datasets.prepare("mine")
    flip(folder)
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    _builders.clear()

    @hr.datasets.builder("mine", label="y", splits=["train", "test"])
    def fail(*_):
        raise SchemaError("no rows today")

    with pytest.raises(SchemaError, match="no rows today"):
        hr.datasets.prepare("mine")
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    assert [each.name for each in (data_folder / "mine").iterdir()] == ["1.0.0"]
