"""Oxford flowers: photos of a hundred and two kinds of flowers of Britain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import Archive
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, read_labelled_files
from headrace.datasets.parsers.matlab import read_matlab

__all__ = ["OXFORD_FLOWERS102"]

_URL = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102"
_FILES = {  # sizes and sha256: tensorflow_datasets 4.9.10, datasets/oxford_flowers102/checksums.tsv
    "102flowers.tgz": (344_862_509, "2d01ecc807db462958cfe3d92f57a8c252b4abd240eb955770201e45f783b246"),
    "imagelabels.mat": (502, "4903e94206bac23bf772aadf06451916df56b58fc483a62db32a97b82656651d"),
    "setid.mat": (14_989, "46b8678f91fd95d3c8f4feab80d271a6c834a1dd896fe29fd3e6ad9ce5c8dccd"),
}
_SETS = {"train": "trnid", "validation": "valid", "test": "tstid"}
_NAMES = (
    "pink primrose; hard-leaved pocket orchid; canterbury bells; sweet pea; english marigold; tiger lily; "
    "moon orchid; bird of paradise; monkshood; globe thistle; snapdragon; colt's foot; king protea; spear "
    "thistle; yellow iris; globe-flower; purple coneflower; peruvian lily; balloon flower; giant white arum "
    "lily; fire lily; pincushion flower; fritillary; red ginger; grape hyacinth; corn poppy; prince of "
    "wales feathers; stemless gentian; artichoke; sweet william; carnation; garden phlox; love in the mist; "
    "mexican aster; alpine sea holly; ruby-lipped cattleya; cape flower; great masterwort; siam tulip; "
    "lenten rose; barbeton daisy; daffodil; sword lily; poinsettia; bolero deep blue; wallflower; marigold; "
    "buttercup; oxeye daisy; common dandelion; petunia; wild pansy; primula; sunflower; pelargonium; bishop "
    "of llandaff; gaura; geranium; orange dahlia; pink-yellow dahlia?; cautleya spicata; japanese anemone; "
    "black-eyed susan; silverbush; californian poppy; osteospermum; spring crocus; bearded iris; "
    "windflower; tree poppy; gazania; azalea; water lily; rose; thorn apple; morning glory; passion flower; "
    "lotus; toad lily; anthurium; frangipani; clematis; hibiscus; columbine; desert-rose; tree mallow; "
    "magnolia; cyclamen; watercress; canna lily; hippeastrum; bee balm; ball moss; foxglove; bougainvillea; "
    "camellia; mallow; mexican petunia; bromelia; blanket flower; trumpet creeper; blackberry lily"
)
_CLASSES = tuple(_NAMES.split("; "))


def _read(split: str, folder: Path) -> Dataset:
    labels, sets = find_file(folder, "imagelabels.mat"), find_file(folder, "setid.mat")
    rows = partial(_list_rows, labels, sets, _SETS[split])
    return read_labelled_files(find_file(folder, "102flowers.tgz"), r"jpg/image_\d{5}\.jpg", rows)


def _list_rows(labels_path: Path, sets_path: Path, name: str, archive: Archive) -> Sequence[tuple[str, int]]:
    """List the images of a set by their numbers, which count from 1, as the labels do."""
    labels, numbers = _load(labels_path, "labels"), _load(sets_path, name)
    if not all(0 < number <= len(labels) for number in numbers):
        raise bad_file(f"expected numbers of images from 1 to {len(labels):,} in '{name}'", str(sets_path))
    if not all(0 < label <= len(_CLASSES) for label in labels):
        raise bad_file(f"expected labels from 1 to {len(_CLASSES)}", str(labels_path))
    found = frozenset(archive.names)
    rows = [(f"jpg/image_{number:05}.jpg", labels[number - 1] - 1) for number in numbers]
    absent = next((row[0] for row in rows if row[0] not in found), None)
    if absent is not None:
        raise bad_file(f"the archive lacks the file {absent!r}", archive.path)
    return rows


def _load(path: Path, name: str) -> list[int]:
    array = read_matlab(path).get(name)
    if array is None:
        raise bad_file(f"the file has no array '{name}'", str(path))
    return [int(each) for each in array.load().reshape(-1).tolist()]


OXFORD_FLOWERS102 = DatasetBuilder(
    info=DatasetInfo(
        name="oxford_flowers102",
        description="Photos of 102 kinds of flowers, JPEG files of all sizes, in one fixed random order; "
        "ten a class for training, ten for validation.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 1_020, "validation": 1_020, "test": 6_149},
        licence="not stated by the publisher; research",
        source="https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
        citation="M.-E. Nilsback, A. Zisserman: Automated Flower Classification over a Large Number of "
        "Classes, ICVGIP, 2008",
        version="2.1.1",
    ),
    parse=_read,
    downloads=tuple(
        Download(f"{_URL}/{name}", name, f"sha256:{digest}", size) for name, (size, digest) in _FILES.items()
    ),
    parser_ran_on="generated archive",
)
