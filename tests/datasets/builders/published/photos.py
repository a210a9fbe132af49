"""The archives of photos."""

from functools import partial
from pathlib import Path

import numpy as np

from .published import FILES, Published, Rows, pack_tar, pack_zip, write_jpeg, write_matlab, write_png


def write_flowers(folder: Path) -> dict[str, Rows]:
    files, rows = {"flower_photos/LICENSE.txt": b"All images are under CC-BY\n"}, []
    for label, name in ((1, "daisy"), (0, "dandelion"), (4, "roses"), (3, "sunflowers"), (2, "tulips")):
        for number in range(3):
            data = write_jpeg(10 * label + number)
            files[f"flower_photos/{name}/{number}_0f4e_n.jpg"] = data
            rows.append({"image": data, "label": label})
    pack_tar(folder / "flower_photos.tgz", files)
    return {"train": rows}


def write_imagenette(root: str, folder: Path) -> dict[str, Rows]:
    """The archive holds leavings of macOS and a table of noisy labels."""
    classes = ["n01440764", "n02102040", "n02979186", "n03000684", "n03028079"]
    classes += ["n03394916", "n03417042", "n03425413", "n03445777", "n03888257"]
    files = {f"{root}/.DS_Store": b"\0\0\0\1Bud1", f"{root}/noisy_imagenette.csv": b"path,noisy_labels_0\n"}
    rows: dict[str, Rows] = {"train": [], "validation": []}
    for split, part, label in [("train", "train", label) for label in range(10)] + [("validation", "val", 9)]:
        data = write_jpeg(label)
        files[f"{root}/{part}/{classes[label]}/ILSVRC2012_val_0000{label}293.JPEG"] = data
        rows[split].append({"image": data, "label": label})
    pack_tar(folder / f"{root}.tgz", files)
    return rows


def write_eurosat(folder: Path) -> dict[str, Rows]:
    files, rows = {}, []
    for label, name in ((0, "AnnualCrop"), (4, "Industrial"), (9, "SeaLake")):
        for number in (1, 2, 10):
            data = write_jpeg(100 * label + number, (64, 64))
            files[f"2750/{name}/{name}_{number}.jpg"] = data
            rows.append({"image": data, "label": label})
    pack_zip(folder / "EuroSAT.zip", files)
    return {"train": rows}


def write_food(folder: Path) -> dict[str, Rows]:
    files, rows = {"food-101/README.txt": b"Food-101\n", "food-101/meta/train.json": b"{}"}, {}
    lists: dict[str, list[str]] = {"train": [], "test": []}
    for part, split, names in (
        ("train", "train", [(0, "apple_pie/1005649"), (100, "waffles/7"), (0, "apple_pie/1014775")]),
        ("test", "validation", [(0, "apple_pie/1011328"), (17, "cheese_plate/22")]),
    ):
        rows[split] = []
        for label, name in names:
            data = write_jpeg(len(name) * 1000 + label)
            files[f"food-101/images/{name}.jpg"] = data
            lists[part].append(f"{name}\n")
            rows[split].append({"image": data, "label": label})
        files[f"food-101/meta/{part}.txt"] = "".join(lists[part]).encode()
    pack_tar(folder / "food-101.tar.gz", files)
    return rows


def write_textures(folder: Path) -> dict[str, Rows]:
    """The archive ends in .tar.gz, but is not compressed."""
    files, rows = {"dtd/images/waffled/.directory": b"[Dolphin]\n", "dtd/imdb/imdb.mat": b"MATLAB"}, {}
    for part, split, names in (
        ("train1", "train", [(0, "banded/banded_0002.jpg"), (30, "polka-dotted/polka-dotted_0053.jpg")]),
        ("val1", "validation", [(46, "zigzagged/zigzagged_0011.jpg")]),
        ("test1", "test", [(0, "banded/banded_0004.jpg"), (1, "blotchy/blotchy_0003.jpg")]),
        ("train2", None, [(1, "blotchy/blotchy_0003.jpg")]),
    ):
        files[f"dtd/labels/{part}.txt"] = "".join(f"{name}\n" for _, name in names).encode()
        for _, name in names:
            files.setdefault(f"dtd/images/{name}", write_jpeg(len(files)))
        if split:
            rows[split] = [{"image": files[f"dtd/images/{name}"], "label": label} for label, name in names]
    pack_tar(folder / "dtd-r1.0.1.tar.gz", files, compression="")
    return rows


