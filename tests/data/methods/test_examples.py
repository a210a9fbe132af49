"""The examples in the docstrings of a dataset's methods are true."""

import doctest

import pytest

from headrace.data import Dataset
from headrace.data.methods import classes, columns, rows, sequences


@pytest.mark.parametrize("module", [classes, columns, rows, sequences], ids=lambda module: module.__name__)
def test_examples_of_docstrings_hold(module):
    assert doctest.testmod(module, extraglobs={"Dataset": Dataset}).failed == 0
