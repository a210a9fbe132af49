"""Vocabulary files: lines end at line feeds, and nothing else in them is lost or guessed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from headrace.errors import UsageError
from headrace.transform.vocabulary_files import escape, read_vocabulary_file, unescape

ODD = [
    "a\u2028b",
    "a\x85b",
    "a\rb",
    "a\vb",
    "a\fb",
    "a\x1cb",
    "\u2029",
    " a ",
    "\t",
    "",
    "\\n",
    "C:\\new",
    "\ufeffa",
]


def read(folder: Path, data: bytes) -> list[str]:
    file = folder / "vocabulary.txt"
    file.write_bytes(data)
    return list(read_vocabulary_file(file).tokens)


def test_u_2028_u_0085_cr_vt_and_ff_inside_tokens(tmp_path: Path) -> None:
    assert read(tmp_path, "\n".join(["first", *ODD]).encode()) == ["first", *ODD]
    assert read(tmp_path, "".join(f"{token}\n" for token in ["first", *ODD]).encode()) == ["first", *ODD]
    layer = hr.layers.StringLookup(vocabulary=tmp_path / "vocabulary.txt")
    assert layer(ODD).tolist() == list(range(2, 2 + len(ODD)))


def test_crlf_ends_lines_where_all_lines_end_so(tmp_path: Path) -> None:
    assert read(tmp_path, b"a\r\nb c\r\n") == ["a", "b c"]
    assert read(tmp_path, b"a\r\nb\r\nc") == ["a", "b", "c"]
    assert read(tmp_path, b"a\rb\r\n\r\nc\r\n") == ["a\rb", "", "c"]


def test_a_byte_order_mark_is_no_part_of_the_first_token(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfa\nb\n") == ["a", "b"]
    assert read(tmp_path, b"\xef\xbb\xbf\xef\xbb\xbfa\n") == ["\ufeffa"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"vocabulary.txt: expected one token per line, got an empty file; check the path\."),
        (b"a\nb\r\nc\n", r"txt, line 2: expected all lines to end in \\n, or all in \\r\\n, got both; save"),
        (b"a\r\nb\nc\n", r"txt, line 2: expected all lines"),
        (b"a\rb\rc", r"txt, line 1: expected lines to end in \\n or \\r\\n, got \\r; save"),
        (b"a\r\nb\r", r"txt, line 2: expected lines to end"),
        (
            "a\ncafé\n".encode("latin-1"),
            r"txt, line 2: expected UTF-8 text, got the byte 0xe9; save",
        ),
        ("a\nb\n".encode("utf-16"), r"txt: expected UTF-8 text, got UTF-16 or a binary file; save"),
        ("a\nb\n".encode("utf-16-le"), r"got UTF-16 or a binary file"),
        (b"a\n\xed\xa0\x80\n", r"txt, line 2: expected UTF-8 text, got the byte 0xed"),
    ],
)
def test_a_latin_1_an_empty_or_a_mixed_file_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path, data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("a\n")
    with pytest.raises(UsageError, match=r"vocb.txt: no such vocabulary file; did you mean 'vocab.txt'"):
        hr.layers.StringLookup(vocabulary=str(tmp_path / "vocb.txt"))
    with pytest.raises(UsageError, match="no such vocabulary file"):
        hr.layers.TextVectorization(vocabulary=tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="no such vocabulary file"):
        hr.layers.IntegerLookup(vocabulary=tmp_path / "pipe")


def test_errors_of_a_token_name_the_line(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("7\n8\n1_0\n")
    with pytest.raises(UsageError, match=r"ids.txt, line 3: expected an integer, got '1_0'; pass"):
        hr.layers.IntegerLookup(vocabulary=file)
    file.write_text("[UNK]\na\nb\na\n")
    with pytest.raises(UsageError, match=r"ids.txt, line 4: the vocabulary contains 'a' twice; pass"):
        hr.layers.StringLookup(vocabulary=file)
    file.write_text("-1\n+5\n9223372036854775807\n")
    assert hr.layers.IntegerLookup(vocabulary=file).get_vocabulary() == [-1, 5, 2**63 - 1]
    file.write_text("9223372036854775808\n")
    with pytest.raises(UsageError, match=r"line 1: expected an integer of 64 bits, got 9223372036854775808"):
        hr.layers.IntegerLookup(vocabulary=file)


def test_our_own_escapes_are_undone_in_the_files_of_a_saved_transform(tmp_path: Path) -> None:
    tokens = sorted({*ODD, "a\nb", "\r\n", "\\", "\\\\n", "\0"} - {""})
    batch = pa.record_batch({"x": tokens})
    transform = hr.transform.analyze(
        lambda x: {"y": hr.transform.compute_and_apply_vocabulary(x["x"], vocab_filename="x")}, [batch]
    )
    transform.save(tmp_path / "t")
    (file,) = (tmp_path / "t" / "vocabularies").iterdir()
    layer = hr.layers.StringLookup(vocabulary=file)
    assert layer.get_vocabulary(include_special_tokens=False) == transform.vocabularies["x"]
    assert (layer(tokens) - 1).tolist() == transform(batch)["y"].to_pylist()


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"])), min_size=1))
def test_escaped_tokens_are_read_back(tokens: list[str]) -> None:
    assert [unescape(escape(token)) for token in tokens] == tokens
    assert not set("\n\r") & set("".join(map(escape, tokens)))


@given(
    st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\n\r\0")), min_size=2)
)
def test_tokens_without_line_feeds_are_read_back(tokens: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = [tokens[0].removeprefix("\ufeff"), *tokens[1:]]
        assert read(Path(folder), "".join(f"{token}\n" for token in tokens).encode()) == expected
        windows = "".join(f"{token}\r\n" for token in tokens).encode()
        assert read(Path(folder), windows) == expected
