"""The examples in docstrings run, and print what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

from headrace import transform
from headrace.transform import analyzers, mappers, ops

FAMILIES = (analyzers, mappers, ops)
MODULES = [
    "headrace.transform.analyze",
    *(
        module.name
        for family in FAMILIES
        for module in walk_packages(family.__path__, f"{family.__name__}.")
        if not module.name.rpartition(".")[2].startswith("onnx_")
    ),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_the_most_used_functions_have_an_example() -> None:
    wanted = """
        apply_buckets apply_vocabulary bucketize compute_and_apply_vocabulary fill_missing mean per_key plan
        regex_replace scale_to_z_score tokenize vocabulary
    """
    assert [name for name in wanted.split() if ">>>" not in (getattr(transform, name).__doc__ or "")] == []
