import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.json_values import parse
from headrace.data.sources import json_blocks, json_lines
from headrace.errors import SchemaError, UsageError


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def read(ds: Dataset) -> list[dict[str, object]]:
    return [row for batch in ds for row in batch.to_pylist()]


def test_types_hold_for_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are so small that each line is a block."""
    monkeypatch.setattr(json_blocks, "_BLOCK", 16)
    path = write(
        tmp_path / "a.jsonl",
        '{"n": 1, "s": "2026-11-24", "w": [], "v": [1, 2], "none": null, "b": {"base64": "AP8="}}',
        '{"n": 2.5, "s": "Straße", "w": ["日本"], "v": [3, 4], "none": null}',
        '{"extra": true, "w": null, "v": [5, 6], "b": {"base64": ""}}',
    )
    ds = Dataset.from_json_lines(path)
    assert dict(zip(ds.schema.names, ds.schema.types, strict=True)) == {
        "n": pa.float64(), "s": pa.string(), "w": pa.list_(pa.string()), "v": pa.list_(pa.int64(), 2),
        "none": pa.string(), "b": pa.binary(), "extra": pa.bool_(),
    }  # fmt: skip
    assert ds.num_rows == 3
    rows = read(ds)
    assert rows[0]["b"] == b"\x00\xff"
    assert rows[1] == {
        "n": 2.5, "s": "Straße", "w": ["日本"], "v": [3, 4], "none": None, "b": None, "extra": None
    }  # fmt: skip
    assert rows[2]["extra"] is True


def test_a_declared_schema_chooses_and_types(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"x": 1, "y": 2, "z": [[1, 2]]}', '{"x": 3}')
    schema = pa.schema([("z", pa.list_(pa.list_(pa.int32()))), ("x", pa.float32())])
    ds = Dataset.from_json_lines(path, schema)
    assert next(iter(ds)).schema == schema
    assert read(ds) == [{"z": [[1, 2]], "x": 1.0}, {"z": None, "x": 3.0}]


def test_gzip_several_files_and_no_newline_at_the_end(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"x": 1}')
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"x": 2}'))
    assert read(Dataset.from_json_lines(tmp_path / "*.jsonl*")) == [{"x": 1}, {"x": 2}]


@pytest.mark.parametrize(
    "lines",
    [["{"], ["[1]"], ['{"x": 1}', '{"x": "a"}'], ["no json"], ['{"x": {"a": 1}}', '{"x": 2}'],
     ['{"b": {"base64": "?"}}']],
)  # fmt: skip
def test_invalid_lines_are_refused_and_the_file_named(lines: list[str], tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *lines)
    with pytest.raises(SchemaError, match=str(path)):
        read(Dataset.from_json_lines(path))


def test_a_missing_required_value_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"x": 1}', "{}")
    schema = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    with pytest.raises(SchemaError, match="a required column has 1 nulls"):
        read(Dataset.from_json_lines(path, schema))


def test_corrupt_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"x": 2}\n' * 1000)[:-9])
    with pytest.raises(UsageError, match="cannot read the file"):
        read(Dataset.from_json_lines(path))


def one(tmp_path: Path, *values: str, **options: Any) -> tuple[pa.DataType, list[Any]]:
    """The type and the values of a column of these values."""
    path = write(tmp_path / "a.jsonl", *(f'{{"a": {value}}}' for value in values))
    ds = Dataset.from_json_lines(path, **options)
    return ds.schema.field("a").type, [row["a"] for row in read(ds)]


def refuse(tmp_path: Path, *values: str, **options: Any) -> str:
    with pytest.raises(SchemaError) as found:
        one(tmp_path, *values, **options)
    assert "\n" not in str(found.value)
    return str(found.value).removeprefix(str(tmp_path))


def test_integers_beyond_int64_are_uint64_or_refused(tmp_path: Path) -> None:
    assert one(tmp_path, "18446744073709551615", "1") == (pa.uint64(), [2**64 - 1, 1])
    assert one(tmp_path, "-9223372036854775808") == (pa.int64(), [-(2**63)])
    assert refuse(tmp_path, "1", "18446744073709551616") == (
        "/a.jsonl, line 2: feature 'a': an integer is beyond int64 and uint64; "
        'declare its type: types={"a": "string"}.'
    )
    assert (
        "line 2: feature 'a': expected negative integers as in line 1, got integers beyond int64"
        in refuse(tmp_path, "-1", "18446744073709551615")
    )


def test_integers_above_2_to_the_53_with_one_missing_stay_integers(tmp_path: Path) -> None:
    assert one(tmp_path, "9007199254740993", "null") == (pa.int64(), [2**53 + 1, None])


def test_integers_above_2_to_the_53_among_floats_are_refused(tmp_path: Path) -> None:
    assert "line 2: feature 'a': expected float64 as in line 1, got integers beyond 2**53" in refuse(
        tmp_path, "1.5", "9007199254740993"
    )
    assert one(tmp_path, "1.5", "9007199254740992") == (pa.float64(), [1.5, 2.0**53])
    assert one(tmp_path, "1.5", "9007199254740993", types={"a": float})[1] == [1.5, 2.0**53]


def test_a_leading_zero_stays_text_in_a_string_and_is_no_number(tmp_path: Path) -> None:
    assert one(tmp_path, '"01234"', '"1"') == (pa.string(), ["01234", "1"])
    assert (
        refuse(tmp_path, "01234")
        == "/a.jsonl, line 1: feature 'a': expected JSON, got 1234} at character 8; fix the line."
    )


@pytest.mark.parametrize("text", ["2026-11-24", "2026-11-24T00:00:00Z", "12:00:00", "2026-11-24 00:00"])
def test_date_strings_stay_strings_inside_objects_too(text: str, tmp_path: Path) -> None:
    value = {"d": text, "l": [text], "o": {"x": text}}
    assert one(tmp_path, json.dumps(value))[1] == [value]


def test_null_before_a_number_in_a_list(tmp_path: Path) -> None:
    """Arrow reads [null, 1] as [1, 0]."""
    assert one(tmp_path, "[null, 1]", "[2, 3]")[1] == [[None, 1], [2, 3]]
    assert one(tmp_path, "[null, 1]", "[2]")[1] == [[None, 1], [2]]
    assert one(tmp_path, "[null]", "[[null, 1]]")[1] == [[None], [[None, 1]]]
    assert str(one(tmp_path, "[null, 1.5]")[1]) == "[[nan, 1.5]]"
    assert one(tmp_path, '[{}, null, {"x": 1}]')[1] == [[{"x": None}, None, {"x": 1}]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1", '"x"'], "line 2: feature 'a': expected int64 as in line 1, got string"),
        (["true", "1"], "line 2: feature 'a': expected bool as in line 1, got int64"),
        (["[1]", "null", "2"], "line 3: feature 'a': expected a list as in line 1, got int64"),
        (['{"b": [1]}', '{"b": ["x"]}'], "line 2: feature 'a.b': expected int64 as in line 1, got string"),
        (['[1, "x"]'], "line 1: feature 'a': expected int64 as in line 1, got string"),
        (["{}", '"x"'], "line 2: feature 'a': expected an object as in line 1, got string"),
    ],
)  # fmt: skip
def test_values_of_mixed_types_name_both_lines_and_can_be_read_as_text(
    values: list[str], message: str, tmp_path: Path
) -> None:
    assert message in refuse(tmp_path, *values)
    assert 'types={"a": "string"}' in refuse(tmp_path, *values)
    texts = [None if value == "null" else value.strip('"') for value in values]
    assert one(tmp_path, *values, types={"a": "string"}) == (pa.string(), texts)


def test_other_types_above_64_mib_are_an_error_with_their_true_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are inferred from the first 64 MiB, here of four lines."""
    monkeypatch.setattr(json_lines, "INFERENCE_BYTES", 4 * 9)
    monkeypatch.setattr(json_blocks, "_BLOCK", 9)
    start = ["1"] * 5
    for late, message in (
        ("1.5", "expected int64, the type of the first 64 MiB, got 1.5"),
        ('"x"', 'expected int64, the type of the first 64 MiB, got "x"'),
        ("[1]", "expected int64, the type of the first 64 MiB, got a list"),
    ):
        assert refuse(tmp_path, *start, late).startswith(f"/a.jsonl, line 6: feature 'a': {message}")
    assert "expected string, the type of the first 64 MiB, got 1;" in refuse(tmp_path, *(['"x"'] * 5), "1")
    assert "expected double, the type" in refuse(tmp_path, *(["1.5"] * 5), "9007199254740993")
    assert "line 6: feature 'a.z': the first 64 MiB have no such key" in refuse(
        tmp_path, *(['{"b": 1}'] * 5), '{"z": 1}'
    )
    assert one(tmp_path, *start, "1.5", types={"a": "float64"})[1] == [1, 1, 1, 1, 1, 1.5]


