"""Images of any size are resized to the same bits in training and in ONNX, which is fed decoded images."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headrace import transform as t
from headrace.images import encode_png

SIDES = st.integers(1, 60)


class Runtimes:
    """The training path and the ONNX session of a function of decoded images."""

    def __init__(self, preprocess: Any) -> None:
        sample = pa.record_batch({"x": pa.array([b""], pa.binary())})
        self.transform = t.analyze(lambda inputs: {"y": preprocess(t.decode_image(inputs["x"]))}, [sample])
        self.session: Any = onnxruntime.InferenceSession(self.transform.to_onnx().SerializeToString())

    def compare(self, image: np.ndarray) -> None:
        batch = pa.record_batch({"x": pa.array([encode_png(image)], pa.binary())})
        expected: Any = self.transform(batch)["y"]
        expected = expected.to_numpy_ndarray()
        (found,) = self.session.run(None, {"x": image[None]})
        assert found.dtype == expected.dtype
        assert found.shape == expected.shape
        assert np.array_equal(found.view(np.int32), expected.view(np.int32))


@cache
def resize(height: int, width: int, how: str) -> Runtimes:
    options = {"antialias": how == "antialias", "nearest": how == "nearest"}
    return Runtimes(lambda x: t.resize(x, height, width, **options))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    SIDES,
    SIDES,
    st.just((24, 20)),
    st.sampled_from(["antialias", "plain", "nearest"]),
    st.integers(0, 99),
)
@example(480, 640, (24, 20), "antialias", 0)
@example(3, 2000, (24, 20), "antialias", 0)
def test_images_of_any_size_are_resized_to_the_same_bits(
    height: int, width: int, size: tuple[int, int], how: str, seed: int
) -> None:
    resize(*size, how).compare(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize(
    "preprocess",
    [
        lambda x: t.resize(t.rescale(x, 1 / 255), 9, 7),
        lambda x: t.resize(1 - t.sqrt(x / 3.0) * 2, 9, 7),
        lambda x: t.resize(t.transpose(x, (1, 2, 0)), 9, 7, channels_last=True),
        lambda x: t.standardize(t.rescale(t.resize(x, 9, 7), 1 / 255), (0.1, 0.2, 0.3), 0.2),
        lambda x: t.center_crop(t.grayscale(t.resize(x, 16, 16)), 9, 7),
        lambda x: t.resize(t.crop_to_aspect_ratio(x), 8, 8),
        lambda x: t.resize(t.crop_to_aspect_ratio(t.rescale(x, 1 / 255), 3, 4), 6, 8),
        lambda x: t.resize(
            t.crop_to_aspect_ratio(t.transpose(x, (1, 2, 0)), 16, 9, channels_last=True),
            16,
            9,
            channels_last=True,
        ),
    ],
)
def test_steps_before_and_after_resizing_have_the_same_bits(preprocess: Any) -> None:
    runtimes = Runtimes(preprocess)
    for shape in ((11, 30, 3), (1, 2, 3), (9, 7, 3), (30, 1, 3)):
        runtimes.compare(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def test_one_session_answers_batches_of_every_size() -> None:
    random = np.random.default_rng(0)
    session = resize(24, 20, "antialias").session
    (given_,) = session.get_inputs()
    assert (given_.type, given_.shape[1:]) == ("tensor(uint8)", ["height", "width", 3])
    for rows, height, width in ((1, 3, 3), (5, 40, 2), (2, 24, 20), (0, 8, 8)):
        images = random.integers(0, 256, (rows, height, width, 3), np.uint8)
        (found,) = session.run(None, {"x": images})
        assert found.shape == (rows, 3, 24, 20)
        for image, row in zip(images, found, strict=True):
            assert np.array_equal(row, session.run(None, {"x": image[None]})[0][0])
