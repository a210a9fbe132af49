"""The inputs that fuzzing found (fuzz/findings) do not crash; `make fuzz` runs them under sanitizers."""

from __future__ import annotations

import runpy
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace import _native
from headrace.records import encode_example

FUZZ = Path(__file__).parents[2] / "fuzz"
FINDINGS = sorted(path for path in FUZZ.glob("findings/*/*") if path.is_file())
Input = runpy.run_path(str(FUZZ / "inputs.py"))["Input"]


def append(appender: Any, records: list[bytes]) -> None:
    """Append records until one fails."""
    for data in records:
        if appender.append(data, np.zeros(1, np.int64), np.array([len(data)])) is not None:
            return


def run_frames(given: Any) -> None:
    if given.byte() & 1:
        given.bytes(4)
        _native.scan_frames(b"".join(map(_native.frame, given.records())))
    else:
        beyond = given.byte()
        file = given.bytes(1 << 20)
        _native.scan_frames(file)
        _native.find_header(file, 2**63, len(file) + beyond)


def run_local_records(given: Any) -> None:
    base = (given.byte() | given.byte() << 8) % 8192
    if given.byte() & 1:
        given.bytes(4)
        file = b"".join(map(_native.frame, given.records()))
    else:
        file = given.bytes(1 << 20)
    with TemporaryFile(buffering=0) as on_disk:
        on_disk.write(bytes(base) + file)
        records = _native.LocalRecords(on_disk.fileno(), base)
        _native.ExampleParser([]).append_local(records, 10, 2**62)
        records.find(2**62)


def run_csv_records(given: Any) -> None:
    form = given.byte()
    given.byte(), given.byte()
    kinds = np.zeros(form >> 2 & 7, np.uint16)
    text = given.bytes(1 << 20)
    delimiter = b",;\t|"[form & 3]
    _native.scan_csv(text, delimiter, len(kinds), True, 2**62, np.zeros(0, np.uint16), kinds)
    _native.split_csv_record(text, delimiter)
    _native.classify_cell(text)


def read_json_field(given: Any, depth: int) -> tuple[Any, ...]:
    form = given.byte()
    layout = _native.JsonLayout(form % 10)
    if layout >= _native.JsonLayout.LIST and depth == 3:
        layout = _native.JsonLayout.INT64
    is_small = layout == _native.JsonLayout.INT64 and form & 0x40
    lowest, highest = (-128, 127) if is_small else (-(2**63), 2**63 - 1)
    size = given.byte() % 4 if layout == _native.JsonLayout.FIXED else 0
    lists = (_native.JsonLayout.LIST, _native.JsonLayout.FIXED)
    children = given.byte() % 4 if layout == _native.JsonLayout.OBJECT else int(layout in lists)
    name = [b"a", b"b", b"", b"base64", b'c"\n', "é".encode()][(form >> 4) % 6]
    fields = [read_json_field(given, depth + 1) for _ in range(children)]
    return name, layout, size, lowest, highest, bool(form & 8), fields


def run_json_lines(given: Any) -> None:
    form = given.byte()
    fields = [read_json_field(given, 1) for _ in range(1 + (form >> 1) % 4)]
    given.byte()
    text = given.bytes(1 << 20)
    _native.JsonSurvey(1 + (form >> 3)).append(text, 1)
    _native.JsonColumns(fields, bool(form & 1)).append(text, 2**62)


def run_dates(given: Any) -> None:
    kinds = b"YymdHIMSfjbapz "
    steps: list[int] = []
    for _ in range(given.byte() % 12):
        form = given.byte() % 16
        least = given.byte()
        steps += [0, least, 1] if form == len(kinds) else [kinds[form], least, given.byte()]
    texts = given.records()
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    for each in (np.array(steps, np.uint8), np.zeros(0, np.uint8)):
        _native.parse_dates(offsets, b"".join(texts), each)


def run_example_parser(given: Any) -> None:
    parser = _native.ExampleParser(given.schema())
    append(parser, given.records())
    parser.finish()


def run_sequence_parser(given: Any) -> None:
    context = given.schema()
    lists = [((*feature[:4], True, *feature[5:]), feature[4]) for feature in given.schema()]
    parser = _native.SequenceParser(context, lists)
    append(parser, given.records())
    parser.finish()


def run_rows(given: Any) -> None:
    rows = np.array([byte % 4 for byte in given.bytes(8)], np.int64)
    offsets = np.frombuffer(given.bytes(16).ljust(16, b"\0"), np.int32) & 15
    buffers = [None, pa.py_buffer(np.array([0, *offsets % 16, 16], np.int32)), pa.py_buffer(bytes(16))]
    batch = pa.record_batch({"x": pa.Array.from_buffers(pa.binary(), 5, buffers)})
    schema, array = batch.__arrow_c_array__()
    chunks = _native.RowChunks(schema, [(array, [0, 24, 16])])
    with suppress(ValueError):
        chunks.take(rows, pa.RecordBatch._import_from_c, batch.schema)


