"""Encodings: Latin-1, UTF-16 and others, with and without a byte order mark."""

import pytest

from headrace.errors import SchemaError, UsageError

TEXT = "näme,ort\nJosé,Köln\n€,x\n"
ROWS = [{"näme": "José", "ort": "Köln"}, {"näme": "€", "ort": "x"}]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "gb18030"]
)
def test_text_of_any_encoding_is_read_if_it_is_named(csv, table, encoding):
    assert table(csv(TEXT.encode(encoding)), encoding=encoding).to_pylist() == ROWS


@pytest.mark.parametrize("name", ["latin-1", "latin1", "iso-8859-1", "L1"])
def test_latin_1_has_many_names(csv, table, name):
    assert table(csv("é,b\nü,1\n".encode("latin-1")), encoding=name).to_pylist() == [{"é": "ü", "b": 1}]


def test_a_byte_order_mark_of_utf_8_is_no_part_of_a_name(csv, table):
    assert table(csv(TEXT.encode("utf-8-sig"))).to_pylist() == ROWS
    assert table(csv(TEXT.encode("utf-8-sig")), encoding="utf-8").to_pylist() == ROWS
    assert table(csv('"a",b\n1,2\n'.encode("utf-8-sig"))).column_names == ["a", "b"]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_utf_16_is_found_with_and_without_a_byte_order_mark(csv, table, encoding, found):
    with pytest.warns(UserWarning, match=rf"found encoding '{found}'; pass encoding= to set it"):
        assert table(csv(TEXT.encode(encoding))).to_pylist() == ROWS


def test_a_mark_that_contradicts_the_encoding_is_an_error(csv, table):
    with pytest.raises(
        UsageError, match=r"expected iso8859-1, got a byte order mark of utf-8; omit the encoding"
    ):
        table(csv(TEXT.encode("utf-8-sig")), encoding="latin-1")
    with pytest.raises(UsageError, match=r"expected utf-8, got a byte order mark of utf-16-le"):
        table(csv(TEXT.encode("utf-16")), encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "line", "feature"),
    [
        ("é,b\n1,2\n", 1, None),
        ("a,b\n1,2\n\n3,é\n", 4, "b"),
        ('a,b\n"x\ny\r\n\n",2\né,2\n', 6, "a"),
        ('a,b\n"x\ny é",2\n', 3, "a"),
    ],
)
def test_latin_1_that_is_not_named_is_an_error_with_its_line(csv, table, text, line, feature):
    with pytest.raises(
        SchemaError, match=r'expected UTF-8, got byte 0xe9; pass encoding="latin-1", "cp1252"'
    ) as caught:
        table(csv(text.encode("latin-1")))
    assert (caught.value.line, caught.value.feature) == (line, feature)


def test_bytes_that_an_encoding_does_not_define_are_an_error_with_their_line(csv, table):
    with pytest.raises(
        SchemaError, match=r"a.csv, line 2: expected utf-16-le, got bytes that it does not define"
    ):
        table(csv("a,b\n1,2".encode("utf-16-le") + b"x"), encoding="utf-16-le")
    with pytest.raises(SchemaError, match=r"line 3: expected cp1252"):
        table(csv(b"a,b\n1,2\n3,\x81\n"), encoding="cp1252")


def test_zero_bytes_amid_text_are_kept(csv, table):
    assert table(csv(b"a,b\nx\x00y,1\n")).to_pylist() == [{"a": "x\0y", "b": 1}]


def test_a_byte_order_mark_below_the_header_is_kept(csv, table):
    assert table(csv("a,b\n\ufeff,1\n\ufeffx,2\n"))["a"].to_pylist() == ["\ufeff", "\ufeffx"]


def test_utf_16_without_a_mark_needs_an_order_unless_zeros_show_it(csv, table):
    for order in ("utf-16-le", "utf-16-be"):
        assert table(csv(TEXT.encode(order)), encoding="utf-16").to_pylist() == ROWS
    cjk = csv("日,本\n語,文\n".encode("utf-16-be"))
    with pytest.raises(
        UsageError, match=r'byte order mark of utf-16, got 65 e5 00 2c; pass encoding="utf-16-le"'
    ):
        table(cjk, encoding="utf-16")
    assert table(cjk, encoding="utf-16-be").to_pylist() == [{"日": "語", "本": "文"}]
    with pytest.raises(UsageError, match=r'byte order mark of utf-32, got .*; pass encoding="utf-32-le" or'):
        table(csv(TEXT.encode("utf-32-be")), encoding="utf-32")
