"""Every data set from the publisher's files, on a mirror, to the folder that `load` reads: the same rows."""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import headrace as hr
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.find_builder import builders
from headrace.errors import UsageError

from .published import PUBLISHED


def adapt(builder: DatasetBuilder, mirror: Path, rows: dict[str, int]) -> DatasetBuilder:
    """The builder of a data set that holds other rows: with the sizes and checksums of generated files."""
    files = {each.file_name: (mirror / each.file_name).read_bytes() for each in builder.downloads}
    downloads = [
        replace(each, checksum=f"sha256:{hashlib.sha256(files[each.file_name]).hexdigest()}",
                size=len(files[each.file_name]))
        for each in builder.downloads
    ]  # fmt: skip
    return replace(builder, info=replace(builder.info, full_rows=rows), downloads=tuple(downloads))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_prepared_data_set_has_the_rows_of_the_files(name, tmp_path, monkeypatch, table):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    rows = {split: len(each) for split, each in PUBLISHED[name].write(mirror).items()}
    builder = adapt(builders()[name], mirror, rows)
    monkeypatch.setattr(sys.modules["headrace.datasets.prepare"], "find_builder", lambda _: builder)
    folder = hr.datasets.prepare(name, tmp_path / "data", mirror=mirror)
    card = hr.datasets.info(folder)
    assert (card.name, card.label, card.class_names) == (name, builder.info.label, builder.info.class_names)
    assert dict(card.full_rows) == rows
    for split in rows:
        expected = table(builder.parse(split, mirror))
        found = table(hr.datasets.load(folder, split))
        assert found.schema.equals(expected.schema), split
        assert found.equals(expected), split
        pairs = hr.datasets.load(folder, split, as_supervised=True)
        inputs = builder.info.inputs or [each for each in expected.column_names if each != card.label]
        assert pairs.schema.names == [*inputs, card.label]


def test_columns_that_tell_the_label_are_not_inputs():
    assert builders()["cifar100"].info.inputs == ("image",)
    assert not {"boat", "body", "survived"} & set(builders()["titanic"].info.inputs)


def test_generated_files_are_refused_in_place_of_the_publishers(tmp_path):
    PUBLISHED["mnist"].write(tmp_path)
    with pytest.raises(UsageError, match=r"train-images-idx3-ubyte\.gz: "):
        hr.datasets.prepare("mnist", tmp_path / "data", mirror=tmp_path)
