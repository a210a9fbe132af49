"""Records of CSV text: quotes, sizes, lines."""

import pytest

from headrace.errors import SchemaError


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            'a,b\n1,"x\n2,y\n3,z\n',
            2,
            'a quoted field is never closed: "x 2,y 3,z; close the quote, or double it',
        ),
        (
            'a,b\n1,"x\n2,"y"\n',
            2,
            'expected a delimiter after a quoted field, got text: "x 2,"; close the quote',
        ),
        ('a,b\n"1"2,x\n', 2, 'expected a delimiter after a quoted field, got text: "1"'),
        ('a,b\n\n\n1,"x""\n', 4, "a quoted field is never closed"),
        ('"a,b\n1,2\n', 1, "a quoted field is never closed"),
        ('a,"b"c\n1,2\n', 1, "expected a delimiter after a quoted field"),
        ('a,b\n"x\ny",1\n2,"', 4, "a quoted field is never closed"),
        ("a,b\n1\n", 2, "expected 2 fields, as many as columns, got 1"),
        ("a,b\n1,2,\n", 2, "expected 2 fields, as many as columns, got 3"),
        ("a,b\n1,2\n  \n", 3, "expected 2 fields, as many as columns, got 1"),
    ],
)
def test_malformed_records_are_errors_with_their_line(csv, table, text, line, message):
    with pytest.raises(SchemaError, match=message) as caught:
        table(csv(text))
    assert caught.value.line == line
    assert "\n" not in str(caught.value)


def test_one_unclosed_quote_does_not_swallow_the_rest_of_a_long_file(csv, table):
    rows = "".join(f"{number},x\n" for number in range(500_000))
    with pytest.raises(SchemaError, match=r'a.csv, line 500002: .* a quoted field is never closed: "y 0,x'):
        table(csv(f'a,b\n{rows}7,"y\n{rows}'))


def test_quotes_inside_a_field_that_is_not_quoted_are_kept(csv, table):
    found = table(csv('a,b\n5" disk,x"y"\n"5"" disk","""x"""\n'))
    assert found.to_pydict() == {"a": ['5" disk'] * 2, "b": ['x"y"', '"x"']}


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_record_of_eight_mb_is_read(csv, table, quote):
    long = "x" * (8 << 20)
    found = table(csv(f"a,b\n1,y\n2,{quote}{long}{quote}\n3,z\n"))
    assert found.to_pydict() == {"a": [1, 2, 3], "b": ["y", long, "z"]}


def test_line_breaks_in_quotes_are_kept_wherever_chunks_end(csv, table):
    cells = [f"{'x' * number}\r\n{'y' * (97 - number % 97)}" for number in range(97)] * 1000
    found = table(csv("a,b\n" + "".join(f'{number},"{cell}"\r\n' for number, cell in enumerate(cells))))
    assert found["b"].to_pylist() == cells
