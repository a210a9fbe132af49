"""`headrace init` on a folder of images: the recipe is formatted, and runs as it is."""

from pathlib import Path

import numpy as np
import pytest
import torch

import headrace as hr
from headrace.images import encode_png
from headrace.recipes import find_recipe

from ..cli.commands import run_command
from .test_init import check_format

RANDOM = np.random.default_rng(0)


def write_images(folder: Path, shape: tuple[int, ...] = (40, 42, 3), count: int = 20) -> Path:
    for name, colour in (("blue", 60), ("it's", 200)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.clip(RANDOM.normal(colour, 20, shape), 0, 255).astype(np.uint8)
            (folder / name / f"{number:02}.png").write_bytes(encode_png(pixels))
    return folder


def check_recipe(path: Path) -> tuple[hr.transform.Transform, torch.nn.Module]:
    """Do the first steps of a run; the network must fit the images."""
    check_format(path)
    recipe = find_recipe(str(path))
    splits = recipe.load(None)
    transform = hr.transform.analyze(recipe.preprocess, splits.train)
    model = recipe.build_model(transform, next(iter(recipe.models), None))
    batch = next(iter(splits.test.map(transform).to_torch()))
    with torch.inference_mode():
        assert model.eval()(batch["image"]).shape == (len(batch["label"]), 2)
    recipe.training.check()
    return transform, model


def test_init_of_a_folder_of_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path / "photos")
    (tmp_path / "photos/blue/broken.jpg").write_bytes(b"\xff\xd8\xff")
    done = run_command("init", "photos")
    assert done.code == 0, done.err
    assert "40 images of 40 x 42 pixels" in done.out
    assert "1 left out, they cannot be read: blue/broken.jpg" in done.out
    transform, _ = check_recipe(tmp_path / "photos.py")
    assert transform.output_types["image"].shape == (3, 32, 32)
    assert 'SKIP = ("blue/broken.jpg",)' in (tmp_path / "photos.py").read_text()


def test_images_of_other_proportions_are_cropped_and_grey_ones_have_one_channel(tmp_path: Path) -> None:
    for part, count in (("train", 20), ("test", 3)):
        write_images(tmp_path / "scans" / part, (50, 80), count)
    draft = hr.recipes.init(tmp_path / "scans", out=tmp_path / "scans.py")
    transform, _ = check_recipe(draft.path)
    assert transform.output_types["image"].shape == (1, 48, 48)
    text = draft.path.read_text()
    assert "t.crop_to_aspect_ratio(t.decode_image" in text
    assert "train, validation = train.split(0.9, 0.1" in text


def test_weights_are_fine_tuned_with_their_own_mean(tmp_path: Path) -> None:
    weights = hr.vision.create_model("resnet18", num_classes=3, seed=5).state_dict()
    torch.save(weights, tmp_path / "resnet18.pth")
    write_images(tmp_path / "photos", (9, 9, 3), 6)
    draft = hr.recipes.init(
        tmp_path / "photos", weights=tmp_path / "resnet18.pth", out=tmp_path / "photos.py"
    )
    with pytest.warns(UserWarning, match="new: output.weight, output.bias; left out of the file: output"):
        transform, model = check_recipe(draft.path)
    assert transform.output_types["image"].shape == (3, 128, 128)
    assert torch.equal(model.state_dict()["conv1.conv.weight"], weights["conv1.conv.weight"])
    text = draft.path.read_text()
    assert "NETWORK.mean, NETWORK.deviation" in text
    assert 'WEIGHTS = Path(__file__).parent / "resnet18.pth"' in text


def test_arguments_of_tables_are_refused_for_images(tmp_path: Path) -> None:
    write_images(tmp_path / "photos", (8, 8), 5)
    with pytest.raises(hr.UsageError, match="label is 'x', but images have no columns"):
        hr.recipes.init(tmp_path / "photos", label="x", out=tmp_path / "photos.py")
    (tmp_path / "w.pth").touch()
    with pytest.raises(hr.ModelError, match="expected weights, got an empty file"):
        hr.recipes.init(tmp_path / "photos", weights=tmp_path / "w.pth", out=tmp_path / "photos.py")
    (tmp_path / "t.csv").write_text("a,b\n" * 20)
    with pytest.raises(hr.UsageError, match="weights are for folders of images"):
        hr.recipes.init(tmp_path / "t.csv", "a", weights=tmp_path / "w.pth", out=tmp_path / "t.py")
