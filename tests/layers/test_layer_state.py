"""State dicts, copies, pickles and dtypes of adapted layers: the vocabulary travels with the model."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from headrace import layers
from headrace.errors import UsageError
from headrace.layers import PreprocessingLayer

WORDS, TEXTS = ["b", "a", "b", "c"], ["a b", "b c", "a b d"]
IDS = [2**53 + 1, 3, 3, 7]
NUMBERS = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]

# Each layer: how to build it, the data that it is adapted to, other data, and rows to apply it to.
CASES: dict[str, tuple[Callable[[], PreprocessingLayer], list, list, list]] = {
    "StringLookup": (layers.StringLookup, WORDS, ["x", "y", "x"], ["a", "c", "x", ""]),
    "StringLookup, tf_idf": (
        lambda: layers.StringLookup(output_mode="tf_idf"),
        [["a", "b"], ["b"]],
        [["q"], ["q", "r", "s"]],
        [["a", "b"], ["q", "a"]],
    ),
    "StringLookup, mask": (
        lambda: layers.StringLookup(mask_token="", num_oov_indices=2),
        [*WORDS, "two\nlines", "\u2028"],
        ["x"],
        ["", "a", "two\nlines", "zz"],
    ),
    "IntegerLookup": (layers.IntegerLookup, IDS, [5, 6, 9, 9], [2**53 + 1, 2**53, 7, 5]),
    "TextVectorization": (
        lambda: layers.TextVectorization(output_sequence_length=4), TEXTS, ["x y"], ["a D!", "x"]),
    "Normalization": (layers.Normalization, NUMBERS, [5.0, 6.0], NUMBERS),
    "Discretization": (lambda: layers.Discretization(num_bins=3), NUMBERS, [1.5, 2.5, 9.5], NUMBERS),
    "PreprocessingStage": (
        lambda: layers.PreprocessingStage([layers.Normalization(), layers.Discretization(num_bins=2)]),
        NUMBERS,
        [-1.0, 0.0, 1.0, 5.0],
        NUMBERS,
    ),
}  # fmt: skip
each_case = pytest.mark.parametrize("case", CASES)


def adapted(case: str) -> tuple[nn.Sequential, list]:
    build, data, _, rows = CASES[case]
    return nn.Sequential(build().adapt(data)), rows


def result(model: nn.Module, rows: list) -> object:
    found = model(rows)
    return found.tolist() if isinstance(found, np.ndarray | torch.Tensor) else found


@each_case
@pytest.mark.parametrize("receiver", ["adapted to other data", "not adapted"])
def test_load_state_dict_carries_the_vocabulary(case: str, receiver: str) -> None:
    model, rows = adapted(case)
    build, _, others, _ = CASES[case]
    other = nn.Sequential(build().adapt(others) if receiver == "adapted to other data" else build())
    assert str(other.load_state_dict(model.state_dict())) == "<All keys matched successfully>"
    assert result(other, rows) == result(model, rows)
    if isinstance(other[0], layers.StringLookup | layers.IntegerLookup):
        assert other[0].get_vocabulary() == model[0].get_vocabulary()  # type: ignore[operator]
    with pytest.raises(UsageError, match="were loaded, the data behind them is unknown; adapt to all"):
        other[0].adapt(CASES[case][1], reset_state=False)  # type: ignore[operator]
    assert result(nn.Sequential(other[0].adapt(CASES[case][1])), rows) == result(model, rows)  # type: ignore[operator]


@each_case
def test_weights_only_loading_and_safetensors(case: str, tmp_path: Path) -> None:
    model, rows = adapted(case)
    torch.save(model.state_dict(), tmp_path / "state.pt")
    save_file(model.state_dict(), tmp_path / "state.safetensors")
    for state in (
        torch.load(tmp_path / "state.pt", weights_only=True),
        load_file(tmp_path / "state.safetensors"),
    ):
        other = nn.Sequential(CASES[case][0]())
        other.load_state_dict(state)
        assert result(other, rows) == result(model, rows)


def save_whole(model: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@each_case
@pytest.mark.parametrize(
    "copied",
    [
        copy.deepcopy,
        lambda model: pickle.loads(pickle.dumps(model)),
        save_whole,
        lambda model: AveragedModel(model).module,
        lambda model: nn.Sequential(model[0]._replicate_for_data_parallel()),
    ],
    ids=["deepcopy", "pickle", "torch.save", "AveragedModel", "DataParallel"],
)
def test_copies_of_an_adapted_layer(case: str, copied: Callable[[nn.Sequential], nn.Sequential]) -> None:
    model, rows = adapted(case)
    expected = result(model, rows)
    other = copied(model)
    assert result(other, rows) == expected
    if case == "PreprocessingStage" or other[0]._adaptation is model[0]._adaptation:
        return
    build, data, more, _ = CASES[case]
    other[0].adapt(more, reset_state=False)  # type: ignore[operator]
    assert result(model, rows) == expected
    assert result(other, rows) == result(nn.Sequential(build().adapt([*data, *more])), rows)


@pytest.mark.parametrize("use_buffers", [False, True])
def test_averages_of_weights_keep_vocabularies_and_statistics(use_buffers: bool) -> None:
    model = nn.ModuleList([layers.IntegerLookup().adapt(IDS), layers.Normalization().adapt(NUMBERS)])
    model.append(nn.Linear(1, 1))
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999), use_buffers=use_buffers)
    for _ in range(20):
        mean.update_parameters(model)
    lookup, normalization, _ = mean.module
    assert lookup(torch.tensor(IDS)).tolist() == model[0](torch.tensor(IDS)).tolist()
    np.testing.assert_allclose(normalization(NUMBERS), model[1](NUMBERS), rtol=1e-6)


@pytest.mark.parametrize("convert", ["half", "bfloat16", "double", "float"])
def test_a_model_of_another_dtype_keeps_its_statistics(convert: str) -> None:
    rows = torch.tensor(
        [[1.0, 3e5], [1000.0, 9e5], [64.0, 6e5]], dtype=torch.float64
    )  # variances above 65,504
    model = nn.Sequential(layers.Normalization().adapt(rows), nn.Linear(2, 1))
    expected = model[0](rows.float())
    converted = getattr(copy.deepcopy(model), convert)()
    dtype = converted[1].weight.dtype
    found = converted[0](rows)
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), expected.double(), rtol=1e-2, atol=1e-2)
    assert converted(rows).isfinite().all()
    if dtype != torch.float16:  # which has no 3e5
        assert converted(rows.to(dtype)).dtype == dtype
    assert all(buffer.dtype.itemsize >= 4 for buffer in converted.buffers())
    back = converted.cpu().float()
    torch.testing.assert_close(back[0](rows.float()), expected)


def test_constant_columns_and_ids_of_a_half_model() -> None:
    constant = layers.Normalization().adapt([[5.0], [5.0]]).half()
    assert constant(torch.tensor([[5.0]]).half()).tolist() == [[0.0]]
    lookup = layers.IntegerLookup().adapt(IDS).half()
    assert lookup(torch.tensor(IDS)).tolist() == layers.IntegerLookup().adapt(IDS)(IDS).tolist()
    scaled = nn.Sequential(layers.Rescaling(1 / 255), nn.Linear(1, 1)).half()
    assert scaled(torch.tensor([[255]], dtype=torch.uint8)).dtype == torch.float16
    assert layers.Rescaling(0.5)(torch.tensor([2.0], dtype=torch.bfloat16)).dtype == torch.bfloat16


def test_a_fixed_vocabulary_is_carried_too() -> None:
    model = nn.Sequential(
        layers.StringLookup(vocabulary=["x", "y"], idf_weights=[0.1, 7.0], output_mode="tf_idf")
    )
    other = nn.Sequential(layers.StringLookup(output_mode="tf_idf").adapt([["a"], ["b"]]))
    other.load_state_dict(model.state_dict())
    assert result(other, [["y", "z"]]) == result(model, [["y", "z"]])


def test_a_state_that_does_not_match_is_refused() -> None:
    def load(receiver: PreprocessingLayer, state: dict[str, torch.Tensor]) -> None:
        nn.Sequential(receiver).load_state_dict(state)

    words = nn.Sequential(layers.StringLookup().adapt(WORDS)).state_dict()
    with pytest.raises(
        RuntimeError, match=r"0: expected the special tokens \['\[UNK\]', '\[UNK\]'\], got \['\[UNK\]'\]"
    ):
        load(layers.StringLookup(num_oov_indices=2), words)
    with pytest.raises(RuntimeError, match="3 tokens and 1 special tokens exceed max_tokens 3; increase"):
        load(layers.StringLookup(max_tokens=3), words)
    with pytest.raises(RuntimeError, match="expected the state of a IntegerLookup, got that of a String"):
        load(layers.IntegerLookup(), words)
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "0._extra_state"'):
        load(layers.StringLookup().adapt(["a"]), {})
    with pytest.raises(RuntimeError, match="expected a vocabulary with idf weights, got one without"):
        load(layers.StringLookup(output_mode="tf_idf"), words)
    bins = nn.Sequential(layers.Discretization(num_bins=2).adapt(NUMBERS)).state_dict()
    with pytest.raises(RuntimeError, match=r"expected statistics of shape \[2\], got \[1\]; adapt the layer"):
        load(layers.Discretization(num_bins=3).adapt(NUMBERS), bins)
    for data in (b"", b"{}", b"[" * 100_000, b'{"format": 9}', pickle.dumps(print)):
        stored = torch.frombuffer(bytearray(data or b"?"), dtype=torch.uint8)
        with pytest.raises(RuntimeError, match=r"corrupt state of a layer .*; save the model again"):
            load(layers.StringLookup(), {"0._extra_state": stored})
    ids = nn.Sequential(layers.IntegerLookup().adapt(IDS)).state_dict()
    with pytest.raises(RuntimeError, match="the state lacks statistic_0"):
        load(layers.IntegerLookup(), {"0._extra_state": ids["0._extra_state"]})


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_state_dict_that_was_converted_is_loaded_as_float32(dtype: torch.dtype) -> None:
    state = layers.Normalization().adapt([[1.0], [2.0], [6.0]]).state_dict()
    converted = {
        name: value.to(dtype) if value.is_floating_point() else value for name, value in state.items()
    }
    for receiver in (layers.Normalization(), layers.Normalization().adapt([[5.0], [7.0]])):
        receiver.load_state_dict(converted)
        assert all(buffer.dtype.itemsize >= 4 for buffer in receiver.buffers())
        assert receiver(torch.tensor([[3.0]])).tolist() == [[0.0]]


def test_states_without_names_are_loaded_by_an_adapted_layer() -> None:
    for build, data, other in [
        (layers.IntegerLookup, [1, 2], [3, 4]),
        (layers.Normalization, NUMBERS, [0.0, 9.0]),
    ]:
        model = nn.Sequential(build().adapt(data))
        state = {name: value for name, value in model.state_dict().items() if name != "0._extra_state"}
        receiver = nn.Sequential(build().adapt(other))
        receiver.load_state_dict(state)
        assert result(receiver, data) == result(model, data)
