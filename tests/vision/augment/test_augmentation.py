"""Properties of every step, and of all steps composed."""

import pickle

import numpy as np
import pytest
import torch
from torch import Tensor

from headrace.errors import SchemaError
from headrace.vision import augment as steps_module
from headrace.vision.augment import (
    Augmentation,
    Brightness,
    Contrast,
    CutMix,
    Cutout,
    Flip,
    GaussianBlur,
    Hue,
    Lighting,
    Mixup,
    RandomCrop,
    RandomResizedCrop,
    Resize,
    Rotate,
    Saturation,
    Shear,
    Shift,
    TrivialAugment,
    Zoom,
    compose,
)
from headrace.vision.augment.augmentation import Step

STEPS: list[Step] = [
    Brightness(0.3),
    Contrast(0.5),
    CutMix(),
    Cutout(3),
    Flip(0.5, vertical=0.5),
    GaussianBlur(),
    Hue(60),
    Lighting(((0.5, 0.4, 0.3), (0.2, -0.1, -0.2)), deviation=0.5),
    Mixup(0.5),
    RandomCrop(8, 6, padding=1),
    RandomResizedCrop(8, 8),
    Resize(7, 9),
    Rotate(30),
    Saturation(0.5),
    Shear(0.3),
    Shift(0.3),
    TrivialAugment(),
    Zoom(0.5),
]
EVERYTHING = compose(*STEPS)
RANDOM = [compose(step) for step in STEPS if not isinstance(step, Resize)] + [EVERYTHING]
LABELS = torch.arange(24.0)


@pytest.fixture
def images() -> Tensor:
    return torch.rand(24, 3, 12, 10, generator=torch.Generator().manual_seed(0))


def name(augmentation: Augmentation) -> str:
    return "+".join(type(step).__name__ for step in augmentation.steps)


def test_every_public_step_is_tested_here() -> None:
    public = set(steps_module.__all__) - {"Augmentation", "AugmentedBatch", "compose"}
    assert {type(step).__name__ for step in STEPS} == public


