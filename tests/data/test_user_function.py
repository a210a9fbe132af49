"""What the identity of a function is made of, and what it cannot know."""

# ruff: noqa: ARG001, ARG005

from __future__ import annotations

import functools
import importlib
import json
import logging
import math
import operator
import os
import pickle
import random
import re
import secrets
import subprocess
import sys
import threading
import time
import types
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import torch
from tests.count_calls import count_calls

import headrace as hr
from headrace.data.user_function import function_identity, function_name


def plus(number):
    def add(batch):
        return batch + number

    return add


class Adder:
    def __init__(self, number=0):
        self.number = number

    def __call__(self, batch):
        return batch + self.number


class Colour(Enum):
    RED = 1
    GREEN = 2


Point = namedtuple("Point", "x y")


@dataclass
class Pair:
    left: int
    right: object = None


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


class Lazy:
    def __init__(self):
        self.model = None

    def __getstate__(self):
        return "lazy"

    def __call__(self, batch):
        self.model = self.model or object()
        return batch


def endless():
    def count(n):
        return count(n - 1) if n else 0

    return count


def digest(function):
    found = function_identity(function)
    assert not found.unknown
    return found.digest


def unknown(function):
    return function_identity(function).unknown


def using(value):
    """Make a function that uses a value."""
    return lambda batch: value


def test_a_name_is_that_of_the_function_or_of_the_objects_type():
    assert function_name(plus) == "plus"
    assert function_name(plus(1)) == "plus.<locals>.add"
    assert function_name(Adder()) == "Adder"


def test_code_closure_defaults_and_bound_objects_count():
    functions = [
        plus(1), plus(2), plus(1.0), plus("1"), lambda b: b + 1, lambda b, *, c=1: b + 1, lambda b, *, c=2:
        b + 1, lambda b, c=2: b + 1, partial(plus, 1), partial(plus, 2), partial(plus, number=1), Adder(1),
        Adder(2), Adder(1).__call__, len, str.upper, "a,b".split, {"a": 1}.get, {"a": 2}.get,
        operator.itemgetter("a"), operator.itemgetter("b"), np.sqrt, np.exp, math.sqrt, pc.add, pc.subtract,
        torch.relu, endless(),
    ]  # fmt: skip
    assert len({digest(each) for each in functions}) == len(functions)
    assert digest(plus(1)) == digest(plus(1))
    assert digest(partial(plus, number=1)) == digest(partial(plus, number=1))
    assert digest(Adder(3).__call__) == digest(Adder(3).__call__)
    assert digest(endless()) == digest(endless())


VALUES = [
    0, 0.0, -0.0, False, None, "", b"", (), [], {}, set(), (1,), [1], ["1"], {1}, {"1"}, {1: 2}, {2: 1},
    {"a": 1, "b": 2}, {"b": 2, "a": 1}, frozenset({1}), float("nan"), float("inf"), 1j, ..., range(3),
    slice(3), bytearray(b"a"), [[]], np.arange(3), np.arange(3.0), np.arange(3).reshape(3, 1),
    np.arange(100_000), np.arange(100_000)[::-1], np.array(["a"]), np.array([1, "a"], object), np.array([2,
    "a"], object), np.float32(1), np.dtype("f4"), np.zeros(3, [("x", "i4")]), np.zeros((0, 3)), pa.array([1,
    2]), pa.array([1, None]), pa.array(["a"]), pa.table({"x": [1]}), pa.record_batch({"x": [2]}), pa.int8(),
    pa.schema({"x": pa.int8()}), pa.array(["a", "b"]).dictionary_encode(), pa.array(["a",
    "c"]).dictionary_encode(), torch.zeros(3), torch.zeros(3, dtype=torch.bfloat16), torch.ones(3),
    torch.nn.Linear(2, 2), torch.nn.ReLU(), re.compile("a"), re.compile("b"), re.compile("a",
    re.IGNORECASE), Path("a"), Path("b"), logging.getLogger("a"), Colour.RED, Colour.GREEN, Point(1, 2),
    Point(2, 1), Pair(1), Pair(2), Slotted(1), Slotted(2), Lazy(), OrderedDict(a=1), defaultdict(list),
    defaultdict(dict), threading.Lock(), functools.lru_cache(plus), functools.cache(endless),
    types.SimpleNamespace(a=1), types.MappingProxyType({"a": 2}), int, Colour, Point, np, torch.nn,
    list(range(99)), list(range(100)), ["a"] * 40, ("a",) * 40, [True] * 40, [1] * 40,
]  # fmt: skip


def test_every_value_that_a_function_reaches_counts():
    digests = [digest(using(value)) for value in VALUES]
    assert len(set(digests)) == len(digests)
    assert [digest(using(value)) for value in VALUES] == digests


def test_values_are_compared_by_what_they_are():
    for one, other in [
        (np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2).T.copy().T.reshape(2, 3)),
        (np.arange(10)[2:4], np.array([2, 3])),
        (torch.arange(10)[2:4], torch.tensor([2, 3])),
        (pa.array([1, 2, 3])[1:], pa.array([2, 3])),
        ({"a", "b", "c"}, {"c", "b", "a"}),
        ({Point(1, 2), Pair}, {Pair, Point(1, 2)}),
        (Pair(1, [2]), Pair(1, [2])),
        (Slotted(Adder(1)), Slotted(Adder(1))),
    ]:
        assert digest(using(one)) == digest(using(other))


def test_a_model_counts_with_its_weights_and_its_mode():
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Dropout())
    before = digest(using(model))
    assert digest(using(model)) == before
    model.eval()
    assert digest(using(model)) != before
    model.train()
    assert digest(using(model)) == before
    with torch.no_grad():
        model[0].weight[1, 1] += 1
    assert digest(using(model)) != before


