"""Mixup."""

import numpy as np
import pytest
import torch
from torch import Tensor

from headrace.errors import SchemaError, UsageError
from headrace.vision.augment import CutMix, Mixup, compose


@pytest.fixture
def images() -> Tensor:
    return torch.rand(6, 3, 10, 8, generator=torch.Generator().manual_seed(0))


class TestMixup:
    labels = torch.tensor([0, 1, 2, 3, 1, 0])

    def test_images_and_labels_are_blended_with_equal_weights(self) -> None:
        images = torch.eye(6).reshape(6, 6, 1, 1)  # each value shows the weight of one image
        blended, targets = compose(Mixup(1.0, classes=4))(images, self.labels, seed=0)
        weights = blended[:, :, 0, 0]
        assert torch.allclose(weights.sum(1), torch.ones(6))
        assert torch.allclose(targets, weights @ torch.eye(4)[self.labels], atol=1e-6)
        assert ((weights > 0).sum(1) <= 2).all()
        assert ((weights > 0).sum(1) == 2).any()

    def test_weights_are_beta_distributed(self) -> None:
        for alpha in (0.1, 0.4, 2.0):
            count = 4000
            labels = torch.arange(count).float()  # the label's change shows the weight
            images = torch.stack([labels, torch.ones(count)], dim=1).reshape(count, 2, 1, 1)
            mixup = Mixup(alpha)
            partners, weights = mixup._sample(count, torch.Generator().manual_seed(1))
            _, targets = compose(mixup)(images, labels, seed=1)
            assert torch.allclose(targets, weights * labels + (1 - weights) * labels[partners], rtol=1e-4)
            assert weights.mean().item() == pytest.approx(0.5, abs=0.03)
            assert weights.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)

    def test_a_tiny_alpha_keeps_whole_images(self) -> None:
        _, weights = Mixup(1e-6)._sample(1000, torch.Generator().manual_seed(0))
        assert weights.isfinite().all()
        assert ((weights < 0.01) | (weights > 0.99)).float().mean() > 0.99

    def test_uint8_images_stay_uint8(self) -> None:
        images = torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1)
        blended, _ = compose(Mixup(5.0, classes=2))(images, torch.tensor([0, 1]), seed=3)
        assert blended.dtype == torch.uint8

    def test_labels_of_several_classes_stay_one_for_each_class(self, images: Tensor) -> None:
        labels = torch.tensor([[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 0], [0, 1, 0], [1, 1, 0]])
        for step in (Mixup(1.0), Mixup(1.0, classes=3), CutMix(1.0)):
            _, expected = compose(step)(images, labels.float(), seed=0)
            for each in (labels, labels.bool(), labels.to(torch.uint8)):
                assert torch.equal(compose(step)(images, each, seed=0)[1], expected)

    def test_a_column_of_class_numbers_is_one_number_for_each_image(self, images: Tensor) -> None:
        augment = compose(Mixup(1.0, classes=4))
        _, targets = augment(images, self.labels[:, None], seed=0)
        assert torch.equal(targets, augment(images, self.labels, seed=0)[1])

    def test_labels_of_several_outputs_are_blended_by_the_same_weights(self, images: Tensor) -> None:
        heights = torch.rand(6, generator=torch.Generator().manual_seed(1))
        for step in (Mixup(1.0, classes=4), CutMix(1.0, classes=4)):
            augment = compose(step)
            blended, targets = augment(images, {"kind": self.labels, "height": heights}, seed=0)
            for name, labels in (("kind", self.labels), ("height", heights)):
                alone = augment(images, labels, seed=0)
                assert torch.equal(blended, alone[0])
                assert torch.equal(targets[name], alone[1])

    def test_words_are_refused(self, images: Tensor) -> None:
        with pytest.raises(SchemaError, match="expected numbers, got an array of str32; number the classes"):
            compose(Mixup(classes=2))(images.numpy(), np.array(list("ababab")), seed=0)

    def test_missing_arguments_are_named(self, images: Tensor) -> None:
        with pytest.raises(UsageError, match="Mixup requires labels; pass labels"):
            compose(Mixup())(images, seed=0)
        with pytest.raises(UsageError, match=r"classes=None\) got labels from 0 to 3; pass the number"):
            compose(Mixup())(images, self.labels, seed=0)
        with pytest.raises(UsageError, match=r"classes=3\) got labels from 0 to 3"):
            compose(Mixup(classes=3))(images, self.labels, seed=0)
        with pytest.raises(UsageError, match="alpha of Mixup: expected a number above 0"):
            compose(Mixup(0.0, classes=4))(images, self.labels, seed=0)
