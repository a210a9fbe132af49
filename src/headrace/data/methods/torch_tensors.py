"""Methods of a dataset that convert its rows to torch tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from headrace.arguments import check_flag, check_name

if TYPE_CHECKING:
    import torch

    from headrace.data.torch import TorchBatches, TorchRows

__all__ = ["TensorMethods"]


class TensorMethods:
    """Methods that need torch, which takes seconds to import: users of Arrow never do."""

    label: str | None

    def as_supervised(self, label: str | None) -> Self:
        """Have `to_torch` and `to_torch_dataset` yield pairs of inputs and label, as Keras takes them.

        Inputs are the tensor of the other column, or a dict of tensors if there are several. Iterating the
        dataset itself yields record batches as before. Stages keep the label; a combination of datasets has
        none.

            >>> import numpy as np
            >>> import headrace as hr
            >>> ds = hr.Dataset.from_arrays({"x": np.arange(4.0), "y": np.arange(4)})
            >>> for x, y in ds.as_supervised("y").batch(4).to_torch():
            ...     print(x, y)
            tensor([0., 1., 2., 3.]) tensor([0, 1, 2, 3])

        Args:
            label: The column to predict; None yields dicts of all columns again.
        """
        changed: Any = replace(self, label=None if label is None else check_name(label, "label"))  # type: ignore[type-var]
        return changed

    def to_torch(
        self,
        device: torch.device | str | None = None,
        pin_memory: bool = False,
        non_blocking: bool = False,
    ) -> TorchBatches:
        """Convert the batches to dicts of tensors by column name; see `headrace.data.torch.to_tensors`.

        The result is a `torch.utils.data.IterableDataset` of whole batches: iterate over it, or pass it to a
        `DataLoader` with `batch_size=None`, whose workers divide the rows among themselves. Its iterators
        can be saved and resumed. After `as_supervised`, it yields pairs of inputs and label.

        Args:
            device: The device to copy the tensors to; None is the CPU.
            pin_memory: Copy to page-locked memory first, which an accelerator copies from faster. Ignored
                with a warning without an accelerator.
            non_blocking: Do not wait for the copy to `device`; needs `pin_memory`.

        Raises:
            SchemaError: On iterating: a column of bytes, or another one that cannot be converted.
        """
        from headrace.data.torch import Placement, TorchBatches

        pins, overlaps = check_flag(pin_memory, "pin_memory"), check_flag(non_blocking, "non_blocking")
        dataset: Any = self
        return TorchBatches(dataset, Placement(device, pins, overlaps), self.label)

    def to_torch_dataset(self) -> TorchRows:
        """Return the rows as a map-style `torch.utils.data.Dataset`, for samplers and random access.

        Item i is row i of this epoch as a dict of tensors without a batch dimension, a ragged column as its
        values; after `as_supervised`, a pair. Boundaries of batches do not matter.

        Raises:
            UsageError: The rows cannot be read by number; see `open_random_access`.
        """
        from headrace.data.torch import TorchRows

        dataset: Any = self
        return TorchRows(dataset, self.label)
