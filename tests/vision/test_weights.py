"""Weights from files, by Headrace's names and by those of other libraries."""

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import headrace as hr
from headrace.errors import ModelError, UsageError
from headrace.vision.models import find_model
from headrace.vision.weights import load_weights
from headrace.vision.weights.match import find_matches, rename_tensors


def create(seed: int = 0, **options: Any) -> Any:
    return hr.vision.create_model("resnet18", num_classes=3, input_size=(32, 32), seed=seed, **options)


def small(seed: int = 0, **options: Any) -> Any:
    """Create a model that takes milliseconds."""
    arguments: dict[str, Any] = {"num_classes": 3, **options}
    return hr.vision.create_model("lenet5", **arguments, seed=seed)


def rename(prefix: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in weights.items()}


def check_loaded(content: Any, path: Path, weights: dict[str, Tensor]) -> None:
    torch.save(content, path)
    loaded = small(weights=path).state_dict()
    assert all(torch.equal(loaded[name], each) for name, each in weights.items())


def foreign(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """`output.weight` as another library stores it: `head.0.weight`, a convolution of one pixel."""
    renamed = {name.replace("output.", "head.0."): tensor for name, tensor in weights.items()}
    return renamed | {"head.0.weight": renamed["head.0.weight"][:, :, None, None]}


def test_safetensors_file(tmp_path: Path) -> None:
    weights = create(seed=1).state_dict()
    save_file(weights, tmp_path / "w.safetensors")
    loaded = create(weights=tmp_path / "w.safetensors").state_dict()
    assert all(torch.equal(loaded[name], each) for name, each in weights.items())


@pytest.mark.parametrize("wrap", [lambda w: w, lambda w: {"state_dict": w, "epoch": 3}])
def test_state_dict(tmp_path: Path, wrap: Any) -> None:
    weights = create(seed=1).state_dict()
    torch.save(wrap({f"module.{name}": each for name, each in weights.items()}), tmp_path / "w.pth")
    loaded = create(weights=tmp_path / "w.pth").state_dict()
    assert all(torch.equal(loaded[name], each) for name, each in weights.items())


def test_other_names_are_rewritten_and_flat_kernels_reshaped(tmp_path: Path) -> None:
    model, other = create(seed=0), create(seed=1)
    torch.save(foreign(other.state_dict()), tmp_path / "w.pth")
    load_weights(model, tmp_path / "w.pth", {"elsewhere": ((r"^head\.0\.", "output."),)})
    assert torch.equal(model.output.weight, other.output.weight)


def test_batch_counters_may_be_missing(tmp_path: Path) -> None:
    weights = create(seed=1).state_dict()
    torch.save({n: w for n, w in weights.items() if "num_batches" not in n}, tmp_path / "w.pth")
    assert torch.equal(create(weights=tmp_path / "w.pth").output.weight, weights["output.weight"])


def test_differences_are_named(tmp_path: Path) -> None:
    more = {"conv1.conv.bias": torch.zeros(64), "output.scale": torch.zeros(1)}
    torch.save(create().state_dict() | more, tmp_path / "w.pth")
    with pytest.raises(
        ModelError, match=r"2 of 122 tensors differ \(conv1.conv.bias is unknown, output.scale is unknown\)"
    ) as e:
        create(weights=tmp_path / "w.pth")
    assert e.value.path == str(tmp_path / "w.pth")
    assert "with its num_classes, in_channels and input_size" in str(e.value)


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("executed"),))


