"""Test-time augmentation by horizontal flips."""

from __future__ import annotations

from torch import Tensor, nn

from headrace.nn import check_model

__all__ = ["FlipAveraging"]


class FlipAveraging(nn.Module):
    """A classifier that averages the logits of each image and its horizontal flip in evaluation mode.

    Inference takes twice the time; training is unchanged, and augmentation may flip the training images.
    A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, 2012, section 4.1,
    average the probabilities of crops and their horizontal reflections in the same way.

    Args:
        network: A classifier from images [N, C, H, W] to logits [N, classes].
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = check_model(network)

    def forward(self, images: Tensor) -> Tensor:
        """Compute logits [N, classes] from float images [N, C, H, W]."""
        if self.training:
            return self.network(images)
        flipped = self.network(images.flip(-1))  # first, so that hooks end with the image itself
        return (flipped + self.network(images)) / 2
