"""Cases of ops on images."""

from __future__ import annotations

from .case import Case, column, make_op

__all__ = ["CASES"]


def _resize() -> list[Case]:
    sizes = [
        ((4, 5), 2, -2),
        ((3, 4, 5), 3, -1),
        ((5, 1), 3, -1),
        ((2, 7), 5, -1),
        ((9, 2), 1, -2),
        ((3, 3), 3, -1),
    ]
    sizes += [((4, 5, 3), 3, -3), ((2, 3, 4, 2), 7, -3)]
    return [
        Case(make_op("resize_axis", size, axis, *how), (column(dtype, *shape),))
        for dtype in ("float32", "uint8")
        for shape, size, axis in sizes
        for how in ((True,), (False,), (False, True))
    ]


def _center_crop() -> list[Case]:
    shapes = [((4, 5), False), ((3, 4, 5), False), ((2, 1), False), ((4, 5, 3), True)]
    return [
        Case(make_op("center_crop", 2, 1, last), (column(dtype, *shape),))
        for dtype in ("uint8", "float32")
        for shape, last in shapes
    ]


def _crop_to_aspect_ratio() -> list[Case]:
    shapes = [((4, 5), False), ((3, 9, 2), False), ((1, 7), False), ((4, 5, 3), True)]
    return [
        Case(make_op("crop_to_aspect_ratio", *ratio, last), (column(dtype, *shape),))
        for dtype in ("uint8", "float32")
        for shape, last in shapes
        for ratio in ((1, 1), (3, 4))
    ]


CASES: dict[str, list[Case]] = {
    "center_crop": _center_crop(),
    "crop_to_aspect_ratio": _crop_to_aspect_ratio(),
    "grayscale": [Case(make_op("grayscale"), (column("float32", 3, 2, 1),))],
    "resize_axis": _resize(),
}
