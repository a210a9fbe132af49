"""Values that training did not see are named on request; their rows are answered, too."""

import numpy as np

from headrace.serving import Input, Unusual

AGE = Input("age", "float64", (), ("age",), minimum=0, maximum=99.5)
FARE = Input("fare", "float32", (), ("fare",), optional=True, maximum=500)
PORT = Input("port", "string", (), ("port",), vocabulary=("C", "Q", "S"), vocabulary_size=3)
MANY = Input("many", "string", (), ("many",), vocabulary=("a",), vocabulary_size=2000)
SIZES = Input("sizes", "int64", (None,), ("sizes.values", "sizes.row_splits"), minimum=1)
COLUMNS = (AGE, FARE, PORT, MANY, SIZES)


def test_values_outside_ranges_and_vocabularies_are_named(echo) -> None:
    predictor = echo(*COLUMNS)
    usual = {"age": 30.0, "fare": 7.0, "port": "S", "many": "z", "sizes": [1, 2]}
    assert predictor.check(usual) == []
    rows = [usual, usual | {"age": 120.0, "port": "X"}, usual | {"age": None, "fare": None, "sizes": [1, 0]}]
    assert predictor.check(rows) == [
        Unusual(1, "age", 120.0, "0 to 99.5"),
        Unusual(1, "port", "X", "'C' or 'Q' or 'S'"),
        Unusual(2, "age", None, "a number"),
        Unusual(2, "sizes", 0, "1 to any"),
    ]
    assert [str(each) for each in predictor.check(rows)][::2] == [
        "row 1: 'age': expected 0 to 99.5 as in training, got 120.0",
        "row 2: 'age': expected a number as in training, got a missing value",
    ]
    assert len(predictor.run(rows)["age.out"]) == 3


def test_dates_outside_the_range_of_training_are_named(echo) -> None:
    sold = Input("sold", "timestamp[us]", (), ("sold",), minimum=0, maximum=86_400_000_000)
    rows = [{"sold": "1970-01-01T12:00"}, {"sold": "1970-01-02T00:00:01"}, {"sold": None}]
    assert [str(each) for each in echo(sold).check(rows)] == [
        "row 1: 'sold': expected 1970-01-01T00:00:00.000000 to 1970-01-02T00:00:00.000000 as in training, got"
        " '1970-01-02T00:00:01.000000'",
        "row 2: 'sold': expected a date as in training, got a missing value",
    ]


def test_a_file_without_a_signature_has_nothing_to_compare_with(echo) -> None:
    assert echo(AGE, signed=False).check({"age": np.array([1e9])}) == []