def write_pets(folder: Path) -> dict[str, Rows]:
    """Among the photos are an empty file, files of other formats named as JPEG, and a cache of Windows."""
    files = {
        "CDLA-Permissive-2.0.pdf": b"%PDF-1.4",
        "readme[1].txt": b"Microsoft",
        "PetImages/Cat/666.jpg": b"",
        "PetImages/Cat/Thumbs.db": b"\xd0\xcf\x11\xe0",
        "PetImages/Dog/9500.jpg": b"BM6\x00\x00\x00\x00\x00\x00\x006\x00",
        "PetImages/Dog/11702.jpg": b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00",
    }
    rows = []
    for label, name in ((0, "Cat"), (1, "Dog")):
        for number in range(3):
            data = write_jpeg(10 * label + number)
            files[f"PetImages/{name}/{number}.jpg"] = data
            rows.append({"image": data, "label": label})
    pack_zip(folder / "kagglecatsanddogs_5340.zip", files)
    return {"train": rows}


def write_oxford(folder: Path) -> dict[str, Rows]:
    """Labels and numbers of images count from 1; MATLAB stores its doubles as bytes."""
    images = {number: write_jpeg(number) for number in range(1, 7)}
    labels = [77, 102, 1, 1, 50, 77]
    sets = {"trnid": [2, 5], "valid": [1], "tstid": [6, 3, 4]}
    pack_tar(
        folder / "102flowers.tgz", {f"jpg/image_{number:05}.jpg": data for number, data in images.items()}
    )
    (folder / "imagelabels.mat").write_bytes(write_matlab({"labels": np.array([labels], np.float64)}))
    arrays = {name: np.array([numbers], np.float64) for name, numbers in sets.items()}
    (folder / "setid.mat").write_bytes(write_matlab(arrays))
    return {
        split: [{"image": images[number], "label": labels[number - 1] - 1} for number in sets[name]]
        for split, name in (("train", "trnid"), ("validation", "valid"), ("test", "tstid"))
    }


def write_imagenet(folder: Path) -> dict[str, Rows]:
    """A tar per class in a tar; validation labels are numbers of the challenge, not of the classes.

    The kit's meta.mat is written by SciPy, in the layout of MATLAB: structures with the number and the class.
    """
    classes = {"n01440764": 0, "n02119789": 278, "n15075141": 999}
    numbers = {"n02119789": 1, "n15075141": 2, "n01440764": 3}
    inner, rows = {}, []
    for name, label in classes.items():
        files = {f"{name}_{number}.JPEG": write_jpeg(label + number) for number in (18, 7)}
        pack_tar(folder / "inner.tar", files, compression="")
        inner[f"{name}.tar"] = (folder / "inner.tar").read_bytes()
        rows += [{"image": data, "label": label} for data in files.values()]
    (folder / "inner.tar").unlink()
    pack_tar(folder / "ILSVRC2012_img_train.tar", inner, compression="")
    images = {f"ILSVRC2012_val_{number:08}.JPEG": write_jpeg(5000 + number) for number in range(1, 5)}
    pack_tar(folder / "ILSVRC2012_img_val.tar", dict(reversed(images.items())), compression="")
    order = ["n15075141", "n01440764", "n01440764", "n02119789"]
    data = "ILSVRC2012_devkit_t12/data"
    truth = "".join(f"{numbers[name]}\n" for name in order).encode()
    kit = {f"{data}/meta.mat": (FILES / "meta.mat").read_bytes()}
    kit[f"{data}/ILSVRC2012_validation_ground_truth.txt"] = truth
    pack_tar(folder / "ILSVRC2012_devkit_t12.tar.gz", kit)
    validation = [
        {"image": image, "label": classes[name]} for image, name in zip(images.values(), order, strict=True)
    ]
    return {"train": rows, "validation": validation}


