"""Loads a network of the zoo or of a run, and prepares images for it."""

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

from headrace.columns import to_numpy_type
from headrace.errors import ModelError, UsageError
from headrace.heads import class_logits

if TYPE_CHECKING:
    from headrace.recipes import Run

__all__ = ["LoadedModel", "load_model"]

# Of ImageNet's pixels in [0, 1], with which public weights for photographs were trained.
_MEANS, _DEVIATIONS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Pixels = NDArray[np.uint8]  # [height, width, 3]


@dataclass(frozen=True)
class LoadedModel:
    """A network and the images prepared for it.

    Attributes:
        name: The title of the network.
        model: The network; returns logits.
        pictures: The images in the network's input size, for display.
        images: The network's inputs, float [N, channels, height, width].
        class_names: The class names, in the order of the logits; None if unknown.
    """

    name: str
    model: nn.Module
    pictures: Sequence[Pixels]
    images: Tensor
    class_names: Sequence[str] | None = None

    def describe_predictions(self) -> list[str]:
        """Return the most probable class of each image with its probability, as text."""
        with torch.no_grad():
            logits = class_logits(self.model.eval()(self.images).float())
        probabilities, classes = torch.softmax(logits, dim=1).max(dim=1)
        names = self.class_names or [f"class {number}" for number in range(int(classes.max()) + 1)]
        return [f"{names[c]}, {p:.0%}" for c, p in zip(classes.tolist(), probabilities.tolist(), strict=True)]


def load_model(name: str, photographs: Sequence[Pixels], weights: str | None) -> LoadedModel:
    """Load a network and prepare photographs for it.

    Args:
        name: The name of a model of the zoo, or the folder of a run.
        photographs: uint8 [height, width, 3], of any size.
        weights: Weights for a model of the zoo; random weights if None.

    Raises:
        UsageError: The model does not exist, or the run has no images.
        ModelError: The weights do not match the model, or the run's transform needs more than images.
    """
    if Path(name).is_dir():
        return _load_run_model(name, photographs)
    return _load_zoo_model(name, photographs, weights)


def _crop_and_resize(photograph: Pixels, height: int, width: int) -> Tensor:
    """Crop the largest centred window of the aspect ratio; return float [1, 3, height, width] in [0, 255]."""
    from headrace.vision.augment import Resize, compose

    rows, columns = photograph.shape[:2]
    scale = min(rows / height, columns / width)
    high, wide = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (rows - high) // 2, (columns - wide) // 2
    window = torch.from_numpy(photograph[top : top + high, left : left + wide].copy())
    return compose(Resize(height, width))(window.permute(2, 0, 1)[None].float(), seed=0)


def _to_picture(image: Tensor) -> Pixels:
    """Convert an image, [1, 1 or 3, height, width], for display."""
    pixels = image[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _to_grey(image: Tensor) -> Tensor:
    """Compute the luma of ITU-R BT.601."""
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=image.dtype)
    return (image * weights[:, None, None]).sum(dim=1, keepdim=True)


def _load_zoo_model(name: str, photographs: Sequence[Pixels], weights: str | None) -> LoadedModel:
    from headrace.vision import create_model, find_model

    spec = find_model(name)
    model = create_model(name, weights=weights).eval()
    resized = [_crop_and_resize(each, *spec.input_size) for each in photographs]
    if spec.in_channels == 1:
        resized = [_to_grey(each) for each in resized]
        means, deviations = torch.tensor([0.5]), torch.tensor([0.5])
    else:
        means, deviations = torch.tensor(_MEANS), torch.tensor(_DEVIATIONS)
    images = (torch.cat(resized) / 255 - means[:, None, None]) / deviations[:, None, None]
    title = name if weights else f"{name}, with random weights"
    return LoadedModel(title, model, [_to_picture(each) for each in resized], images)


def _load_run_model(folder: str, photographs: Sequence[Pixels]) -> LoadedModel:
    from headrace.recipes import reopen

    run = reopen(folder)
    column, type_ = _image_column(run)
    height, width, *_ = type_.shape
    grey = len(type_.shape) == 2 or type_.shape[2] == 1
    resized = [
        _to_grey(image) if grey else image
        for image in (_crop_and_resize(p, height, width) for p in photographs)
    ]
    batch = pa.record_batch({column: _to_arrow(resized, type_)})
    try:
        values = run.load_serving_transform()(batch)
    except Exception as error:
        raise ModelError(
            f"the run's transform failed on a batch of images only: {error}", path=folder
        ) from error
    tensors = [torch.from_numpy(np.stack(values[name].to_numpy_ndarray())) for name in values.schema.names]
    names = run.find_class_names()
    return LoadedModel(
        folder, run.load_model(), [_to_picture(each) for each in resized], tensors[0].float(), names
    )


def _image_column(run: Run) -> tuple[str, pa.FixedShapeTensorType]:
    column = run.recipe.image
    schema = run.open_raw("test").schema
    type_: Any = None if column is None or schema is None else schema.field(column).type
    if column is None or not isinstance(type_, pa.FixedShapeTensorType) or len(type_.shape) not in (2, 3):
        raise UsageError(
            "the run's recipe has no column of images (uint8 [height, width] or [height, width, channels])",
            path=str(run.folder),
            hint="name the column in the recipe: image=...",
        )
    return column, type_


def _to_arrow(images: Sequence[Tensor], type_: pa.FixedShapeTensorType) -> pa.Array:
    """Convert images to the type of the raw column."""
    pixels = torch.cat(list(images)).round().clamp(0, 255).permute(0, 2, 3, 1).contiguous()
    flat = pixels.numpy().astype(to_numpy_type(type_.value_type)).reshape(-1)
    size = len(flat) // len(images)
    storage = pa.FixedSizeListArray.from_arrays(pa.array(flat), size)
    return pa.ExtensionArray.from_storage(type_, storage.cast(type_.storage_type))
