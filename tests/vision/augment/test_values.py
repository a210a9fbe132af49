"""Values changed, squares cut out, images blended."""

import pytest
import torch
from torch import Tensor

from headrace.errors import UsageError
from headrace.vision.augment import Brightness, Contrast, Cutout, Lighting, Mixup, compose


@pytest.fixture
def images() -> Tensor:
    return torch.rand(6, 3, 10, 8, generator=torch.Generator().manual_seed(0))


def test_contrast_goes_from_the_image_s_mean(images: Tensor) -> None:
    more = compose(Contrast((1.5, 1.5)))(images, seed=0)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    assert torch.allclose(more, mean + 1.5 * (images - mean), atol=1e-6)


def test_brightness_is_added(images: Tensor) -> None:
    lighter = compose(Brightness((0.25, 0.25)))(images, seed=0)
    assert torch.allclose(lighter, images + 0.25, atol=1e-6)
    bytes_ = (images * 200).to(torch.uint8)
    assert torch.equal(compose(Brightness((0.2, 0.2)))(bytes_, seed=0), bytes_ + 51)


def test_steps_of_value_keep_their_order(images: Tensor) -> None:
    darker, more = Brightness((-0.5, -0.5)), Contrast((2, 2))
    one, other = compose(darker, more), compose(more, darker)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    assert torch.allclose(one(images, seed=0), mean - 0.5 + 2 * (images - mean), atol=1e-5)
    assert torch.allclose(
        one(images, seed=0), other(images, seed=0), atol=1e-5
    )  # about the mean, they commute


def test_values_end_at_the_limits(images: Tensor) -> None:
    lighter = compose(Brightness((0.5, 0.5)), limits=(0, 1))(images, seed=0)
    assert torch.allclose(lighter, (images + 0.5).clamp(max=1), atol=1e-6)
    assert compose(Brightness((1, 1)))((images * 255).to(torch.uint8), seed=0).min() == 255


def test_light_s_components_are_the_pixels_principal_ones(images: Tensor) -> None:
    mixed = torch.einsum("dc,nchw->ndhw", torch.tensor([[1.0, 0, 0], [0.9, 0.1, 0], [0.5, 0, 0.2]]), images)
    components = torch.tensor(Lighting.of(mixed).components, dtype=torch.float64)
    pixels = mixed.transpose(0, 1).flatten(1).double()
    assert torch.allclose(components.T @ components, torch.cov(pixels, correction=0))
    assert torch.allclose(components @ components.T, torch.diag((components**2).sum(1)), atol=1e-12)
    lengths = components.norm(dim=1).tolist()
    assert lengths == sorted(lengths, reverse=True)
    assert (components.sum(1) >= 0).all()


def test_light_falls_on_a_whole_image_as_strong_as_it_says() -> None:
    black = torch.zeros(4000, 2, 2, 2)
    lit = compose(Lighting(((0.6, 0.8), (-0.08, 0.06)), deviation=0.5))(black, seed=0)
    assert (lit == lit[:, :, :1, :1]).all()
    covariance = torch.cov(lit[:, :, 0, 0].T)
    components = torch.tensor([[0.6, 0.8], [-0.08, 0.06]]) * 0.5
    assert torch.allclose(covariance, components.T @ components, atol=0.01)


def test_light_for_other_channels_is_refused(images: Tensor) -> None:
    with pytest.raises(UsageError, match="components of 2 channels for images of 3; take them from such"):
        compose(Lighting(((1.0, 0.0),)))(images, seed=0)


@pytest.mark.parametrize("size", [1, 4, 5, 30])
def test_cutout_is_a_square_inside_the_image(images: Tensor, size: int) -> None:
    cut = compose(Cutout(size, value=-1.0))(images.repeat(20, 1, 1, 1), seed=0)
    holes = cut == -1
    assert torch.equal(cut[~holes], images.repeat(20, 1, 1, 1)[~holes])
    assert (holes == holes[:, :1]).all()
    rows, columns = holes[:, 0].any(2).sum(1), holes[:, 0].any(1).sum(1)
    assert torch.equal(holes[:, 0].sum((1, 2)), rows * columns)
    assert (rows <= size).all()
    assert rows.max() == min(size, 10)
    assert rows.min() >= min(size // 2, 10)  # its middle is inside


def test_a_square_of_nothing_is_refused(images: Tensor) -> None:
    with pytest.raises(UsageError, match="a square of 0 pixels"):
        compose(Cutout(0))(images, seed=0)


class TestMixup:
    labels = torch.tensor([0, 1, 2, 3, 1, 0])

    def test_images_and_labels_are_blended_alike(self) -> None:
        images = torch.eye(6).reshape(6, 6, 1, 1)  # whose value says whose share
        blended, targets = compose(Mixup(1.0, classes=4))(images, self.labels, seed=0)
        shares = blended[:, :, 0, 0]
        assert torch.allclose(shares.sum(1), torch.ones(6))
        assert torch.allclose(targets, shares @ torch.eye(4)[self.labels], atol=1e-6)
        assert ((shares > 0).sum(1) <= 2).all()
        assert ((shares > 0).sum(1) == 2).any()

    def test_shares_are_beta_distributed(self) -> None:
        for alpha in (0.1, 0.4, 2.0):
            count = 4000
            labels = torch.arange(count).float()  # the label's change tells the share
            images = torch.stack([labels, torch.ones(count)], dim=1).reshape(count, 2, 1, 1)
            mixup = Mixup(alpha)
            partners, shares = mixup._draw(count, torch.Generator().manual_seed(1))
            _, targets = compose(mixup)(images, labels, seed=1)
            assert torch.allclose(targets, shares * labels + (1 - shares) * labels[partners], rtol=1e-4)
            assert shares.mean().item() == pytest.approx(0.5, abs=0.03)
            assert shares.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.1)

    def test_a_tiny_alpha_gives_whole_images(self) -> None:
        _, shares = Mixup(1e-6)._draw(1000, torch.Generator().manual_seed(0))
        assert shares.isfinite().all()
        assert ((shares < 0.01) | (shares > 0.99)).float().mean() > 0.99

    def test_bytes_stay_bytes(self) -> None:
        images = torch.tensor([0, 255], dtype=torch.uint8).reshape(2, 1, 1, 1)
        blended, _ = compose(Mixup(5.0, classes=2))(images, torch.tensor([0, 1]), seed=3)
        assert blended.dtype == torch.uint8

    def test_what_is_missing_is_said(self, images: Tensor) -> None:
        with pytest.raises(UsageError, match="Mixup blends labels, too; give labels"):
            compose(Mixup())(images, seed=0)
        with pytest.raises(UsageError, match="classes=None for labels from 0 to 3; say how many"):
            compose(Mixup())(images, self.labels, seed=0)
        with pytest.raises(UsageError, match="classes=3 for labels from 0 to 3"):
            compose(Mixup(classes=3))(images, self.labels, seed=0)
        with pytest.raises(UsageError, match="give an alpha above zero"):
            compose(Mixup(0.0, classes=4))(images, self.labels, seed=0)
