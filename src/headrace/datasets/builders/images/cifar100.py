"""CIFAR-100: 32 x 32 colour images of a hundred classes in twenty superclasses."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.cifar import read_cifar
from headrace.datasets.parsers.records import image_schema

__all__ = ["CIFAR100"]

_SCHEMA = image_schema(32, 32, 3, "label", "coarse_label")
_ARCHIVE = "cifar-100-binary.tar.gz"
_CLASSES = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel "
    "can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur "
    "dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion "
    "lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter "
    "palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road "
    "rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower "
    "sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale "
    "willow_tree wolf woman worm"
)


def _read(split: str, folder: Path) -> Dataset:
    labels = {"coarse_label": (0, 20), "label": (1, 100)}
    return read_cifar(find_file(folder, _ARCHIVE), (f"cifar-100-binary/{split}.bin",), _SCHEMA, labels)


CIFAR100 = DatasetBuilder(
    info=DatasetInfo(
        name="cifar100",
        description="Colour images, 32 x 32, in the publisher's order: `label` is one of 100 classes, "
        "`coarse_label` one of 20 superclasses (0 aquatic mammals, 1 fish, 2 flowers, 3 food containers, 4 "
        "fruit and vegetables, 5 household electrical devices, 6 household furniture, 7 insects, 8 large "
        "carnivores, 9 large man-made outdoor things, 10 large natural outdoor scenes, 11 large omnivores "
        "and herbivores, 12 medium-sized mammals, 13 non-insect invertebrates, 14 people, 15 reptiles, 16 "
        "small mammals, 17 trees, 18 vehicles 1, 19 vehicles 2).",
        schema=_SCHEMA,
        label="label",
        class_names=tuple(_CLASSES.split()),
        sample_rows={},
        full_rows={"train": 50_000, "test": 10_000},
        licence="not stated by the publisher; research and teaching",
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        citation="A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, technical report, "
        "University of Toronto, 2009",
        version="3.0.2",
        inputs=("image",),  # a superclass tells most of the class
    ),
    parse=_read,
    downloads=(  # the binary version: no pickles. Size and sha256: tensorflow_datasets 4.9.10, cifar100.txt
        Download(
            f"https://www.cs.toronto.edu/~kriz/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            168_513_733,
        ),
    ),
    parser_ran_on="generated archive",
)
