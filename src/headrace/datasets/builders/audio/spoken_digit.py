"""Spoken digits: recordings of English digits by five speakers."""

from __future__ import annotations

import io
import re
import wave
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import Archive, open_archive
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset
from headrace.random_order import random_order, random_source

__all__ = ["SPOKEN_DIGIT"]

_ARCHIVE = "free-spoken-digit-dataset-1.0.9.tar.gz"
_NAME = r"free-spoken-digit-dataset-1\.0\.9/recordings/(\d)_[a-z]+_\d+\.wav"
_RATE = 8_000  # samples per second
_SCHEMA = pa.schema(
    [
        pa.field("audio", pa.list_(pa.int64()), nullable=False),
        pa.field("label", pa.int64(), nullable=False),
    ]
)


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, _ARCHIVE)
    return parsed_dataset(_SCHEMA, (path,), partial(_open, path))


def _open(path: Path) -> ParsedRows:
    archive = open_archive(path, _NAME)
    names = [archive.names[row] for row in random_order(len(archive.names), random_source(8))]
    return ParsedRows(len(names), 8 * _RATE / 2, partial(_take, archive, names))


def _take(archive: Archive, names: list[str], rows: NDArray[np.int64]) -> pa.RecordBatch:
    chosen = [names[row] for row in map(int, rows)]
    sounds = [_decode(archive.read(name), f"{archive.path}/{name}") for name in chosen]
    labels = [int(re.sub(_NAME, r"\1", name)) for name in chosen]
    return pa.record_batch([pa.array(sounds, _SCHEMA.field(0).type), pa.array(labels)], schema=_SCHEMA)


def _decode(data: bytes, path: str) -> NDArray[np.int64]:
    """Decode a WAV file of one channel and 16 bits."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames = file.readframes(len(data))
    except (wave.Error, EOFError) as error:
        raise bad_file(f"not a WAV file ({error})", path) from error
    if form != (1, 2, _RATE):
        what = f"expected 1 channel of 16 bits at {_RATE:,} Hz, got {form[0]} of {8 * form[1]} at {form[2]:,}"
        raise bad_file(what, path)
    return np.frombuffer(frames, "<i2").astype(np.int64)


SPOKEN_DIGIT = DatasetBuilder(
    info=DatasetInfo(
        name="spoken_digit",
        description="Recordings of English digits by five speakers, trimmed, 8,000 samples a second from "
        "-32,768 to 32,767, in one fixed random order.",
        schema=_SCHEMA,
        label="label",
        class_names=tuple("0123456789"),
        sample_rows={},
        full_rows={"train": 2_500},
        licence="CC BY-SA 4.0",
        source="https://github.com/Jakobovski/free-spoken-digit-dataset",
        citation="Z. Jackson: Free Spoken Digit Dataset, 2016",
        version="1.0.9",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/spoken_digit/checksums.tsv
        Download(
            "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",
            _ARCHIVE,
            "sha256:8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
            11_975_353,
        ),
    ),
    parser_ran_on="generated archive",
)
