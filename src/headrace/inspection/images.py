"""Look at a folder of images: classes, sizes, formats, broken files, and files that are there twice."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from headrace.data.sources import ImageSource
from headrace.errors import HeadraceError, RecordError, UsageError
from headrace.images import decode_image, image_format, image_shape
from headrace.parallel import ThreadPool, available_cpus
from headrace.storage import local_target

__all__ = ["ImageFile", "ImageFindings", "ImagePart", "inspect_images"]

_PARTS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "eval"), "test"),
}
_MOST_PIXELS = 1 << 30  # that are decoded: some ten seconds on two CPUs
_FEWEST = 10  # images
_SHOWN = 3  # names in a line


@dataclass(frozen=True)
class ImageFile:
    """One file.

    Attributes:
        path: Its path in the folder of its part, CLASS/FILE.
        label: Its class.
        part: "train", "validation" or "test".
        format: Its format by the first bytes.
        shape: Height, width and channels.
        digest: A digest of its bytes.
        fault: Why it cannot be read; "" if it can.
    """

    path: str
    label: str
    part: str
    format: str = ""
    shape: tuple[int, int, int] = (0, 0, 0)
    digest: bytes = b""
    fault: str = ""


@dataclass(frozen=True)
class ImagePart:
    """A folder with one folder per class.

    Attributes:
        name: "train", "validation" or "test".
        folder: Its folder in that of the data; "" for the data without parts.
        skip: Files to leave out: their paths in the folder.
    """

    name: str
    folder: str
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageFindings:
    """What was found in a folder of images.

    Attributes:
        folder: The folder.
        parts: Its parts; one named "train" if the data is to be split.
        files: The files that can be used, each content once.
        decoded: How many files were decoded; the headers of the others were read.
        broken: The files that cannot be read.
        contradictory: The files whose bytes lie in several classes: which is right is not known.
        repeated: The further copies of a file in its class and part.
        leaking: The copies of a file in an earlier part than its own: test images that would be trained on.
    """

    folder: str
    parts: tuple[ImagePart, ...]
    files: tuple[ImageFile, ...]
    decoded: int
    broken: tuple[ImageFile, ...] = ()
    contradictory: tuple[ImageFile, ...] = ()
    repeated: tuple[ImageFile, ...] = ()
    leaking: tuple[ImageFile, ...] = field(default=())

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, sorted."""
        return tuple(sorted({file.label for file in self.files}))

    @property
    def is_grey(self) -> bool:
        """Whether no image has colours."""
        return all(file.shape[2] <= 2 for file in self.files)

    def count_classes(self, part: str | None = None) -> dict[str, int]:
        """Count the images of each class, in one part or in all."""
        found = Counter(file.label for file in self.files if part in (None, file.part))
        return {name: found[name] for name in self.classes}

    def count_formats(self) -> dict[str, int]:
        """Count the images of each format, the most frequent first."""
        return dict(Counter(file.format for file in self.files).most_common())

    def measure_sides(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        """Measure (height, width): the smallest, the median and the largest of each."""
        heights, widths = ([file.shape[axis] for file in self.files] for axis in (0, 1))
        return (
            (min(heights), min(widths)),
            (int(median(heights)), int(median(widths))),
            (max(heights), max(widths)),
        )

    def summarize(self) -> str:
        """Say in a sentence how many images there are, of which sizes, classes and formats."""
        smallest, middle, largest = ("{} x {}".format(*each) for each in self.measure_sides())
        sizes = f"of {middle}" if smallest == largest else f"of {smallest} to {largest}, median {middle}"
        counts = sorted(self.count_classes().items(), key=lambda item: item[1])
        (few, fewest), (many, most) = counts[0], counts[-1]
        balance = f"{fewest:,} ({few}) to {most:,} ({many}) of a class"
        if fewest == most:
            balance = f"{most:,} of each of {len(counts):,} classes"
        formats = ", ".join(f"{count:,} {name.upper()}" for name, count in self.count_formats().items())
        grey = ", all grey" if self.is_grey else ""
        return f"{len(self.files):,} images {sizes} pixels (height x width), {balance}: {formats}{grey}."

    def list_faults(self) -> list[str]:
        """Say what is wrong with files, a line per kind: how many, and the first."""
        kinds = (
            (self.broken, "cannot be read"),
            (self.contradictory, "have the same bytes as one of another class"),
            (self.leaking, "leak: the same bytes are in a later part, on which the model is tested"),
            (self.repeated, "are copies of another one of their class"),
        )
        return [f"{len(files):,} left out, they {what}: {_show(files)}" for files, what in kinds if files]


def _show(files: Sequence[ImageFile]) -> str:
    shown = [f"{file.path} ({file.fault})" if file.fault else file.path for file in files[:_SHOWN]]
    return ", ".join([*shown, *(["..."] if len(files) > _SHOWN else [])])


def _find_parts(folder: Path) -> tuple[ImagePart, ...]:
    """Find the folders of training, validation and test images; one part if there are none.

    Raises:
        UsageError: There is a part without training images, or two folders of one part.
    """
    names = sorted(each.name for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    if not names or any(name.lower() not in _PARTS for name in names):
        return (ImagePart("train", ""),)
    found = [ImagePart(_PARTS[name.lower()], name) for name in names]
    if sorted(each.name for each in found)[-1:] != ["train"] and "train" not in {each.name for each in found}:
        what = f"expected a folder 'train', got {', '.join(names)}"
        raise UsageError(what, path=str(folder), hint="pass the folder of one part to split it")
    if len({each.name for each in found}) < len(found):
        what = f"expected one folder for each part, got {', '.join(names)}"
        raise UsageError(what, path=str(folder), hint="move the images of a part into one folder")
    order = list(dict.fromkeys(_PARTS.values()))
    return tuple(sorted(found, key=lambda part: order.index(part.name)))


def inspect_images(path: str | os.PathLike[str]) -> ImageFindings:
    """Look at all image files of a folder: their bytes, their headers, and the pixels of most.

    Args:
        path: A local folder with a folder per class, or with `train`, `test` and perhaps `validation`.

    Raises:
        UsageError: It is not a folder, or holds fewer than ten images that can be read, or one class.
        SchemaError: No class folder contains an image.
    """
    folder = local_target(path)
    if not folder.is_dir():
        raise UsageError(
            "not a folder", path=str(folder), hint="pass a folder, unpacked, with one folder per class"
        )
    parts = _find_parts(folder)
    listed = [file for part in parts for file in _list_files(folder, part)]
    places = {part.name: folder / part.folder for part in parts}
    with ThreadPool(available_cpus(), "headrace-images") as pool:
        files = list(pool.map(lambda file: _read(places[file.part], file), listed))
        chosen = _choose_to_decode(files)
        faults = pool.map(lambda number: _decode(places[files[number].part], files[number]), chosen)
        for number, fault in zip(chosen, faults, strict=True):
            files[number] = replace(files[number], fault=fault)
    findings = _sort_out(str(folder), parts, files, len(chosen))
    if len(findings.files) < _FEWEST or len(findings.classes) < 2:
        what = f"expected {_FEWEST} images or more in two classes or more, got {len(findings.files)}"
        hint = "lay them out as CLASS/FILE" if not findings.broken else f"see {findings.broken[0].path}"
        raise UsageError(f"{what} in {len(findings.classes)}", path=str(folder), hint=hint)
    return findings


def _list_files(folder: Path, part: ImagePart) -> Iterable[ImageFile]:
    source = ImageSource.from_folder(folder / part.folder, ["label"])
    labels = (label for batch in source.read() for label in batch["label"].to_pylist())
    for path, label in zip(source.paths, labels, strict=True):
        yield ImageFile(path, label, part.name)


def _read(folder: Path, file: ImageFile) -> ImageFile:
    try:
        data = (folder / file.path).read_bytes()
        digest = hashlib.blake2b(data, digest_size=16).digest()
        return replace(file, digest=digest, format=image_format(data) or "", shape=image_shape(data))
    except (HeadraceError, OSError) as error:
        return replace(file, fault=_explain(error))


def _decode(folder: Path, file: ImageFile) -> str:
    try:
        decode_image((folder / file.path).read_bytes())
    except (HeadraceError, OSError) as error:
        return _explain(error)
    return ""


def _explain(error: Exception) -> str:
    return error.what if isinstance(error, RecordError) else str(error)


def _choose_to_decode(files: Sequence[ImageFile]) -> list[int]:
    """Choose the files to decode: all, or as many as some seconds allow, spread over the folder."""
    readable = [number for number, file in enumerate(files) if not file.fault]
    pixels = sum(files[number].shape[0] * files[number].shape[1] for number in readable)
    return readable[:: max(1, -(-pixels // _MOST_PIXELS))]


def _sort_out(
    folder: str, parts: tuple[ImagePart, ...], files: Sequence[ImageFile], decoded: int
) -> ImageFindings:
    """Separate files that cannot be used, and copies of others."""
    broken = [file for file in files if file.fault]
    labels: dict[bytes, set[str]] = {}
    last: dict[bytes, str] = {}  # the last part of each content: test images stay in the test
    for file in files:
        if not file.fault:
            labels.setdefault(file.digest, set()).add(file.label)
            last[file.digest] = file.part
    used: list[ImageFile] = []
    contradictory, repeated, leaking = [], [], []
    seen: set[bytes] = set()
    for file in files:
        if file.fault:
            continue
        if len(labels[file.digest]) > 1:
            contradictory.append(file)
        elif file.part != last[file.digest]:
            leaking.append(file)
        elif file.digest in seen:
            repeated.append(file)
        else:
            seen.add(file.digest)
            used.append(file)
    skipped = [*broken, *contradictory, *leaking, *repeated]
    return ImageFindings(
        folder,
        tuple(
            replace(part, skip=tuple(sorted(file.path for file in skipped if file.part == part.name)))
            for part in parts
        ),
        tuple(used),
        decoded,
        tuple(broken),
        tuple(contradictory),
        tuple(repeated),
        tuple(leaking),
    )