def test_no_code_in_a_file_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Payload()}, "w.pth")
    with pytest.raises(
        ModelError, match="expected tensors only, got other objects; save only the state dict"
    ):
        create(weights="w.pth")
    assert not Path("executed").exists()


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize("content", [b"", b"no weights", b"\xff" * 64])
def test_other_files_are_rejected(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=str(tmp_path / name)):
        create(weights=tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent.pth: no such file"):
        create(weights=tmp_path / "absent.pth")


def test_tensors_without_names_are_rejected(tmp_path: Path) -> None:
    torch.save([torch.zeros(2)], tmp_path / "w.pth")
    with pytest.raises(ModelError, match=r"not a state dict; save `model.state_dict\(\)`"):
        create(weights=tmp_path / "w.pth")


PREFIXES = ("module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.model.")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefixes_that_all_names_share_are_dropped(tmp_path: Path, prefix: str) -> None:
    weights = small(seed=1).state_dict()
    check_loaded(rename(prefix, weights), tmp_path / "w.pth", weights)
    save_file(rename(prefix, weights), tmp_path / "w.safetensors")
    assert torch.equal(small(weights=tmp_path / "w.safetensors").output.weight, weights["output.weight"])


def test_a_compiled_layer_inside_the_model(tmp_path: Path) -> None:
    weights = small(seed=1).state_dict()
    compiled = {name.replace("C3.conv", "C3._orig_mod.conv"): each for name, each in weights.items()}
    check_loaded(compiled, tmp_path / "w.pth", weights)


@pytest.mark.parametrize(
    "key", ["model_state_dict", "state_dict", "model", "net", "model_ema", "state_dict_ema", "ema"]
)
def test_a_state_dict_in_a_dict_is_found(tmp_path: Path, key: str) -> None:
    weights = small(seed=1).state_dict()
    optimizer = {"state": {0: {"exp_avg": torch.zeros(2)}}, "param_groups": [{"lr": 0.1}]}
    check_loaded({"epoch": 3, key: weights, "optimizer": optimizer}, tmp_path / "w.pth", weights)
    check_loaded({"checkpoint": {key: rename("module.", weights)}}, tmp_path / "w.pth", weights)


def test_averaged_model(tmp_path: Path) -> None:
    averaged = torch.optim.swa_utils.AveragedModel(small(seed=1))
    check_loaded(averaged.state_dict(), tmp_path / "w.pth", small(seed=1).state_dict())


def test_ema_beside_the_weights_is_refused_unless_equal(tmp_path: Path) -> None:
    weights, ema = small(seed=1).state_dict(), small(seed=2).state_dict()
    check_loaded({"model": weights, "model_ema": dict(weights)}, tmp_path / "w.pth", weights)
    for content in ({"model": weights, "ema": ema}, rename("model.", weights) | rename("ema.", ema)):
        torch.save(content, tmp_path / "w.pth")
        with pytest.raises(ModelError, match="the file holds several weights of this model: model, ema;"):
            small(weights=tmp_path / "w.pth")


def test_tensors_beside_those_of_the_model_are_refused(tmp_path: Path) -> None:
    torch.save(
        rename("model.", small().state_dict()) | {"normalize.mean": torch.zeros(3)}, tmp_path / "w.pth"
    )
    with pytest.raises(
        ModelError, match=r"beside those of the model, which are under 'model.': normalize.mean;"
    ):
        small(weights=tmp_path / "w.pth")


def test_a_checkpoint_of_a_training_is_refused(tmp_path: Path) -> None:
    save_file(
        rename("model/", small().state_dict()) | {"sums": torch.zeros(3)}, tmp_path / "state.safetensors"
    )
    with pytest.raises(ModelError, match=r"got a checkpoint of a training; load best.safetensors"):
        small(weights=tmp_path / "state.safetensors")


class TestLayoutsAndTypes:
    """Tensors of other shapes or types are not reshaped or cast into the model's."""

    def save(self, path: Path, **changed: Tensor) -> None:
        torch.save(
            small().state_dict() | {name.replace("__", "."): each for name, each in changed.items()}, path
        )

    def test_kernels_of_out_height_width_in(self, tmp_path: Path) -> None:
        weights = small().state_dict()
        kernels = {n: t.permute(0, 2, 3, 1).contiguous() if t.ndim == 4 else t for n, t in weights.items()}
        torch.save(kernels, tmp_path / "w.pth")
        with pytest.raises(ModelError, match=r"another layout.*transpose them to \[out, in, height, width\]"):
            small(weights=tmp_path / "w.pth")

    def test_a_7x1_kernel_for_1x7(self) -> None:
        model = torch.nn.Conv2d(3, 4, (1, 7))
        found = {"weight": torch.zeros(4, 3, 7, 1), "bias": torch.zeros(4)}
        (best,) = find_matches({"": found}, model.state_dict(), {})
        assert [str(each) for each in best.differences] == [
            "weight has shape [4, 3, 7, 1], expected [4, 3, 1, 7]"
        ]

    def test_dense_layers_as_convolutions_must_have_square_kernels(self) -> None:
        dense = {"weight": torch.zeros(4, 5 * 5 * 16)}
        for shape, fits in (
            ((4, 16, 5, 5), True),
            ((4, 400, 1, 1), True),
            ((4, 5, 5, 16), False),
            ((400, 4), False),
        ):
            (best,) = find_matches({"": {"weight": torch.zeros(shape)}}, dense, {})
            assert fits == (not best.differences)

    @pytest.mark.parametrize("dtype", [torch.complex64, torch.int8, torch.bool])
    def test_complex_numbers_and_integers_are_no_weights(self, tmp_path: Path, dtype: torch.dtype) -> None:
        self.save(tmp_path / "w.pth", C1__conv__weight=small().C1.conv.weight.detach().to(dtype))
        with pytest.raises(
            ModelError, match=rf"has type {str(dtype)[6:]}, expected float32\); save floating-point"
        ):
            small(weights=tmp_path / "w.pth")

    def test_tensors_without_values(self, tmp_path: Path) -> None:
        self.save(tmp_path / "w.pth", C1__conv__weight=torch.empty(6, 1, 5, 5, device="meta"))
        with pytest.raises(ModelError, match=r"C1.conv.weight has no values"):
            small(weights=tmp_path / "w.pth")

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
    def test_other_floats_are_cast(self, tmp_path: Path, dtype: torch.dtype) -> None:
        weights = {name: each.to(dtype) for name, each in small(seed=1).state_dict().items()}
        check_loaded(weights, tmp_path / "w.pth", {name: each.float() for name, each in weights.items()})


class TestHints:
    """The hint names the argument that is the cause."""

    @pytest.mark.parametrize(
        ("options", "known"),
        [
            ({"num_classes": 4}, "num_classes=3"),
            ({"in_channels": 3}, "in_channels=1"),
            ({"input_size": 64}, r"input_size=\(28, 28\)"),
            ({"num_classes": 5, "in_channels": 3}, "num_classes=3, in_channels=1"),
        ],
    )
    def test_of_lenet5(self, tmp_path: Path, options: dict[str, Any], known: str) -> None:
        torch.save(small().state_dict(), tmp_path / "w.pth")
        with pytest.raises(ModelError, match=f"those of lenet5 with {known}, not with .*; pass {known}."):
            small(weights=tmp_path / "w.pth", **options)

    def test_of_a_stem_for_small_images(self, tmp_path: Path) -> None:
        torch.save(create().state_dict(), tmp_path / "w.pth")
        with pytest.raises(ModelError, match=r"with input_size=\(32, 32\), not with input_size=\(224, 224\)"):
            hr.vision.create_model("resnet18", num_classes=3, weights=tmp_path / "w.pth")

    def test_of_an_unknown_input_size(self, tmp_path: Path) -> None:
        torch.save(small(input_size=(40, 36)).state_dict(), tmp_path / "w.pth")
        with pytest.raises(ModelError, match="those of lenet5 with another input_size, not with input_size"):
            small(weights=tmp_path / "w.pth")


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22\nsize 12345\n"
OTHERS = {
    "a git-lfs pointer": LFS,
    "a web page": b"\xef\xbb\xbf\n<!DOCTYPE html><html><head>",
    "an XML document": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "a JSON document": b'{"error": "Repository not found"}',
    "an HDF5 file, as Keras writes": b"\x89HDF\r\n\x1a\n" + bytes(100),
    "an empty file": b"",
    "a NumPy array": b"\x93NUMPY\x01\x00" + bytes(100),
    "a GGUF file": b"GGUF" + bytes(100),
    "a gzip file": gzip.compress(b"weights"),
}


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors", "w.h5"])
@pytest.mark.parametrize("kind", OTHERS)
def test_other_kinds_of_files_are_named(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(OTHERS[kind])
    with pytest.raises(ModelError, match=f"{name}: expected weights, got {kind}"):
        small(weights=tmp_path / name)


def test_archives_of_other_files_are_named(tmp_path: Path) -> None:
    for file, kind in (("model.weights.h5", "a Keras model"), ("w.pth", "a zip archive of w.pth")):
        with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
            archive.writestr(file, "")
        with pytest.raises(ModelError, match=f"expected weights, got {kind}"):
            small(weights=tmp_path / "w.zip")


@pytest.mark.parametrize("way", ["zip", "pickle", "safetensors"])
def test_a_file_that_is_cut_is_named(tmp_path: Path, way: str) -> None:
    path, weights = tmp_path / "w.bin", small().state_dict()
    if way == "safetensors":
        save_file(weights, path)
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=way == "zip")
    whole = path.read_bytes()
    assert torch.equal(small(weights=path).output.weight, weights["output.weight"])  # under any suffix
    for size in (20, 200, 2000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(
            ModelError, match=r"w.bin: the file is cut short or damaged.*; download or save it again"
        ):
            small(weights=path)


@pytest.mark.parametrize("weights", [{}, True, 3, b"w.pth"])
def test_weights_that_are_not_a_path_are_refused(weights: Any) -> None:
    with pytest.raises(UsageError, match="weights: expected a path, got"):
        small(weights=weights)


def test_a_folder_and_a_url_are_named(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ModelError, match=r"got a folder; name the file: model\.safetensors"):
        small(weights=tmp_path)
    with pytest.raises(UsageError, match="expected a local path, got a URL"):
        small(weights="https://example.org/w.pth")


class TestTransformInput:
    """Torchvision's googlenet and inception_v3 rescale images from ImageNet's means and deviations to 0.5."""

    def test_images_are_rescaled(self) -> None:
        plain, transformed = (
            hr.vision.create_model("googlenet_bn", num_classes=3, input_size=32, transform_input=each).eval()
            for each in (False, True)
        )
        photograph = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
        mean, deviation = (
            torch.tensor(each).reshape(3, 1, 1) for each in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        )
        with torch.inference_mode():
            found, expected = transformed((photograph - mean) / deviation), plain((photograph - 0.5) / 0.5)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)

    def test_torchvision_s_names_require_a_choice(self, tmp_path: Path) -> None:
        options: Any = {"num_classes": 3, "input_size": 32}
        ours = hr.vision.create_model("googlenet_bn", **options)
        naming = (
            (r"^conv2\.", "conv3."),
            (r"^([345]\w)\.", r"inception\1."),
            (r"\.norm\.", ".bn."),
            (r"^output\.", "fc."),
        )
        theirs, *_ = rename_tensors(ours.state_dict(), naming)
        ours_again, *_ = rename_tensors(theirs, find_model("googlenet_bn").namings["torchvision"])
        torch.save(theirs, tmp_path / "w.pth")
        assert ours_again.keys() == ours.state_dict().keys()
        with pytest.raises(UsageError, match="transform_input=True for torchvision's pretrained weights"):
            hr.vision.create_model("googlenet_bn", **options, weights=tmp_path / "w.pth")
        for choice in (True, False):
            hr.vision.create_model(
                "googlenet_bn", **options, weights=tmp_path / "w.pth", transform_input=choice
            )

    def test_saved_with_the_weights(self, tmp_path: Path) -> None:
        options: Any = {"num_classes": 3, "input_size": 32}
        model = hr.vision.create_model("googlenet_bn_auxiliary", **options, transform_input=True, seed=1)
        torch.save(model.state_dict(), tmp_path / "w.pth")
        loaded = hr.vision.create_model(
            "googlenet_bn_auxiliary", **options, transform_input=True, weights=tmp_path / "w.pth"
        )
        torch.testing.assert_close(loaded.state_dict(), model.state_dict(), rtol=0, atol=0)
        with pytest.raises(ModelError, match="come with an input transform; pass transform_input=True"):
            hr.vision.create_model("googlenet_bn_auxiliary", **options, weights=tmp_path / "w.pth")

    @pytest.mark.parametrize("options", [{"name": "resnet18"}, {"name": "inception_v3", "in_channels": 1}])
    def test_other_models_have_none(self, options: Any) -> None:
        with pytest.raises(UsageError, match="transform_input does not apply to"):
            hr.vision.create_model(**options, transform_input=True)
