"""Food-101: photos of a hundred and one dishes."""

from __future__ import annotations

from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.labelled_files import IMAGE_SCHEMA, find_listed, read_labelled_files

__all__ = ["FOOD101"]

_ARCHIVE = "food-101.tar.gz"
_LISTS = {"train": "train", "validation": "test"}
_NAMES = (
    "apple_pie baby_back_ribs baklava beef_carpaccio beef_tartare beet_salad beignets bibimbap "
    "bread_pudding breakfast_burrito bruschetta caesar_salad cannoli caprese_salad carrot_cake ceviche "
    "cheesecake cheese_plate chicken_curry chicken_quesadilla chicken_wings chocolate_cake chocolate_mousse "
    "churros clam_chowder club_sandwich crab_cakes creme_brulee croque_madame cup_cakes deviled_eggs donuts "
    "dumplings edamame eggs_benedict escargots falafel filet_mignon fish_and_chips foie_gras french_fries "
    "french_onion_soup french_toast fried_calamari fried_rice frozen_yogurt garlic_bread gnocchi "
    "greek_salad grilled_cheese_sandwich grilled_salmon guacamole gyoza hamburger hot_and_sour_soup hot_dog "
    "huevos_rancheros hummus ice_cream lasagna lobster_bisque lobster_roll_sandwich macaroni_and_cheese "
    "macarons miso_soup mussels nachos omelette onion_rings oysters pad_thai paella pancakes panna_cotta "
    "peking_duck pho pizza pork_chop poutine prime_rib pulled_pork_sandwich ramen ravioli red_velvet_cake "
    "risotto samosa sashimi scallops seaweed_salad shrimp_and_grits spaghetti_bolognese spaghetti_carbonara "
    "spring_rolls steak strawberry_shortcake sushi tacos takoyaki tiramisu tuna_tartare waffles"
)
_CLASSES = tuple(_NAMES.split())


def _read(split: str, folder: Path) -> Dataset:
    names = f"food-101/meta/{_LISTS[split]}.txt"
    wanted = rf"{names.replace('.', '[.]')}|food-101/images/\w+/\d+\.jpg"
    rows = find_listed([names], "food-101/images", ".jpg", _CLASSES)
    return read_labelled_files(find_file(folder, _ARCHIVE), wanted, rows)


FOOD101 = DatasetBuilder(
    info=DatasetInfo(
        name="food101",
        description="Photos of 101 dishes, JPEG files of up to 512 pixels a side, in one fixed random "
        "order: 750 a class for training, with some wrong labels, and 250 checked ones, the publisher's "
        "test part.",
        schema=IMAGE_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 75_750, "validation": 25_250},
        licence="not stated by the publisher; photos of foodspotting.com, for research",
        source="https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
        citation="L. Bossard, M. Guillaumin, L. Van Gool: Food-101, Mining Discriminative Components with "
        "Random Forests, ECCV, 2014",
        version="2.0.0",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, url_checksums/food101.txt, which lists http
        Download(
            f"https://data.vision.ee.ethz.ch/cvl/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:d97d15e438b7f4498f96086a4f7e2fa42a32f2712e87d3295441b2b6314053a4",
            4_996_278_331,
        ),
    ),
    parser_ran_on="generated archive",
)
