from __future__ import annotations

import pickle

import pytest

import headrace as hr
from headrace import errors

EVERYTHING = {
    "path": "train-00003.tfrecord",
    "record": 1412,
    "offset": 88211,
    "feature": "label",
    "hint": "read it as binary or fix the writer",
}


def test_an_error_names_the_place_and_the_remedy() -> None:
    error = hr.RecordError("is bytes, the schema says int64", **EVERYTHING)
    assert str(error) == (
        "train-00003.tfrecord, record 1,412 at byte 88,211: feature 'label': "
        "is bytes, the schema says int64; read it as binary or fix the writer."
    )
    assert {name: getattr(error, name) for name in EVERYTHING} == EVERYTHING


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "wrong."),
        ({"path": "a.py", "line": 3}, "a.py, line 3: wrong."),
        ({"line": 3}, "line 3: wrong."),
        ({"record": 0}, "record 0: wrong."),
        ({"offset": 0}, "byte 0: wrong."),
        ({"record": 7, "offset": 1000}, "record 7 at byte 1,000: wrong."),
        ({"feature": "age"}, "feature 'age': wrong."),
        ({"hint": "fix it"}, "wrong; fix it."),
        ({"hint": "fix it."}, "wrong; fix it."),
        ({"hint": "did you mean age?"}, "wrong; did you mean age?"),
    ],
)
def test_what_is_not_known_is_not_shown(fields: dict[str, object], text: str) -> None:
    assert str(errors.HeadraceError("wrong", **fields)) == text  # pyright: ignore[reportArgumentType]


def test_all_errors_are_of_one_tree() -> None:
    kinds = {getattr(errors, name) for name in errors.__all__}
    assert {kind for kind in kinds if kind is not hr.HeadraceError} == set(hr.HeadraceError.__subclasses__())
    assert all(getattr(hr, kind.__name__) is kind for kind in kinds)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in kinds)


@pytest.mark.parametrize("name", errors.__all__)
def test_fields_survive_a_process_boundary(name: str) -> None:
    error = getattr(errors, name)("wrong", **EVERYTHING)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_place_found_later_shows() -> None:
    error = hr.TraceError("wrong")
    error.path, error.line = "a.py", 3
    assert str(error) == "a.py, line 3: wrong."


def test_names_with_line_breaks_stay_in_one_line() -> None:
    assert str(errors.SchemaError("odd", feature="a\nb\u2028\x1b")) == r"feature 'a\nb\u2028\x1b': odd."


def test_a_long_value_does_not_make_a_long_line() -> None:
    error = errors.UsageError(f"unknown option {'x' * 10_000}", feature="y" * 10_000, hint="z" * 10_000)
    assert len(str(error)) < 4000
    assert len(error.what) > 10_000
