"""A classifier that looks at each image and at its mirror image."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["Mirrored"]


class Mirrored(nn.Module):
    """A network whose logits, once it is trained, are the mean of those of an image and of its mirror image.

    Predictions take twice the time; training takes what it took, and augmentation may mirror its images.
    A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, 2012, section 4.1,
    average the probabilities of crops and their mirror images likewise.

    Args:
        network: From images [N, C, H, W] to logits [N, classes].
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Float [N, C, H, W] to logits [N, classes]."""
        if self.training:
            return self.network(images)
        mirrored = self.network(images.flip(-1))  # first, so that who listens last sees the image itself
        return (mirrored + self.network(images)) / 2
