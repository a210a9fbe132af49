"""Warnings name the user's line, however deep in the package their cause was found."""

import warnings

import headrace as hr


def test_a_warning_names_the_line_that_called_the_package(tmp_path):
    path = tmp_path / "semicolons.csv"
    path.write_text("a;b\n1;2\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        list(hr.Dataset.from_csv(path).batch(1))
    assert [each.filename for each in caught] == [__file__]
    assert "found delimiter ';'" in str(caught[0].message)
