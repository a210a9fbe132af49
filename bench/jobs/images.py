"""CIFAR-10's images as people have them: folders of mixed sizes, formats and colours."""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from PIL import Image

from bench.jobs.headrace_job import init_images, run

__all__ = ["compare_images", "write_mixed_folder"]

_ARCHIVE = "cifar10-images.tar.gz"
_SIDES = (24, 64)
_ROTATIONS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
_ORIENTATION = 0x0112
_MOST_MINUTES = 10.0  # of init and run, on two idle cores
_LEAST_ACCURACY = 0.75  # of the test images, a fifth
_FULL = 10_000  # images of that bar


def write_mixed_folder(archive: Path, folder: Path, count: int, seed: int = 0) -> None:
    """Write the first images of each class as CLASS/NAME of 24 to 64 pixels a side.

    JPEG, PNG, WebP, BMP and GIF; one in ten grey, palettes in GIF and a quarter of PNG, CMYK in a tenth of
    JPEG, and another tenth stored turned, with the orientation in EXIF.

    Args:
        archive: CIFAR-10 as a tar archive of train/CLASS/NUMBER.jpg.
        folder: A new folder.
        count: The number of images, over all ten classes.
        seed: Draws sizes, formats and colours.
    """
    generator, written = random.Random(seed), Counter[str]()
    with tarfile.open(archive) as members:
        for member in members:
            part, name, file = ("", "", *Path(member.name).parts)[-3:]
            if not member.isfile() or part != "train" or written[name] >= count // 10:
                continue
            source = members.extractfile(member)
            assert source is not None
            image = Image.open(io.BytesIO(source.read())).convert("RGB")
            (folder / name).mkdir(parents=True, exist_ok=True)
            _write(image, folder / name / Path(file).stem, generator)
            written[name] += 1
            if sum(written.values()) == count // 10 * 10:
                return


def _write(image: Image.Image, path: Path, generator: random.Random) -> None:
    side = generator.randint(*_SIDES)
    other = min(_SIDES[1], max(_SIDES[0], round(side * generator.uniform(0.9, 1.1))))
    image = image.resize((side, other), Image.Resampling.BICUBIC)
    if generator.random() < 0.1:
        image = image.convert("L")
    kind = generator.choice(("jpg", "png", "webp", "bmp", "gif"))
    options: dict[str, Any] = {}
    if kind == "jpg":
        options = {"quality": generator.randint(85, 95)}
        draw = generator.random()
        if draw < 0.1:
            image = image.convert("CMYK")
        elif draw < 0.2:
            orientation = generator.choice(sorted(_ROTATIONS))
            exif = Image.Exif()
            exif[_ORIENTATION] = orientation
            image, options = image.transpose(_ROTATIONS[orientation]), {**options, "exif": exif}
    if kind == "gif" or (kind == "png" and generator.random() < 0.25):
        image = image.convert("P", palette=Image.Palette.ADAPTIVE)
    image.save(path.with_suffix(f".{kind}"), **options)


def compare_images(options: argparse.Namespace, directory: Path) -> bool:
    """Write the folder, then do `init` and `run`; print accuracy and time."""
    folder = directory / "photos"
    write_mixed_folder(options.data / _ARCHIVE, folder, options.images)
    started = time.perf_counter()
    cost, printed = init_images(folder, directory / "photos.py")
    print(printed, flush=True)
    cost += run(directory / "photos.py", directory / "run", 0)
    minutes = (time.perf_counter() - started) / 60
    accuracy = json.loads((directory / "run/metrics.json").read_text())["accuracy"]
    figures = f"accuracy {accuracy:.2%}, {minutes:.1f} minutes, {cost.cpu:.0f} CPU s"
    print(f"{options.images:,} images: {figures}; the file is verified", flush=True)
    if options.images < _FULL:
        return True
    return accuracy >= _LEAST_ACCURACY and minutes <= _MOST_MINUTES


if __name__ == "__main__":
    write_mixed_folder(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