def test_a_key_that_occurs_only_above_64_mib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "INFERENCE_BYTES", 4 * 9)
    monkeypatch.setattr(json_blocks, "_BLOCK", 9)
    path = write(tmp_path / "a.jsonl", *(['{"a": 1}'] * 6), '{"a": 1, "z": 2}')
    ds = Dataset.from_json_lines(path)
    assert ds.num_rows is None
    hint = (
        r'line 7: feature \'z\': the first 64 MiB have no such key; declare its type: types={"z": "string"}'
    )
    for each in (ds, Dataset(ds.source.divide()[0])):
        with pytest.raises(SchemaError, match=hint):
            read(each)
    assert len(read(Dataset.from_json_lines(path, columns=["a"]))) == len(read(ds.select("a"))) == 7
    assert read(Dataset.from_json_lines(path, types={"z": "int64"}))[-1] == {"a": 1, "z": 2}


def test_types_of_keys_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"name": 1}')
    with pytest.raises(SchemaError, match=r"feature 'nmae': no line has this key; did you mean 'name'"):
        read(Dataset.from_json_lines(path, types={"nmae": "string"}))
    with pytest.raises(UsageError, match="both schema= and types= are passed"):
        Dataset.from_json_lines(path, pa.schema([]), types={"name": "string"})


