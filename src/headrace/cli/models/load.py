"""What is drawn: a network, and how a photograph gets into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.extras import require

require("torch", extra="train", purpose="drawing a network")

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from headrace.errors import ModelError, UsageError

if TYPE_CHECKING:
    from headrace.recipes import Run

__all__ = ["Subject", "find_subject"]

# Of ImageNet's pixels from 0 to 1: what public weights for photographs were trained with.
_MEANS, _DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Pixels = NDArray[np.uint8]  # [height, width, 3]


@dataclass(frozen=True)
class Subject:
    """A network and its images.

    Attributes:
        name: What the user calls it, and what to know of it.
        model: Gives logits.
        pictures: The images in the network's size, as they are shown.
        images: The same as the network takes them, float [N, channels, height, width].
        class_names: Of the logits, in order; None if they have only numbers.
    """

    name: str
    model: nn.Module
    pictures: Sequence[Pixels]
    images: Tensor
    class_names: Sequence[str] | None = None

    def answers(self) -> list[str]:
        """The likeliest class of each image, and how likely it is."""
        with torch.no_grad():
            shares, classes = torch.softmax(self.model.eval()(self.images).float(), dim=1).max(dim=1)
        names = self.class_names or [f"class {number}" for number in range(int(classes.max()) + 1)]
        return [f"{names[c]}, {p:.0%}" for c, p in zip(classes.tolist(), shares.tolist(), strict=True)]


def find_subject(name: str, photographs: Sequence[Pixels], weights: str | None) -> Subject:
    """A network of the zoo by its name, or a run's by its folder, with these photographs.

    Raises:
        UsageError: No such network, or a run without images.
        ModelError: Weights that are not the network's, or a network that cannot take the images.
    """
    if Path(name).is_dir():
        return _of_run(name, photographs)
    return _of_zoo(name, photographs, weights)


def _resized(photograph: Pixels, height: int, width: int) -> Tensor:
    """The largest window of that shape in the middle, float [1, 3, height, width] from 0 to 255."""
    from headrace.vision.augment import Resize, compose

    rows, columns = photograph.shape[:2]
    scale = min(rows / height, columns / width)
    high, wide = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (rows - high) // 2, (columns - wide) // 2
    window = torch.from_numpy(photograph[top : top + high, left : left + wide].copy())
    return compose(Resize(height, width))(window.permute(2, 0, 1)[None].float(), seed=0)


def _picture(image: Tensor) -> Pixels:
    """[1, 1 or 3, height, width] as it is shown."""
    pixels = image[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _grey(image: Tensor) -> Tensor:
    """The luma of ITU-R BT.601."""
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=image.dtype)
    return (image * weights[:, None, None]).sum(dim=1, keepdim=True)


def _of_zoo(name: str, photographs: Sequence[Pixels], weights: str | None) -> Subject:
    from headrace.vision import create_model, find_model

    spec = find_model(name)
    model = create_model(name, weights=weights).eval()
    resized = [_resized(each, *spec.input_size) for each in photographs]
    if spec.in_channels == 1:
        resized = [_grey(each) for each in resized]
        means, deviations = torch.tensor([0.5]), torch.tensor([0.5])
    else:
        means, deviations = torch.tensor(_MEANS), torch.tensor(_DEVIATIONS)
    images = (torch.cat(resized) / 255 - means[:, None, None]) / deviations[:, None, None]
    title = name if weights else f"{name}, its weights drawn at random"
    return Subject(title, model, [_picture(each) for each in resized], images)


def _of_run(folder: str, photographs: Sequence[Pixels]) -> Subject:
    from headrace.recipes import reopen

    run = reopen(folder)
    column, type_ = _image_column(run)
    height, width, *_ = type_.shape
    grey = len(type_.shape) == 2 or type_.shape[2] == 1
    resized = [_grey(image) if grey else image for image in (_resized(p, height, width) for p in photographs)]
    batch = pa.record_batch({column: _array(resized, type_)})
    try:
        values = run.load_serving_transform()(batch)
    except Exception as error:
        raise ModelError(f"the run's transform fails on images alone: {error}", path=folder) from error
    tensors = [torch.from_numpy(np.stack(values[name].to_numpy_ndarray())) for name in values.schema.names]
    names = getattr(run.recipe.head, "class_names", None)
    return Subject(folder, run.load_model(), [_picture(each) for each in resized], tensors[0].float(), names)


def _image_column(run: Run) -> tuple[str, pa.FixedShapeTensorType]:
    column = run.recipe.image
    schema = run.open_raw("test").schema
    type_: Any = None if column is None or schema is None else schema.field(column).type
    if column is None or not isinstance(type_, pa.FixedShapeTensorType) or len(type_.shape) not in (2, 3):
        raise UsageError(
            "the run's recipe has no column of images, uint8 [height, width] or [height, width, channels]",
            path=str(run.folder),
            hint="name it in the recipe: image=...",
        )
    return column, type_


def _array(images: Sequence[Tensor], type_: pa.FixedShapeTensorType) -> pa.Array:
    """The images as the raw column holds them."""
    pixels = torch.cat(list(images)).round().clamp(0, 255).permute(0, 2, 3, 1).contiguous()
    flat = pixels.numpy().astype(type_.value_type.to_pandas_dtype()).reshape(-1)
    size = len(flat) // len(images)
    storage = pa.FixedSizeListArray.from_arrays(pa.array(flat), size)
    return pa.ExtensionArray.from_storage(type_, storage.cast(type_.storage_type))