def write_folders(
    archives: dict[str, str], roots: dict[str, str], classes: tuple[str, ...], suffix: str, folder: Path
) -> dict[str, Rows]:
    """A .zip for each split, a folder for each class, and what Macs leave behind."""
    rows: dict[str, Rows] = {}
    for split, archive in archives.items():
        files = {f"__MACOSX/{roots[split]}._x": b"Mac", f"{roots[split]}.DS_Store": b"Bud1"}
        rows[split] = []
        for label, name in enumerate(classes):
            for number in range(2):
                seed = 100 * len(split) + 10 * label + number
                data = write_png(seed) if suffix == "png" else write_jpeg(seed)
                files[f"{roots[split]}{name}/{name}01-{number}.{suffix}"] = data
                rows[split].append({"image": data, "label": label})
        pack_zip(folder / archive, files)
    return rows


def write_breeds(folder: Path) -> dict[str, Rows]:
    """Tars that are not compressed, whatever their names say; a list of all images starts with comments."""
    names = {"train": [("Abyssinian_100", 0), ("yorkshire_terrier_9", 36)], "test": [("beagle_116", 4)]}
    images, annotations, rows = {"images/Abyssinian_100.mat": b"MATLAB"}, {}, {}
    annotations["annotations/list.txt"] = b"#Image CLASS-ID SPECIES BREED ID\n"
    for split, part in (("train", "trainval"), ("test", "test")):
        rows[split] = []
        for name, label in names[split]:
            is_gif = split == "test"  # as some of the publisher are
            images[f"images/{name}.jpg"] = b"GIF89a" + bytes(20) if is_gif else write_jpeg(label)
            rows[split].append({"image": images[f"images/{name}.jpg"], "label": label})
        lines = "".join(f"{name} {label + 1} 1 1\n" for name, label in names[split])
        annotations[f"annotations/{part}.txt"] = lines.encode()
    annotations["annotations/trimaps/._Abyssinian_100.png"] = b"Mac"
    pack_tar(folder / "images.tar.gz", images, compression="")
    pack_tar(folder / "annotations.tar.gz", annotations, compression="")
    return rows


HORSES = {"train": "horse-or-human.zip", "test": "validation-horse-or-human.zip"}
HANDS = {"train": "rps.zip", "test": "rps-test-set.zip"}
BEANS = {split: f"{split}.zip" for split in ("train", "validation", "test")}
PHOTOS = {
    "horses_or_humans": Published(
        partial(write_folders, HORSES, dict.fromkeys(HORSES, ""), ("horses", "humans"), "png")
    ),
    "rock_paper_scissors": Published(
        partial(
            write_folders,
            HANDS,
            {"train": "rps/", "test": "rps-test-set/"},
            ("rock", "paper", "scissors"),
            "png",
        )
    ),
    "beans": Published(
        partial(
            write_folders,
            BEANS,
            {split: f"{split}/" for split in BEANS},
            ("angular_leaf_spot", "bean_rust", "healthy"),
            "jpg",
        )
    ),
    "malaria": Published(
        partial(
            write_folders,
            {"train": "cell_images.zip"},
            {"train": "cell_images/"},
            ("Parasitized", "Uninfected"),
            "png",
        )
    ),
    "oxford_iiit_pet": Published(write_breeds),
    "imagenet2012": Published(write_imagenet),
    "tf_flowers": Published(write_flowers),
    "imagenette": Published(partial(write_imagenette, "imagenette2")),
    "imagenette/full-size-v2": Published(partial(write_imagenette, "imagenette2")),
    "imagenette/320px-v2": Published(partial(write_imagenette, "imagenette2-320")),
    "imagenette/160px-v2": Published(partial(write_imagenette, "imagenette2-160")),
    "eurosat": Published(write_eurosat),
    "food101": Published(write_food),
    "dtd": Published(write_textures),
    "cats_vs_dogs": Published(write_pets),
    "oxford_flowers102": Published(write_oxford),
}
