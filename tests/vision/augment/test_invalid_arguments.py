"""Steps, options and images that an augmentation cannot have are refused in one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from headrace.errors import SchemaError, UsageError
from headrace.vision.augment import (
    Brightness,
    Contrast,
    CutMix,
    Cutout,
    Flip,
    GaussianBlur,
    Hue,
    Lighting,
    Mixup,
    RandomCrop,
    RandomResizedCrop,
    Resize,
    Rotate,
    Saturation,
    Shear,
    Shift,
    TrivialAugment,
    Zoom,
    compose,
)

NAN = float("nan")
CASES: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (
        Flip,
        (50,),
        "horizontal, a probability of Flip: expected a number of at least 0 and of at most 1, got 50",
    ),
    (Flip, (-0.5,), "horizontal, a probability of Flip"),
    (Flip, (0.5, 2), "vertical, a probability of Flip"),
    (Flip, ("often",), "horizontal, a probability of Flip: expected a number .* got 'often'"),
    (Flip, (NAN,), "horizontal, a probability of Flip"),
    (Shift, (50,), "x of Shift: expected a number of at least -1 and of at most 1, got -50"),
    (Shift, (0.1, 4), "y of Shift"),
    (Shift, ((0.2, -0.2),), "x of Shift: the range from 0.2 to -0.2 is empty"),
    (Shift, (-0.1,), "x of Shift: the range from 0.1 to -0.1 is empty"),
    (Shift, ((0.1, 0.2, 0.3),), "x of Shift: expected a number or a range of two"),
    (Shift, ("10%",), "x of Shift: expected a number, got '10%'"),
    (Rotate, (None,), "degrees of Rotate: expected a number, got None"),
    (Rotate, (float("inf"),), "degrees of Rotate"),
    (Zoom, (1.0,), "expected positive factors of Zoom, got 0"),
    (Zoom, ((-1, 1),), "expected positive factors of Zoom, got -1"),
    (Contrast, (1.5,), "factor of Contrast: expected a number of at least 0, got -0.5"),
    (Contrast, ((0.5, "2"),), "factor of Contrast: expected a number, got '2'"),
    (Brightness, (True,), "amount of Brightness: expected a number, got True"),
    (Lighting, (((1.0, 2.0), (1.0,)),), "components of Lighting: expected rows of one length"),
    (Lighting, (0.5,), "components of Lighting: expected rows of one length"),
    (Lighting, (((1.0,),), -1), "deviation of Lighting: expected a number of at least 0"),
    (RandomCrop, (0, 4), "height of RandomCrop is 0"),
    (RandomCrop, (4, 4.5), "width of RandomCrop: expected an integer"),
    (RandomCrop, (4, 4, -1), "padding of RandomCrop is -1"),
    (RandomResizedCrop, (4, 0), "width of RandomResizedCrop is 0"),
    (RandomResizedCrop, (4, 4, 0.5), "area of RandomResizedCrop: expected a range, got 0.5"),
    (RandomResizedCrop, (4, 4, (0.5, 2.0)), "expected ranges of area and aspect"),
    (Resize, (0, 4), "height of Resize is 0"),
    (Resize, (4, "4"), "width of Resize: expected an integer"),
    (Cutout, (2.5,), "size of Cutout: expected an integer"),
    (Cutout, (2, "black"), "value of Cutout: expected a number"),
    (Cutout, (2, NAN), "value of Cutout: expected a number"),
    (Cutout, (2, ()), "value of Cutout: expected a number per channel, got none"),
    (Cutout, (2, (0, NAN)), "value of Cutout: expected a number"),
    (CutMix, (0,), "alpha of CutMix: expected a number above 0"),
    (CutMix, (1.0, 0), "classes of CutMix is 0"),
    (GaussianBlur, (-1,), "sigma of GaussianBlur"),
    (GaussianBlur, ((0, 101),), "sigma of GaussianBlur: expected a number of at least 0 and of at most 100"),
    (GaussianBlur, (None,), "sigma of GaussianBlur"),
    (GaussianBlur, (1, 1.5), "probability of GaussianBlur"),
    (Hue, (NAN,), "degrees of Hue"),
    (Hue, ((30, 10),), "degrees of Hue: the range from 30 to 10 is empty"),
    (Saturation, (2,), "factor of Saturation: expected a number of at least 0, got -1"),
    (Shear, ("0.1",), "x of Shear: expected a number, got '0.1'"),
    (Shear, (0.1, (1, 0)), "y of Shear: the range from 1 to 0 is empty"),
    (TrivialAugment, ("huge",), "space of TrivialAugment: expected one of 'standard', 'wide'"),
    (Mixup, (-1,), "alpha of Mixup: expected a number above 0"),
    (Mixup, (0.2, 0), "classes of Mixup is 0"),
    (Mixup, (0.2, 10.0), "classes of Mixup: expected an integer"),
]


@pytest.mark.parametrize(("step", "arguments", "message"), CASES)
def test_ranges_and_probabilities_of_steps(step: Callable[..., Any], arguments: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        step(*arguments)


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        (([Flip(1.0)],), r"pass each step as an argument of its own: compose\(\*steps\)"),
        ((Flip,), r"create it: Flip\(\.\.\.\)"),
        ((compose(Flip()),), "compose all steps at once"),
        (("flip",), r"pass steps such as Flip\(\)"),
        ((Flip(), None), "pass steps"),
        ((lambda images: images,), "pass steps"),
    ],
)
def test_compose_of_a_list_or_of_other_objects_does_not_augment_nothing(steps: Any, hint: str) -> None:
    with pytest.raises(UsageError, match=f"expected steps of augmentation, got .*; {hint}"):
        compose(*steps)


@pytest.mark.parametrize("fill", ["reflection", "border", "constant", "Edge", "", None])
def test_unknown_fill(fill: Any) -> None:
    with pytest.raises(UsageError, match="fill: expected one of 'edge', 'zeros', 'reflect', got"):
        compose(Contrast(), fill=fill)


@pytest.mark.parametrize("limits", [(1, 0), 1, (0, 1, 2), "01", (0, NAN), (0, None)])
def test_limits_are_a_range(limits: Any) -> None:
    with pytest.raises(UsageError, match="limits"):
        compose(Flip(), limits=limits)


class TestCutoutValues:
    @pytest.mark.parametrize("value", [300, 256, -1, 0.5])
    def test_value_300_does_not_wrap_to_44_in_uint8(self, value: float) -> None:
        with pytest.raises(UsageError, match=f"value of Cutout is {value}, which uint8 cannot hold"):
            compose(Cutout(2, value))(torch.zeros(1, 1, 4, 4, dtype=torch.uint8), seed=0)

    @pytest.mark.parametrize("value", [0, 44, 255, np.float32(7)])
    def test_values_of_uint8(self, value: float) -> None:
        found = compose(Cutout(9, value))(torch.full((1, 1, 2, 2), 3, dtype=torch.uint8), seed=0)
        assert found.unique().tolist() == [value]

    def test_values_of_float16(self) -> None:
        with pytest.raises(UsageError, match="which float16 cannot hold"):
            compose(Cutout(2, 1e6))(torch.zeros(1, 1, 4, 4).half(), seed=0)

    def test_values_outside_of_the_limits(self) -> None:
        with pytest.raises(UsageError, match="value of Cutout is 5, outside of limits from 0 to 1"):
            compose(Cutout(2, 5), limits=(0, 1))


class TestFillValues:
    @pytest.mark.parametrize("fill", [(), [], (1, "2"), (1, NAN), NAN, b"edge"])
    def test_other_values_are_refused(self, fill: Any) -> None:
        with pytest.raises(UsageError, match="fill: expected"):
            compose(Shift(), fill=fill)

    @pytest.mark.parametrize("fill", [256, -1, 0.5, (1, 2, 300)])
    def test_values_that_uint8_cannot_hold(self, fill: Any) -> None:
        with pytest.raises(UsageError, match=r"fill is .*, which uint8 cannot hold"):
            compose(Shift(), fill=fill)(torch.zeros(1, 3, 4, 4, dtype=torch.uint8), seed=0)

    def test_values_of_other_channels(self) -> None:
        with pytest.raises(UsageError, match="fill has 3 values, for images of 4 channels"):
            compose(Shift(), fill=(1, 2, 3))(torch.zeros(1, 4, 4, 4), seed=0)


@pytest.mark.parametrize("step", [Hue(), Saturation(), TrivialAugment()])
@pytest.mark.parametrize("channels", [2, 4])
def test_colours_of_other_channels_are_refused(step: Any, channels: int) -> None:
    with pytest.raises(UsageError, match=f"expects images of 1 or 3 channels, got {channels}; omit"):
        compose(step)(torch.zeros(1, channels, 4, 4), seed=0)


@settings(max_examples=30)
@given(low=st.integers(-400, 300), width=st.integers(0, 600), amount=st.floats(0, 1))
def test_uint8_images_do_not_wrap(low: int, width: int, amount: float) -> None:
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    found = compose(Brightness((amount, amount)), limits=(low, low + width))(images, seed=0)
    moved = (images.float() + amount * 255).clamp(low, low + width).clamp(0, 255)
    assert (found.float() - moved).abs().max() <= 0.51


def test_amounts_of_brightness_in_uint8_are_fractions() -> None:
    with pytest.raises(UsageError, match="amount of Brightness, of uint8 images a fraction of 255"):
        compose(Brightness(30))(torch.zeros(1, 1, 4, 4, dtype=torch.uint8), seed=0)
    compose(Brightness(30))(torch.zeros(1, 1, 4, 4), seed=0)


@pytest.mark.parametrize(
    "images",
    [np.zeros((1, 1, 4, 4), np.int32), np.zeros((1, 1, 4, 4), "U1"), [[[[0.0]]]],
     torch.zeros(4, 4), torch.zeros(1, 1, 4, 4, dtype=torch.int64),
     torch.zeros(1, 1, 0, 4), torch.zeros(1, 0, 4, 4), torch.zeros(()), None, torch.zeros(1, 1, 4, 4) > 0],
)  # fmt: skip
def test_other_images_are_refused(images: Any) -> None:
    for augment in (compose(Flip()), compose()):
        with pytest.raises(SchemaError, match=r"expected images, got .*; pass float or uint8"):
            augment(images, seed=0)


def test_images_without_values_are_refused() -> None:
    with pytest.raises(SchemaError, match=r"got a sparse tensor; make it dense: tensor.to_dense\(\)"):
        compose(Flip())(torch.zeros(1, 1, 4, 4).to_sparse(), seed=0)
    masked = np.ma.masked_less(np.random.default_rng(0).random((1, 1, 4, 4)), 0.5)
    with pytest.raises(SchemaError, match=r"masked values; fill them: array.filled\(value\)"):
        compose(Flip())(masked, seed=0)


def test_an_empty_batch() -> None:
    augment = compose(Flip(), Shift(), Contrast(), Cutout(2))
    assert augment(torch.zeros(0, 3, 4, 4), seed=0).shape == (0, 3, 4, 4)
    for step in (RandomCrop(2, 3), RandomResizedCrop(2, 3)):
        assert compose(step)(torch.zeros(0, 3, 4, 4), seed=0).shape == (0, 3, 2, 3)


@pytest.mark.parametrize("labels", [torch.zeros(1), torch.zeros(3), torch.tensor(1), [0, 1]])
def test_labels_of_other_images_are_refused(labels: Any) -> None:
    with pytest.raises(SchemaError, match="expected labels of 2 images, got"):
        compose(Mixup())(torch.zeros(2, 1, 4, 4), labels, seed=0)


def test_numpy_s_integers_as_seeds() -> None:
    images, augment = torch.rand(4, 1, 6, 6), compose(Shift(0.3))
    expected: Tensor = augment(images, seed=3)
    assert torch.equal(augment(images, seed=np.int64(3)), expected)  # pyright: ignore
    assert torch.equal(augment(images, seed=(1, 2)), augment(images, seed=[1, np.int64(2)]))  # pyright: ignore
    assert not torch.equal(augment(images, seed=(1, 2)), augment(images, seed=(12,)))
    for seed in (3.0, True, None, "3", -1, (), (1, -2), (1.5,), ((1,),)):
        with pytest.raises(UsageError, match="seed"):
            augment(images, seed=seed)  # pyright: ignore
