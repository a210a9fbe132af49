"""Decoding of image files, from a column of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace import images
from headrace.columns import ANY_SIZE, ColumnType, file_contents
from headrace.errors import RecordError, TraceError
from headrace.transform.graph.graph import Input
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["decode_image"]


@dataclass(frozen=True)
class DecodeImage(Op):
    """The pixels of image files, red-green-blue; `headrace.images` has the rule.

    This decodes one image, as images have sizes of their own; `find_image_chains` fuses it with the steps
    that follow. In ONNX the input is fed decoded,
    [rows, height, width, 3].

    Attributes:
        channels_last: Whether the channels stay last; else the op moves them to the front.
    """

    arity = (1, 1)
    encoding = "image"

    channels_last: bool = False

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(
                f"decode_image expects a column of encoded images, got {x}",
                hint="pass the column of the files' bytes; pixels need no decoding",
            )
        sides = (ANY_SIZE, ANY_SIZE)
        return ColumnType("uint8", (*sides, 3) if self.channels_last else (3, *sides))

    def evaluate(self, *values: Any) -> Any:
        """Decode the only image of a column; returns uint8 [1, 3, height, width]."""
        (file,) = file_contents(values[0])
        data = file.as_py()
        if data is None:
            raise RecordError("the image is missing", hint="drop the rows without an image")
        pixels = images.decode_image(data)
        return (pixels if self.channels_last else np.moveaxis(pixels, -1, 0))[None]

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        return values[0] if self.channels_last else ndx.permute_dims(values[0], (0, 3, 1, 2))


def decode_image(files: Column) -> Column:
    """Decode image files (JPEG, PNG, BMP, GIF, WebP, TIFF, AVIF) of any sizes: uint8 [3, height, width].

    The rule is that of `hr.images.decode_image`: upright as EXIF says, red-green-blue, alpha dropped. Resize
    the images before anything else that needs one shape:

        image = hr.transform.resize(hr.transform.decode_image(inputs["image"]), 224, 224)

    The exported model takes decoded images of any height and width, uint8 [rows, height, width, 3].

    Args:
        files: An input column: bytes of files, or the structs {bytes, path} of Hugging Face.

    Raises:
        TraceError: The column is not an input, or does not hold bytes.
    """
    decoded = apply(DecodeImage(), files)
    if not isinstance(files.node.what, Input):
        what = f"decode_image expects an input column, got {files.node}"
        raise TraceError(what, hint='pass inputs["image"] as it is')
    return decoded
