import os
import subprocess
import sys
from functools import partial

from headrace.data.user_function import function_identity, function_name


def plus(number):
    def add(batch):
        return batch + number

    return add


class Unknown:
    def __call__(self, batch):
        return batch


def endless():
    def count(n):
        return count(n - 1) if n else 0

    return count


def test_a_name_is_that_of_the_function_or_of_the_objects_type():
    assert function_name(plus) == "plus"
    assert function_name(plus(1)) == "plus.<locals>.add"
    assert function_name(Unknown()) == "Unknown"


def test_an_identity_contains_the_code_and_the_closure():
    found = {function_identity(plus(1)), function_identity(plus(2)), function_identity(lambda b: b + 1)}
    assert len(found) == 3
    assert function_identity(plus(1)) == function_identity(plus(1))


def test_an_unknown_object_never_has_the_same_identity_twice():
    unknown = Unknown()
    assert function_identity(unknown) != function_identity(unknown)
    assert function_identity(plus(unknown)) != function_identity(plus(unknown))
    assert function_identity(endless()) == function_identity(endless())
    assert function_identity(partial(plus, 1)) == function_identity(partial(plus, 1))
    assert function_identity(partial(plus, 1)) != function_identity(partial(plus, number=1))
    assert function_identity(Unknown().__call__) != function_identity(Unknown().__call__)


def test_an_identity_is_the_same_in_another_process():
    code = (
        "from headrace.data.user_function import function_identity as f;"
        "print(f(lambda b, s={'a', 'b', 'c'}: b in {'x', 'y', 'z'} or (lambda: b + 1.5)))"
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
