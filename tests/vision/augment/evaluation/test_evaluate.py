"""The kernels compute what the definition on tensors computes, in uint8 as in float."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vision.augment.plain_parameters import parameters
from torch import Tensor

from headrace._native import ColourOp, augment_images
from headrace._native import PixelFill as NativeFill
from headrace.vision.augment.evaluation import BatchParameters, evaluate, evaluate_on_tensors

FILLS: list[Any] = ["edge", "zeros", "reflect", 0.25, (0.75, 0.25, 0.5)]
PARAMETERS = {
    ColourOp.NONE: (0.0, 0.0),
    ColourOp.CONTRAST: (0.3, 1.7),
    ColourOp.ADD: (-0.5, 0.5),
    ColourOp.SCALE: (0.1, 1.9),
    ColourOp.SATURATE: (0.0, 2.0),
    ColourOp.HUE: (-720.0, 720.0),
    ColourOp.BLUR: (0.0, 4.0),
    ColourOp.SHARPEN: (0.0, 2.0),
    ColourOp.POSTERIZE: (1.0, 8.99),
    ColourOp.SOLARIZE: (0.0, 1.0),
    ColourOp.AUTO_CONTRAST: (0.0, 0.0),
    ColourOp.EQUALIZE: (0.0, 0.0),
    ColourOp.CLIP: (0.0, 0.0),
}


def random_images(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    """Images in 256 levels, some of them smooth, with equal channels and with equal pixels."""
    noise = torch.randint(256, shape, generator=torch.Generator().manual_seed(seed))
    noise[0] = noise[0, :1]
    noise[1] = 77
    return noise / 255


def random_colours(shape: tuple[int, ...], op: ColourOp, steps: int = 1) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    values = generator.uniform(*PARAMETERS[op], (steps, shape[0], shape[1])).astype(np.float32)
    ops = np.where(generator.random((steps, shape[0])) < 0.8, op, ColourOp.NONE).astype(np.uint8)
    return {"ops": ops, "values": values}


def random_maps(count: int, scale: float = 0.4) -> np.ndarray[Any, Any]:
    maps = np.eye(3) + np.random.default_rng(0).normal(scale=scale, size=(count, 3, 3))
    maps[:, :2, 2] *= 8
    maps[:, 2] = 0, 0, 1
    return maps


def check_equal(found: BatchParameters, images: Tensor, tolerance: float = 2e-5) -> None:
    natively, expected = evaluate(found, images), evaluate_on_tensors(found, images)
    assert natively.shape == expected.shape
    assert torch.allclose(natively, expected, atol=tolerance)
    levels = (images * 255).round().to(torch.uint8)
    difference = (evaluate(found, levels).float() - evaluate_on_tensors(found, levels).float()).abs()
    assert difference.max() <= 1  # where the unrounded values lie on both sides of a half
    assert difference.mean() < 0.01


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("fill", FILLS)
def test_resampling(fill: Any, channels: int) -> None:
    images = random_images((6, channels, 11, 9))
    values = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)[:channels] if isinstance(fill, tuple) else fill
    found = parameters(images.shape, maps=random_maps(6), size=(8, 13), fill=values)
    natively, expected = evaluate(found, images), evaluate_on_tensors(found, images)
    assert torch.allclose(natively, expected, atol=1e-4)


@pytest.mark.parametrize("fill", ["edge", "reflect", 16, (1, 2, 3)])
@pytest.mark.parametrize("shape", [(20, 3, 1, 1), (20, 3, 2, 3), (20, 3, 18, 37)])
def test_flips_and_whole_shifts_copy_pixels(fill: Any, shape: tuple[int, ...]) -> None:
    images = random_images(shape) * 255
    generator = np.random.default_rng(1)
    maps = np.tile(np.eye(3), (20, 1, 1))
    maps[:, (0, 1), (0, 1)] = generator.choice([-1.0, 1.0], (20, 2))
    maps[:, :2, 2] = generator.integers(-50, 50, (20, 2))
    found = parameters(shape, maps=maps, fill=fill, nearest=True)
    expected = evaluate_on_tensors(found, images)
    assert torch.allclose(evaluate(found, images), expected, atol=1e-3)
    assert torch.equal(evaluate(found, images.round().to(torch.uint8)), expected.round().to(torch.uint8))


@pytest.mark.parametrize("op", list(ColourOp))
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_every_colour_operation(op: ColourOp, channels: int) -> None:
    shape = (9, channels, 14, 21)
    check_equal(parameters(shape, **random_colours(shape, op)), random_images(shape), 1e-4)


def test_operations_in_a_row() -> None:
    """All pairs, so that each follows values that are and that are not computed yet."""
    shape = (len(ColourOp) ** 2, 3, 5, 6)
    generator = np.random.default_rng(0)
    pairs = np.array([(first, second) for first in ColourOp for second in ColourOp], np.uint8).T
    inexact = np.isin(pairs[1], [ColourOp.POSTERIZE, ColourOp.SOLARIZE, ColourOp.EQUALIZE])  # thresholds
    pairs[1][inexact] = ColourOp.CONTRAST
    values = np.array([[generator.uniform(*PARAMETERS[ColourOp(op)], 3) for op in ops] for ops in pairs])
    found = parameters(shape, ops=np.ascontiguousarray(pairs), values=values.astype(np.float32))
    images = random_images(shape)
    assert torch.allclose(evaluate(found, images), evaluate_on_tensors(found, images), atol=2e-4)


def test_everything_at_once() -> None:
    images = random_images((7, 3, 32, 24))
    colours = random_colours((7, 3), ColourOp.CONTRAST, steps=2)
    colours["ops"][1] = ColourOp.ADD
    holes = np.random.default_rng(0).integers(-3, 20, (2, 7, 4))
    found = parameters(
        images.shape, maps=random_maps(7), size=(10, 12), blocks=(3, 2), **colours,
        holes=holes, hole_values=(0.5, (0.0, 0.25, 1.0)), limits=(0.0, 1.0),
    )  # fmt: skip
    assert torch.allclose(evaluate(found, images), evaluate_on_tensors(found, images), atol=1e-4)


UNITLESS = [
    ColourOp.CONTRAST,
    ColourOp.SCALE,
    ColourOp.SATURATE,
    ColourOp.HUE,
    ColourOp.BLUR,
    ColourOp.SHARPEN,
]


@settings(max_examples=40)
@given(
    ops=st.lists(st.sampled_from(UNITLESS), max_size=3),
    is_moved=st.booleans(),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    channels=st.sampled_from([1, 3, 4]),
)
def test_uint8_is_the_float_result_rounded_half_to_even(
    ops: list[ColourOp], is_moved: bool, height: int, width: int, channels: int
) -> None:
    levels = torch.randint(256, (4, channels, height, width), generator=torch.Generator().manual_seed(height))
    values = np.array([np.full((4, 1), np.mean(PARAMETERS[op]) + 0.37) for op in ops], np.float32)
    found = parameters(
        levels.shape,
        maps=random_maps(4, 0.2) if is_moved else None,
        ops=np.array([[op] * 4 for op in ops], np.uint8).reshape(len(ops), 4),
        values=values.reshape(len(ops), 4, 1),
    )
    floats = evaluate(found, levels.float())
    assert torch.equal(evaluate(found, levels.to(torch.uint8)), floats.clamp(0, 255).round().to(torch.uint8))


def test_infinite_and_missing_values_stay() -> None:
    images = torch.rand(1, 3, 4, 4)
    images[0, 0, 1, 1], images[0, 1, 2, 2], images[0, 2, 0, 0] = float("nan"), float("inf"), -float("inf")
    maps = np.eye(3)[None] * (-1, 1, 1)
    flipped = evaluate(parameters(images.shape, maps=maps), images)
    assert torch.equal(flipped.nan_to_num(9), images.flip(3).nan_to_num(9))
    clipped = evaluate(parameters(images.shape, limits=(0.0, 1.0)), images)
    assert torch.equal(clipped.nan_to_num(9), images.clamp(0, 1).nan_to_num(9))


class TestKernelArguments:
    def call(self, **changes: Any) -> None:
        images = np.zeros((2, 3, 4, 5), np.uint8)
        plain: dict[str, Any] = {
            "images": images,
            "out": np.zeros_like(images),
            "maps": np.zeros((0, 6)),
            "fill": NativeFill.EDGE,
            "fill_values": np.zeros(0, np.float32),
            "blocks": (1, 1),
            "ops": np.zeros((0, 2), np.uint8),
            "values": np.zeros((0, 2, 1), np.float32),
            "unit": 255.0,
            "limits": (0.0, 255.0),
            "holes": np.zeros((0, 2, 4), np.int64),
            "hole_values": np.zeros((0, 3), np.float32),
            "threads": 1,
        }
        augment_images(**{**plain, **changes})

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"out": np.zeros((2, 3, 4, 6), np.uint8)}, "out: expected the size"),
            ({"out": np.zeros((1, 3, 4, 5), np.uint8)}, "out: expected the type, the number"),
            ({"out": np.zeros((2, 3, 4, 5), np.float32)}, "out: expected the type"),
            ({"maps": np.zeros((1, 6))}, "maps: expected"),
            ({"maps": np.zeros((2, 5))}, "maps: expected"),
            ({"fill": NativeFill.CONSTANT}, "fill_values: expected one per channel"),
            ({"blocks": (0, 1)}, "blocks: expected"),
            ({"blocks": (1, 6)}, "blocks: expected"),
            ({"ops": np.full((1, 2), 13, np.uint8)}, "expected"),
            ({"ops": np.zeros((1, 2), np.uint8)}, "values: expected"),
            (
                {"ops": np.full((1, 2), 13, np.uint8), "values": np.zeros((1, 2, 1), np.float32)},
                "ops: expected members of ColourOp",
            ),
            (
                {"ops": np.full((1, 2), 2, np.uint8), "values": np.zeros((1, 2, 1), np.float32)},
                "values: expected one per channel for ADD",
            ),
            ({"limits": (0.0, 256.0)}, "limits: expected a part of 0 to 255"),
            ({"limits": (5.0, 4.0)}, "limits: expected"),
            ({"holes": np.zeros((1, 1, 4), np.int64)}, "holes: expected"),
            ({"holes": np.zeros((1, 2, 4), np.int64)}, "hole_values: expected"),
            ({"images": np.zeros((2, 3, 4, 5))}, "images: expected uint8 or float32"),
        ],
    )
    def test_that_do_not_fit_each_other(self, changes: dict[str, Any], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            self.call(**changes)

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300, 1e18])
    def test_positions_beyond_every_image(self, value: float) -> None:
        for row in ([value, 0, 0, 0, 1, 0], [1, 0, value, 0, 1, 0], [1, value, value, 0, -1, value]):
            for fill in (NativeFill.EDGE, NativeFill.REFLECT, NativeFill.CONSTANT):
                self.call(maps=np.array([row] * 2, float), fill=fill, fill_values=np.zeros(3, np.float32))

    def test_parameters_beyond_their_range(self) -> None:
        for op in ColourOp:
            for value in (float("nan"), float("inf"), -1e30):
                values, ops = np.full((1, 2, 3), value, np.float32), np.full((1, 2), op, np.uint8)
                if op == ColourOp.BLUR and not value < 0:
                    with pytest.raises(ValueError, match="values: expected at most 1000 pixels for BLUR"):
                        self.call(ops=ops, values=values)
                else:
                    self.call(ops=ops, values=values)