@pytest.mark.parametrize("augmentation", RANDOM, ids=name)
class TestEveryStep:
    def test_equal_seeds_produce_equal_results(self, augmentation: Augmentation, images: Tensor) -> None:
        one, same, other = (augmentation(images, LABELS, seed=seed) for seed in (1, 1, 2))
        assert torch.equal(one[0], same[0])
        assert torch.equal(one[1], same[1])
        assert not torch.equal(one[0], other[0])

    def test_a_generator_advances(self, augmentation: Augmentation, images: Tensor) -> None:
        generator = torch.Generator().manual_seed(1)
        first, second = (augmentation(images, LABELS, seed=generator)[0] for _ in range(2))
        assert torch.equal(first, augmentation(images, LABELS, seed=1)[0])
        assert not torch.equal(first, second)

    def test_inputs_and_global_generators_are_not_changed(
        self, augmentation: Augmentation, images: Tensor
    ) -> None:
        state, before = torch.get_rng_state(), images.clone()
        augmentation(images, LABELS, seed=1)
        assert torch.equal(state, torch.get_rng_state())
        assert torch.equal(images, before)

    def test_images_change_independently(self, augmentation: Augmentation, images: Tensor) -> None:
        alike = images[:1].expand(24, -1, -1, -1)
        changed = compose(*(step for step in augmentation.steps if not isinstance(step, Mixup | CutMix)))
        if changed.steps:
            assert len({tuple(image.flatten().tolist()) for image in changed(alike, seed=0)}) > 1

    def test_uint8_results_are_rounded_float_results(
        self, augmentation: Augmentation, images: Tensor
    ) -> None:
        bytes_ = (images * 255).round().to(torch.uint8)
        in_unit, _ = compose(*augmentation.steps, limits=(0, 1))(bytes_ / 255, LABELS, seed=1)
        out, _ = augmentation(bytes_, LABELS, seed=1)
        assert out.dtype == torch.uint8
        rounded_before_blending = len(augmentation.steps) > 1
        assert (out / 255 - in_unit).abs().max() < (1.51 if rounded_before_blending else 0.501) / 255

    @pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
    def test_other_float_dtypes(self, augmentation: Augmentation, images: Tensor, dtype: torch.dtype) -> None:
        out, _ = augmentation(images.to(dtype), LABELS, seed=1)
        assert out.dtype == dtype
        assert torch.allclose(
            out.float(), augmentation(images.to(dtype).float(), LABELS, seed=1)[0], atol=0.02
        )

    def test_memory_order_does_not_matter(self, augmentation: Augmentation, images: Tensor) -> None:
        other = images.to(memory_format=torch.channels_last)
        one, same = augmentation(images, LABELS, seed=1)[0], augmentation(other, LABELS, seed=1)[0]
        assert torch.allclose(one, same, atol=1e-5)

    def test_arrays_and_tensors_have_equal_results(self, augmentation: Augmentation, images: Tensor) -> None:
        for batch in (images, (images * 255).to(torch.uint8)):
            array, labels = batch.numpy().copy(), LABELS.numpy().copy()
            array.flags.writeable = labels.flags.writeable = False
            found, changed = augmentation(array, labels, seed=1)
            expected, targets = augmentation(batch, LABELS, seed=1)
            assert isinstance(found, np.ndarray)
            assert np.array_equal(found, expected.numpy())
            assert np.array_equal(changed, targets.numpy())

    def test_views_and_read_only_images(self, augmentation: Augmentation, images: Tensor) -> None:
        expected, _ = augmentation(images, LABELS, seed=1)
        strided = torch.zeros(24, 3, 24, 20)[:, :, ::2, ::2].copy_(images)
        assert torch.equal(augmentation(strided, LABELS, seed=1)[0], expected)
        backwards = images.numpy()[:, :, ::-1].copy()[:, :, ::-1]
        assert np.array_equal(augmentation(backwards, LABELS.numpy(), seed=1)[0], expected.numpy())

    def test_augmentations_are_values(self, augmentation: Augmentation) -> None:
        assert pickle.loads(pickle.dumps(augmentation)) == augmentation
        assert hash(augmentation) == hash(compose(*augmentation.steps))
        assert eval(repr(augmentation), vars(steps_module)) == augmentation
        assert compose(*augmentation.steps, fill="zeros") != augmentation

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that torch can use")
    def test_a_gpu_produces_the_same_result(self, augmentation: Augmentation, images: Tensor) -> None:
        there, labels = augmentation(images.cuda(), LABELS.cuda(), seed=1)
        assert labels.is_cuda
        assert torch.allclose(there.cpu(), augmentation(images, LABELS, seed=1)[0], atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_the_number_of_threads_does_not_change_a_bit(dtype: torch.dtype) -> None:
    batch = torch.randint(256, (150, 3, 40, 40), generator=torch.Generator().manual_seed(0)).to(dtype)
    augment = compose(Rotate(20), Contrast(), Hue(), GaussianBlur(), Flip(), Cutout(4))
    before = torch.get_num_threads()
    try:
        results = [augment(batch, seed=0) for threads in (1, 2, 5) if torch.set_num_threads(threads) is None]
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(result, results[0]) for result in results)


def test_changed_limits_apply_to_uint8() -> None:
    batch = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(compose(limits=(-5, 100))(batch, seed=0), batch.clamp(max=100))
    assert compose(limits=(300, 400))(batch, seed=0).unique().tolist() == [255]


def test_no_steps_copy_the_images(images: Tensor) -> None:
    same = compose()(images, seed=0)
    assert torch.equal(same, images)
    assert same.data_ptr() != images.data_ptr()


def test_the_last_size_is_the_output_size(images: Tensor) -> None:
    assert EVERYTHING(images, LABELS, seed=0)[0].shape == (24, 3, 7, 9)


def test_labels_are_unchanged_without_mixup(images: Tensor) -> None:
    labels = torch.arange(24)
    assert compose(Flip())(images, labels, seed=0)[1] is labels


def test_an_empty_batch_is_accepted() -> None:
    assert compose(Flip(), Contrast(), Cutout(2))(torch.zeros(0, 3, 8, 8), seed=0).shape == (0, 3, 8, 8)


@pytest.mark.parametrize("wrong", [torch.zeros(3, 8, 8), torch.zeros(2, 3, 8, 8, dtype=torch.int64)])
def test_other_shapes_and_dtypes_are_rejected(wrong: Tensor) -> None:
    with pytest.raises(SchemaError, match=r"expected images, got .*; pass float or uint8 \[N, channels"):
        compose(Flip())(wrong, seed=0)
