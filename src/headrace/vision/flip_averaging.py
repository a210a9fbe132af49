"""Test-time augmentation by horizontal flips, and by shifts."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.arguments import check_integer
from headrace.nn import check_model

__all__ = ["FlipAveraging"]


class FlipAveraging(nn.Module):
    """A classifier that averages the logits of each image and its horizontal flip in evaluation mode.

    Inference takes twice the time; training is unchanged, and augmentation may flip the training images.
    A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, 2012, section 4.1,
    average the probabilities of crops and their horizontal reflections in the same way.

    With a shift, six views are averaged, and inference takes six times the time: the image, and the image
    moved down right and up left by that many pixels, each with its flip; the image and its flip count half.
    Edges are reflected (K. Jordan, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, 2024, arXiv:2404.00498,
    section 3.5, with a shift of 1).

    Args:
        network: A classifier from images [N, C, H, W] to logits [N, classes].
        shift: Pixels of the moved views, fewer than those of a side; 0 averages the image and its flip only.

    Raises:
        UsageError: The network is not a module, or the shift is not an integer of at least 0.
    """

    def __init__(self, network: nn.Module, *, shift: int = 0) -> None:
        super().__init__()
        self.network = check_model(network)
        self.shift = check_integer(shift, "shift")

    def forward(self, images: Tensor) -> Tensor:
        """Compute logits [N, classes] from float images [N, C, H, W]."""
        if self.training:
            return self.network(images)
        if not self.shift:
            return self._average(images)
        inside = 2 * self.shift
        padded = F.pad(images, (self.shift,) * 4, mode="reflect")
        down_right, up_left = padded[..., :-inside, :-inside], padded[..., inside:, inside:]
        moved = (self._average(down_right) + self._average(up_left)) / 2
        return (moved + self._average(images)) / 2  # hooks end with the image itself

    def _average(self, images: Tensor) -> Tensor:
        flipped = self.network(images.flip(-1))  # first, so that hooks end with the image itself
        return (flipped + self.network(images)) / 2

    def extra_repr(self) -> str:
        """Represent the shift, if there is one."""
        return f"shift={self.shift}" if self.shift else ""
