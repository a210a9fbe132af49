"""Every analyzer equals its definition for any split of the rows and any tree of merges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from headrace.columns import ColumnType, Ragged, take_rows
from headrace.errors import ModelError
from headrace.transform.graph.analyzer import Accumulator, Analyzer

from .analyzer_cases import CASES
from .analyzer_definitions import Column
from .analyzer_inputs import Fixed, columns

# Without shrinking: the values are random anyway.
EXAMPLES = settings(max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
every_analyzer = pytest.mark.parametrize("name", sorted(Analyzer.registry))


def test_every_analyzer_has_cases() -> None:
    assert set(CASES) == set(Analyzer.registry)
    assert all(CASES.values())


def state_of(accumulator: Accumulator, values: list[Any], rows: np.ndarray) -> Any:
    with np.errstate(invalid="ignore"):
        return accumulator.update(
            accumulator.empty(),
            *(each.value if isinstance(each, Fixed) else take_rows(each, rows) for each in values),
        )


def merged(accumulator: Accumulator, values: list[Any], cuts: list[int], seed: int) -> Any:
    """Compute the state of batches split at `cuts`, merged in a random tree, with states as bytes."""
    random = np.random.default_rng(seed)
    rows = np.arange(len(values[0]) if not isinstance(values[0], Ragged) else len(values[0].row_splits) - 1)
    states = [state_of(accumulator, values, part) for part in np.split(rows, sorted(cuts))]
    while len(states) > 1:
        first = states.pop(random.integers(len(states)))
        second = states.pop(random.integers(len(states)))
        states.append(accumulator.merge(accumulator.load(accumulator.dump(first)), second))
    return states[0]


def plainly(value: Any) -> Column:
    return Column.of(value.value if isinstance(value, Fixed) else value)


def plain(value: Any) -> Any:
    return value.to_pylist() if isinstance(value, pa.Array) else np.asarray(value)


def check_equal(found: Any, expected: Any, rtol: float, atol: float, what: str) -> None:
    if expected is None:
        return
    found = plain(found)
    if isinstance(found, list):
        assert found == expected, what
        return
    assert found.shape == np.shape(expected) or not found.size, what
    np.testing.assert_allclose(found, np.reshape(expected, found.shape), rtol, atol, err_msg=what)


@every_analyzer
def test_any_split_and_merge_tree_matches_the_definition(name: str) -> None:
    @EXAMPLES
    @given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.lists(st.integers(0, 120), max_size=6))
    def compare(seed: int, rows: int, cuts: list[int]) -> None:
        for case in CASES[name]:
            values = columns(case, rows, seed)
            accumulator = case.analyzer.accumulator
            found = case.analyzer.result(merged(accumulator, values, [cut % rows for cut in cuts], seed))
            check_equal(found, case.define(*map(plainly, values)), case.rtol, case.atol, str(case))
            whole = case.analyzer.result(state_of(accumulator, values, np.arange(rows)))
            check_equal(found, plain(whole), case.split_rtol, case.atol, f"{case}, split")

    compare()


@every_analyzer
def test_any_split_and_merge_tree_gives_identical_bytes(name: str) -> None:
    @EXAMPLES
    @given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.lists(st.integers(0, 120), max_size=6))
    def compare(seed: int, rows: int, cuts: list[int]) -> None:
        for case in CASES[name]:
            values, accumulator = columns(case, rows, seed), case.analyzer.accumulator
            parts = merged(accumulator, values, [cut % rows for cut in cuts], seed)
            whole = state_of(accumulator, values, np.arange(rows))
            if case.same_bytes:
                assert accumulator.dump(parts) == accumulator.dump(whole), str(case)
            found, expected = (plain(case.analyzer.result(each)) for each in (parts, whole))
            if not case.split_rtol:
                assert str(found) == str(expected), str(case)

    compare()


def test_only_analyzers_of_products_are_exempt_from_identical_bytes() -> None:
    exempt = {name for name, cases in CASES.items() if not any(case.same_bytes for case in cases)}
    assert exempt == {"covariance", "pca"}


@every_analyzer
@pytest.mark.parametrize(("rows", "missing"), [(0, False), (5, True)], ids=["no rows", "all missing"])
def test_without_values_the_result_matches_the_definition(name: str, rows: int, missing: bool) -> None:
    for case in CASES[name]:
        accumulator = case.analyzer.accumulator
        values = columns(case, rows, 0, missing)
        state = accumulator.load(accumulator.dump(state_of(accumulator, values, np.arange(rows))))
        check_equal(
            case.analyzer.result(state), case.define(*map(plainly, values)), case.rtol, case.atol, str(case)
        )
        case.analyzer.result(accumulator.empty())


@every_analyzer
def test_results_have_the_inferred_type(name: str) -> None:
    for case in CASES[name]:
        given = [
            ColumnType("float64", each.shape) if isinstance(each, np.ndarray) else each for each in case.types
        ]
        type_ = case.analyzer.infer(*given)
        values = columns(case, 50, 0)
        found = case.analyzer.result(state_of(case.analyzer.accumulator, values, np.arange(50)))
        if isinstance(found, pa.Array):
            assert type_ == ColumnType("string", ragged=True)
        else:
            shape = found.shape[1:] if type_.ragged else found.shape
            assert (str(found.dtype), shape) == (type_.dtype, type_.shape), str(case)


@every_analyzer
def test_a_loaded_state_dumps_to_identical_bytes(name: str) -> None:
    for case in CASES[name]:
        accumulator = case.analyzer.accumulator
        data = accumulator.dump(state_of(accumulator, columns(case, 300, 1), np.arange(300)))
        assert accumulator.dump(accumulator.load(data)) == data, str(case)


@every_analyzer
def test_damaged_bytes_are_refused_or_load_as_a_valid_state(name: str) -> None:
    random = np.random.default_rng(0)
    for case in CASES[name]:
        accumulator = case.analyzer.accumulator
        data = accumulator.dump(state_of(accumulator, columns(case, 40, 1), np.arange(40)))
        for length in [*range(0, len(data), max(1, len(data) // 40))]:
            with pytest.raises(ModelError):
                accumulator.load(data[:length])
        for place in random.integers(0, len(data), 100):
            damaged = bytearray(data)
            damaged[place] ^= 1 << int(random.integers(8))
            try:
                state = accumulator.load(bytes(damaged))
            except ModelError:
                continue
            with np.errstate(invalid="ignore"):
                accumulator.merge(accumulator.empty(), state)


def test_a_state_of_another_accumulator_is_refused() -> None:
    every = [case.analyzer.accumulator for cases in CASES.values() for case in cases]
    accumulators = {repr(accumulator): accumulator for accumulator in every}
    dumped = {name: each.dump(each.empty()) for name, each in accumulators.items()}
    for name, accumulator in accumulators.items():
        for other in set(dumped) - {name}:
            with pytest.raises(ModelError, match="compute it again"):
                accumulator.load(dumped[other])


def test_two_analyzers_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two analyzers are named 'mean'"):
        type("Other", (Analyzer,), {"name": "mean"})