def test_types_of_columns_that_are_not_read_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"a": 1, "b": 1}', '{"a": 2, "b": "x"}')
    assert read(Dataset.from_json_lines(path, columns=["a"])) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"a": "caf\xe9"}', "line 3: expected UTF-8, got b'{\"a\": \"caf\\xe9\"}'; save the file as UTF-8"),
        (b'{"caf\xe9": 1}', "line 3: expected UTF-8"),
        (b"null", "line 3: expected an object, got null; write one object per line"),
        (b'[{"a": 1}]', 'line 3: expected an object, got [{"a": 1}]'),
        (b'{"a": 1', "line 3: the line ends within a value"),
        (b'{"a": 1} {"a": 2}', 'line 3: expected one object per line, got {"a": 2} after it'),
        (b'{"a": 1, "a": 2}', "line 3: feature 'a': the key occurs twice in its object"),
        (b'{"a": "\\ud800"}', "line 3: feature 'a': a string contains half of a surrogate pair"),
        (b'{"a": "\\x"}', "line 3: feature 'a': a string contains an escape that JSON does not have"),
        (b'{"a": "\t"}', r"line 3: feature 'a': a string contains the control character b'\t'; write it as"),
        (b'{"a": 1e400}', "got 1e400, which is beyond its range; fix the value, or declare another type"),
        (b"{'a': 1}", "line 3: expected JSON, got 'a': 1} at character 2; quote strings by double quotes"),
    ],
)  # fmt: skip
def test_a_malformed_line_is_named(line: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"a": 1.5}\n\n' + line + b"\n")
    for schema in (None, pa.schema([("a", pa.float64())])):
        if schema is not None and b"caf\xe9" not in line and (b"\\" in line or b"\t" in line):
            continue  # a string is then of another type
        with pytest.raises(SchemaError) as found:
            read(Dataset.from_json_lines(tmp_path / "a.jsonl", schema))
        assert message in str(found.value)


def test_utf16_is_named_and_a_byte_order_mark_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('{"a": 1}\n'.encode("utf-16"))
    with pytest.raises(SchemaError, match="expected UTF-8, got UTF-16; save the file as UTF-8"):
        read(Dataset.from_json_lines(tmp_path / "a.jsonl"))
    (tmp_path / "a.jsonl").write_bytes('{"a": 1}\n'.encode("utf-8-sig"))
    assert read(Dataset.from_json_lines(tmp_path / "a.jsonl")) == [{"a": 1}]