def test_cycles_end():
    cycle = [1]
    cycle.append(cycle)
    pair = Pair(1)
    pair.right = {frozenset([Point(1, 2)]): pair}
    looped = {Colour}
    holder = Adder(looped)
    looped.add(holder)
    for value in (cycle, pair, looped, [looped, holder]):
        assert digest(using(value)) == digest(using(value))
    deep = ()
    for _ in range(5000):
        deep = (deep,)
    assert digest(using(deep)) == digest(using(deep))


def test_more_objects_than_can_be_compared_are_unknown():
    assert unknown(using([[] for _ in range(100_000)])) == ("more objects than can be compared",)
    assert not unknown(using(list(range(1_000_000))))


_state = {"n": 0}
_generator = np.random.default_rng(0)
_file = open(os.devnull)  # noqa: SIM115, PTH123


def changes_a_global(batch):
    global _state
    _state = {"n": _state["n"] + 1}
    return batch


def draws_in_an_import(batch):
    import random as r

    return r.random()


def draws_in_numpy(batch):
    import numpy

    return numpy.random.rand(3)


UNKNOWN = {
    "random.Random": lambda b: _random.random(),
    "numpy.random._generator.Generator": lambda b: _generator.random(),
    "numpy.random.rand": lambda b: np.random.rand(3),
    "random.random": lambda b: random.random(),
    "secrets.token_hex": lambda b: secrets.token_hex(),
    "torch.rand": lambda b: torch.rand(3),
    "os.environ": lambda b: os.environ["HOME"],
    "open()": lambda b: open("weights"),  # noqa: SIM115, PTH123
    "eval()": lambda b: eval("b"),
    "read_text()": lambda b: Path("weights").read_text(),
    "loadtxt()": lambda b: np.loadtxt("weights"),
    "json.load": lambda b: json.load(_file),
    "numpy.load": lambda b: np.load("weights.npy"),
    "sys.modules": lambda b: sys.modules["weights"],
    "import_module()": lambda b: importlib.import_module("weights"),
    "time.time": lambda b: time.time(),
    "now()": lambda b: datetime.now(),
    "_io.TextIOWrapper": lambda b: _file,
    "the global _state, which the function changes": changes_a_global,
    "generator": using(each for each in [1]),
    "the import of no_such_module": lambda b: __import__ and _import_missing(),
}
_random = random.Random(0)


def _import_missing():
    import no_such_module  # pyright: ignore[reportMissingImports]

    return no_such_module


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_cannot_be_known_is_reported_and_not_part_of_the_digest(what):
    found = function_identity(UNKNOWN[what])
    assert any(what in each for each in found.unknown)
    assert function_identity(UNKNOWN[what]) == found


def test_draws_through_imports_inside_a_function_are_reported():
    assert "random.random" in unknown(draws_in_an_import)
    assert "numpy.random.rand" in unknown(draws_in_numpy)


def test_a_seeded_generator_inside_the_function_is_known():
    assert not unknown(lambda b: np.random.default_rng(7).random(3))


def test_an_object_is_identified_by_its_own_fingerprint():
    class Own:
        def __init__(self, text):
            self.fingerprint = text

        fingerprint = ""

    assert digest(using(Own("a"))) == digest(using(Own("a"))) != digest(using(Own("b")))


def test_a_transform_is_identified_by_its_steps_and_statistics():
    def prepare(x):
        return {"x": hr.transform.scale_to_0_1(x["x"])}

    one, same, other = (
        hr.transform.analyze(prepare, [pa.record_batch({"x": values})])
        for values in ([1.0, 2.0], [1.0, 2.0], [1.0, 3.0])
    )
    assert digest(one) == digest(same) != digest(other)


def test_a_state_that_the_class_leaves_out_does_not_count():
    lazy = Lazy()
    before = digest(lazy)
    lazy(1)
    assert digest(lazy) == before


def test_functions_that_are_pickled_by_value_stay_the_same():
    cloudpickle = pytest.importorskip("pyspark.cloudpickle")
    names: dict[str, object] = {}
    exec(_PROGRAM, names)
    function = names["prepare"]
    again = pickle.loads(cloudpickle.dumps(function))
    assert digest(again) == digest(function)


_PROGRAM = """
import numpy as np, re
from dataclasses import dataclass
TABLE = {"a": np.arange(3)}
@dataclass
class Cutter:
    length: int = 3
    def __call__(self, x):
        return x[: self.length]
def helper(x):
    return TABLE["a"] + len(Cutter()(x))
def prepare(batch, cut=Cutter(5)):
    return [helper(x) for x in re.split(",", cut(batch))]
"""


def test_an_identity_is_the_same_in_another_process():
    code = _PROGRAM + (
        "from headrace.data.user_function import function_identity as f\n"
        "print(f(lambda b, s={'a', 'b', 'c'}: b in {'x', 'y', 'z'} or (lambda: prepare(b, 1.5))))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
    assert "unknown=()" in seen.pop()


def test_nothing_that_python_offers_breaks_it():
    for module in (sys, os, types, functools, re, threading, np, pa, pc, torch, hr, math, logging):
        for name, value in list(vars(module).items()):
            if not name.startswith("__"):
                function_identity(value)


def test_it_takes_milliseconds():
    function_identity(plus(1))
    assert count_calls(lambda: function_identity(plus(1))) < 10_000


def test_random_numbers_are_found_in_modules_that_are_not_loaded_yet():
    code = (
        "import numpy as np, sys\n"
        "from headrace.data.user_function import function_identity as f\n"
        "print(f(lambda b: np.random.rand(3)).unknown)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "('numpy.random.rand',)\n"