def run_images(given: Any) -> None:
    if given.byte() % 4 == 1 and given.byte() & 1:
        data = given.bytes(1 << 20)
        pixels = np.zeros((1, 4, 5, 3), np.uint8)
        _native.decode_images(np.array([0, len(data)]), np.frombuffer(data, np.uint8), pixels, True)


ODD_NUMBERS = (0, 1, -1, 0.5, 1e300, -1e300, np.inf, np.nan)


def read_number(given: Any) -> float:
    """Read a number near zero, or an odd one."""
    byte = given.byte()
    return ODD_NUMBERS[byte] if byte < len(ODD_NUMBERS) else (byte - 128) / 32


def read_map(given: Any, sizes: tuple[tuple[int, int], tuple[int, int]]) -> list[float]:
    """Read an affine map: any one, or a flip and shift by whole pixels."""
    if given.byte() & 1:
        return [read_number(given) for _ in range(6)]
    signs = [1 if given.byte() & 1 else -1 for _ in range(2)]
    (height, width), (new_height, new_width) = sizes
    shifts = [
        given.byte() - 128 + (0.5 if (before - after) % 2 else 0)
        for before, after in ((width, new_width), (height, new_height))
    ]
    return [signs[0], 0, shifts[0], 0, signs[1], shifts[1]]


def run_augment(given: Any) -> None:
    type_ = np.uint8 if given.byte() & 1 else np.float32
    count, channels = 1 + given.byte() % 4, 1 + given.byte() % 8
    height, width = 1 + given.byte() % 24, 1 + given.byte() % 24
    moves = given.byte() % 3 > 0
    size = (1 + given.byte() % 24, 1 + given.byte() % 24) if moves else (height, width)
    maps = [read_map(given, ((height, width), size)) for _ in range(count)] if moves else []
    steps, holes = given.byte() % 5, given.byte() % 3
    ops = np.array([given.byte() % 13 for _ in range(steps * count)], np.uint8).reshape(steps, count)
    values = np.array([read_number(given) for _ in range(ops.size * channels)], np.float32)
    values[~(np.abs(values) <= 4)] = 4
    places = [given.byte() - 100 for _ in range(4 * holes * count)]
    images = np.resize(
        np.frombuffer(given.bytes(1 << 16) or b"\0", np.uint8), (count, channels, height, width)
    )
    out = np.zeros((count, channels, *size), type_)
    limits = (0.0, 255.0) if type_ is np.uint8 else (-1e30, 1e30)
    with suppress(ValueError):
        _native.augment_images(
            *(
                images.astype(type_),
                out,
                np.array(maps, np.float64).reshape(-1, 6),
                _native.PixelFill.CONSTANT,
            ),
            *(np.full(channels, 7, np.float32), (1, 1), ops, values.reshape(steps, count, channels)),
            *(
                255.0 if type_ is np.uint8 else 1.0,
                limits,
                np.array(places, np.int64).reshape(holes, count, 4),
            ),
            *(np.full((holes, channels), 3, np.float32), 2),
        )


def run_lists(given: Any) -> None:
    if given.byte() & 1:
        width, length, first = (1, 2, 3, 4, 8, 16)[given.byte() % 6], given.byte() % 40, given.byte() % 3
        splits = np.cumsum([first, *(given.byte() % 50 for _ in range(given.byte() % 20))])
        fill, values = given.bytes(width).ljust(width, b"\0"), given.bytes(int(splits[-1]) * width)
        with suppress(ValueError):
            _native.pad_lists(np.frombuffer(values, np.uint8), splits, length, np.frombuffer(fill, np.uint8))
    else:
        capacity = 1 + (given.byte() | given.byte() << 8)
        with suppress(ValueError):
            _native.pack_lengths(np.array([len(each) for each in given.records()], np.int64), capacity)


def run_example_survey(given: Any) -> None:
    append(_native.ExampleSurvey(), given.records())


def run_sequence_survey(given: Any) -> None:
    append(_native.SequenceSurvey(), given.records())


def run_tensor_proto(given: Any) -> None:
    _native.read_tensor(given.bytes(1 << 20), 1 << 16)


def run_text(given: Any) -> None:
    given.bytes(3)
    strings = given.records()
    offsets = np.cumsum([0, *map(len, strings)]).astype(np.int32)
    _native.cut_bytes(offsets, b"".join(strings), np.full(256, 257, np.uint16))


def run_utf8(given: Any) -> None:
    text = b"a" * (given.byte() % 130) + given.bytes(1 << 20)
    record = encode_example({"x": text})
    _native.ExampleParser([("x", 1, 0, 1, True, True, 0, 0)]).append(
        record, np.zeros(1, np.int64), np.array([len(record)])
    )


@pytest.mark.parametrize("seed", range(20))
def test_any_bytes_are_images_and_steps_to_augment(seed: int) -> None:
    run_augment(Input(np.random.default_rng(seed).bytes(2000)))


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_finding_does_not_crash(finding: Path) -> None:
    globals()[f"run_{finding.parent.name}"](Input(finding.read_bytes()))


def test_every_fuzz_target_has_a_runner() -> None:
    targets = {path.stem for path in FUZZ.glob("targets/*.cpp")}
    assert targets == {name.removeprefix("run_") for name in globals() if name.startswith("run_")}