@pytest.mark.parametrize("depth", [65, 3000, 10_000, 17_000, 1_000_000])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'])
def test_json_nested_deep_is_refused(depth: int, brackets: str, tmp_path: Path) -> None:
    """17,000 levels were a crash, 10,000 a hang, and 3,000 took 778 MB."""
    start, end = brackets[:-1], brackets[-1]
    path = write(tmp_path / "a.jsonl", f'{{"a": {start * depth}1{end * depth}, "b": 2}}')
    with pytest.raises(SchemaError, match=r"line 1: feature 'a': values are nested more than 64 levels deep"):
        read(Dataset.from_json_lines(path))
    if depth < 1000:
        assert read(Dataset.from_json_lines(path, pa.schema([("b", pa.int64())]))) == [{"b": 2}]


def test_64_levels_are_read(tmp_path: Path) -> None:
    value: Any = 1
    for _ in range(62):
        value = [value]
    assert one(tmp_path, json.dumps(value))[1] == [value]


def test_records_each_with_a_feature_of_its_own_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *(f'{{"feature_{number}": 1}}' for number in range(20_000)))
    with pytest.raises(SchemaError, match=r"20,000 lines have 20,001 distinct keys.*pass a schema="):
        read(Dataset.from_json_lines(path))
    schema = pa.schema([("feature_7", pa.int64())])
    assert sum(row["feature_7"] or 0 for row in read(Dataset.from_json_lines(path, schema))) == 1  # type: ignore[misc]


def test_batches_of_many_columns_have_few_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "_MAX_CELLS", 30)
    line = json.dumps({f"f{number}": number for number in range(10)})
    ds = Dataset.from_json_lines(write(tmp_path / "a.jsonl", *[line] * 7))
    assert [batch.num_rows for batch in ds] == [3, 3, 1]


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (pa.int8(), ("-128", -128), "128"),
        (pa.uint8(), ("255", 255), "-1"),
        (pa.uint64(), ("18446744073709551615", 2**64 - 1), "-1"),
        (pa.int64(), ("1", 1), "1.0"),
        (pa.float32(), ("0.5", 0.5), "1e39"),
        (pa.float16(), ("0.5", 0.5), "70000"),
        (pa.bool_(), ("true", True), "1"),
        (pa.timestamp("s"), ('"2026-11-24"', datetime(2026, 11, 24)), '"x"'),
        (pa.date32(), ('"2026-11-24"', date(2026, 11, 24)), '"x"'),
        (pa.decimal128(5, 2), ("1.25", Decimal("1.25")), '"x"'),
        (pa.list_(pa.int8(), 2), ("[1, 2]", [1, 2]), "[1]"),
        (pa.list_(pa.int8(), 2), ("[1, 2]", [1, 2]), "[1, 2, 3]"),
        (pa.list_(pa.uint16()), ("[1]", [1]), "[-1]"),
        (pa.struct({"x": pa.int16()}), ('{"x": 1, "y": 2}', {"x": 1}), '{"x": 40000}'),
        (pa.binary(), ('{"base64": "AP8="}', b"\x00\xff"), '{"base64": "?"}'),
        (pa.dictionary(pa.int8(), pa.string()), ('"x"', "x"), None),
    ],
    ids=str,
)  # fmt: skip
def test_declared_types_hold_or_name_the_line(type_: Any, good: Any, bad: str | None, tmp_path: Path) -> None:
    schema = pa.schema([("a", type_)])
    assert one(tmp_path, good[0], "null", schema=schema) == (type_, [good[1], None])
    if bad is not None:
        assert refuse(tmp_path, good[0], bad, schema=schema).startswith("/a.jsonl, line 2: feature 'a")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (gzip.compress(b'{"x": 1}\n'), "a gzip file"),
        (b"\xfd7zXZ\0\0\4", "an xz file"),
        (b"PAR1", "a Parquet file"),
    ],
    ids=["gzip", "xz", "parquet"],
)
def test_another_kind_of_file_is_named(content: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(content)
    with pytest.raises(SchemaError, match=rf"t\.jsonl: expected JSON lines, got {kind}; "):
        list(Dataset.from_json_lines(tmp_path / "t.jsonl"))
