"""Masks and boxes that move with their images."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import SchemaError, UsageError
from headrace.vision.augment import (
    AugmentedBatch,
    CutMix,
    Flip,
    Mixup,
    RandomCrop,
    Resize,
    Rotate,
    Saturation,
    Shift,
    Zoom,
    compose,
)

FLIP = compose(Flip(1.0))


def mark(boxes: list[Any], height: int, width: int) -> np.ndarray[Any, Any]:
    """Draw the first box of each image: uint8 [N, height, width]."""
    masks = np.zeros((len(boxes), height, width), np.uint8)
    for mask, each in zip(masks, boxes, strict=True):
        left, top, right, bottom = (int(end) for end in each[0])
        mask[top:bottom, left:right] = 1
    return masks


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), top=st.integers(0, 6), left=st.integers(0, 9))
def test_boxes_surround_the_pixels_of_their_masks(seed: int, top: int, left: int) -> None:
    boxes = [np.array([[left, top, left + 3, top + 4]], np.float32)] * 4
    masks = mark(boxes, 10, 12)
    augment = compose(Flip(0.5, vertical=0.5), RandomCrop(9, 11, padding=3), fill="zeros")
    found = augment(masks[:, None] * np.uint8(255), seed=seed, masks=masks, boxes=boxes, min_area=0)
    assert np.array_equal(found.images[:, 0] > 0, found.masks > 0)
    for mask, each in zip(found.masks, found.boxes or [], strict=True):
        rows, columns = mask.any(1).nonzero()[0], mask.any(0).nonzero()[0]
        expected = [[columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]] if len(rows) else np.zeros((0, 4))
        assert np.array_equal(each, expected)


def test_a_box_of_a_rotated_image_is_around_its_corners() -> None:
    boxes = [torch.tensor([[10.0, 12.0, 20.0, 30.0]])]
    masks = torch.from_numpy(mark(boxes, 40, 40))
    found = compose(Rotate((30, 30)), fill="zeros")(
        torch.zeros(1, 3, 40, 40), seed=0, masks=masks, boxes=boxes
    )
    assert found.boxes is not None
    left, top, right, bottom = found.boxes[0][0].tolist()
    rows, columns = found.masks[0].nonzero().T
    assert left - 1 < columns.min() < left + 1.5
    assert right - 2.5 < columns.max() < right
    assert top - 1 < rows.min() < top + 1.5
    assert bottom - 2.5 < rows.max() < bottom


def test_boxes_are_scaled_by_resize_and_zoom() -> None:
    boxes = [[[2, 4, 6, 8]]]
    found = compose(Resize(20, 40))(np.zeros((1, 1, 10, 10), np.uint8), seed=0, boxes=boxes)
    assert found.boxes is not None
    assert found.boxes[0].tolist() == [[8, 8, 24, 16]]
    zoomed = compose(Zoom((2, 2)))(np.zeros((1, 1, 10, 10), np.uint8), seed=0, boxes=boxes)
    assert zoomed.boxes is not None
    assert zoomed.boxes[0] == pytest.approx(
        np.array([[0, 3, 7, 10]])
    )  # clipped at the left and at the bottom


def test_boxes_with_too_little_area_left_are_dropped_with_their_labels() -> None:
    boxes = [
        np.array([[0, 0, 4, 4], [6, 0, 10, 4], [3, 0, 7, 4], [5, 5, 5, 9]], np.float64),
        np.zeros((0, 4)),
    ]
    labels = [["a", "b", "c", "empty"], []]
    right = compose(Shift((0.5, 0.5), (0, 0)))
    images = np.zeros((2, 1, 10, 10), np.uint8)
    for least, expected in ((0.1, ["a", "c"]), (0.0, ["a", "c"]), (0.6, ["a"]), (0.5, ["a", "c"])):
        found = right(images, seed=0, boxes=boxes, box_labels=labels, min_area=least)
        assert found.box_labels == [expected, []]
        assert found.boxes is not None
        assert [len(each) for each in found.boxes] == [len(expected), 0]
        assert found.boxes[0].dtype == np.float64
    numbers = [torch.arange(4), torch.zeros(0).long()]
    found = right(torch.zeros(2, 1, 10, 10), seed=0, boxes=boxes, box_labels=numbers)
    assert found.box_labels is not None
    assert found.box_labels[0].tolist() == [0, 2]


@pytest.mark.parametrize(
    "dtype", [torch.bool, torch.uint8, torch.int32, torch.int64, torch.float32, torch.float64]
)
@pytest.mark.parametrize("fill", ["edge", "reflect", "zeros"])
def test_masks_keep_their_type_and_values(dtype: torch.dtype, fill: Any) -> None:
    masks = torch.randint(0, 2 if dtype == torch.bool else 200, (5, 2, 9, 7)).to(dtype)
    augment = compose(Rotate(40), Shift(0.3), Zoom(0.3), fill=fill)
    found = augment(torch.rand(5, 3, 9, 7), seed=0, masks=masks, mask_fill=1)
    assert found.masks.dtype == dtype
    assert set(found.masks.unique().tolist()) <= {1, *masks.unique().tolist()}
    flipped = FLIP(torch.rand(5, 3, 9, 7), seed=0, masks=masks)
    assert torch.equal(flipped.masks, masks.flip(3))


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.uint64])
@pytest.mark.parametrize("fill", ["edge", "zeros"])
def test_masks_of_unsigned_numbers_keep_all_their_bits(dtype: Any, fill: Any) -> None:
    """Cityscapes and panoptic COCO number instances beyond 255."""
    largest = int(np.iinfo(dtype).max)
    fill_value = min(largest, 2**63 - 1)
    masks = np.full((5, 2, 9, 7), largest - 1, dtype)
    masks[:, 1] = 300
    augment = compose(Rotate(40), Shift(0.3), fill=fill)
    found = augment(np.zeros((5, 3, 9, 7), np.float32), seed=0, masks=masks, mask_fill=fill_value)
    assert found.masks.dtype == dtype
    outside = {fill_value} if fill == "zeros" else set()
    assert set(np.unique(found.masks).tolist()) == {300, largest - 1} | outside
    flipped = FLIP(torch.zeros(5, 3, 9, 7), seed=0, masks=torch.from_numpy(masks))
    assert np.array_equal(flipped.masks.numpy(), masks[..., ::-1])


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_arrays_of_either_byte_order_are_augmented_alike(kind: str) -> None:
    random = np.random.default_rng(0)
    images, masks = random.random((4, 3, 9, 8)), random.integers(0, 9, (4, 9, 8))
    boxes, labels = random.random((4, 2, 2)).repeat(2, 2).cumsum(2), random.random(4)
    moves = (Flip(), Rotate(30), Saturation(0.2))
    for seed in range(3):
        blended, moved = (
            [compose(*moves, Mixup(1.0))(
                 images.astype(f"{order}{kind}"), labels.astype(f"{order}f4"), seed=seed) for order in "<>"],
            [compose(*moves)(images.astype(f"{order}{kind}"), seed=seed, masks=masks.astype(f"{order}i4"),
                             boxes=list(boxes.astype(f"{order}f4"))) for order in "<>"],
        )  # fmt: skip
        assert all(np.array_equal(*pair) for pair in zip(*blended, strict=True))
        assert np.array_equal(moved[0].images, moved[1].images)
        assert np.array_equal(moved[0].masks, moved[1].masks)
        assert all(map(np.array_equal, moved[0].boxes or [None], moved[1].boxes or []))


def test_masks_without_moves_are_copied() -> None:
    masks = np.ones((2, 4, 4), np.int64)
    found = compose()(np.zeros((2, 1, 4, 4), np.uint8), seed=0, masks=masks)
    assert isinstance(found, AugmentedBatch)
    assert np.array_equal(found.masks, masks)
    assert found.masks is not masks
    assert (found.labels, found.boxes, found.box_labels) == (None, None, None)


def test_images_and_labels_are_those_of_a_call_without_masks() -> None:
    images, labels = torch.rand(6, 3, 8, 8), torch.arange(6)
    augment = compose(Rotate(20), Shift(0.2))
    found = augment(images, labels, seed=3, masks=torch.zeros(6, 8, 8))
    assert torch.equal(found.images, augment(images, seed=3))
    assert found.labels is labels


IMAGES = torch.zeros(2, 3, 6, 8)
BOX = np.array([[1.0, 1, 2, 2]])


@pytest.mark.parametrize(
    ("passed", "message"),
    [
        ({"masks": torch.zeros(2, 6, 7)}, r"expected masks of 2 images of 6x8, got \[2, 6, 7\]"),
        ({"masks": torch.zeros(1, 6, 8)}, "expected masks of 2 images of 6x8"),
        ({"masks": np.zeros((2, 6, 8))}, "expected masks, got"),
        ({"masks": torch.zeros(2, 6, 8).bool(), "mask_fill": 2}, "mask_fill is 2, which bool cannot hold"),
        ({"masks": torch.zeros(2, 6, 8).byte(), "mask_fill": -1}, "mask_fill is -1, which uint8 cannot hold"),
        ({"masks": torch.zeros(2, 6, 8, dtype=torch.complex64)}, "expected masks of numbers, got complex64"),
        ({"boxes": [BOX]}, "expected boxes of 2 images, got 1 arrays"),
        ({"boxes": BOX}, "expected boxes of 2 images, got"),
        ({"boxes": [BOX, BOX[:, :3]]}, r"boxes of image 1: expected \[boxes, 4\], got \[1, 3\]"),
        ({"boxes": [BOX, BOX[0]]}, r"boxes of image 1: expected \[boxes, 4\], got \[4\]"),
        (
            {"boxes": [BOX, BOX[:, [2, 1, 0, 3]]]},
            "boxes of image 1: expected left <= right and top <= bottom",
        ),
        ({"boxes": [BOX, BOX * float("nan")]}, "boxes of image 1: expected left <= right"),
        ({"boxes": [BOX, "box"]}, "boxes of image 1"),
        ({"boxes": [BOX, [["a", 1, 2, 3]]]}, "boxes of image 1"),
        ({"boxes": [BOX, BOX], "box_labels": [[1]]}, "expected labels of the boxes of 2 images"),
        ({"boxes": [BOX, BOX], "box_labels": [[1], []]}, "labels of the boxes of image 1: expected 1, got 0"),
    ],
)
def test_masks_and_boxes_of_other_images_are_refused(passed: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        FLIP(IMAGES, seed=0, **passed)


def test_what_cannot_be_combined_is_refused() -> None:
    for step in (Mixup(), CutMix()):
        name = type(step).__name__
        with pytest.raises(UsageError, match=f"{name} cannot mix masks or boxes; omit {name}"):
            compose(step)(IMAGES, torch.zeros(2), seed=0, boxes=[BOX, BOX])
    with pytest.raises(UsageError, match="got box_labels without boxes"):
        FLIP(IMAGES, seed=0, box_labels=[[1], [2]])  # pyright: ignore[reportCallIssue]
    shares: list[Any] = [-0.1, 1.1, float("nan"), "all"]
    for share in shares:
        with pytest.raises(UsageError, match="min_area"):
            FLIP(IMAGES, seed=0, boxes=[BOX, BOX], min_area=share)
