"""The files of tables."""

from functools import partial
from pathlib import Path

import numpy as np

from .published import Published, Rows, copy_real, pack_tar

_PEOPLE = ("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
           "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country",
           "income")  # fmt: skip
_ADULTS = [
    (39, "State-gov", 77516, "Bachelors", 13, "Never-married", "Adm-clerical", "Not-in-family", "White",
     "Male", 2174, 0, 40, "United-States", 0),
    (50, None, 83311, "11th", 7, "Married-civ-spouse", None, "Husband", "Black", "Male",
     0, 1902, 13, None, 1),
]  # fmt: skip
_PASSENGERS = ("pclass", "survived", "name", "sex", "age", "sibsp", "parch", "ticket", "fare", "cabin",
               "embarked", "boat", "body", "home.dest")  # fmt: skip
_TITANIC = [
    (1, 1, "Doe, Miss. Jane 'J'", "female", 29.0, 0, 0, "24160", 211.3375, "B5", "S", "2", None, "Troy, MO"),
    (3, 0, "Roe, Mr. R. (Rick 'Poe')", "male", None, 1, 2, "A/5 21171", None, None, None, None, 135, None),
    (2, 1, "O'Nym, Mrs. Anne", "female", 0.9167, 0, 1, "PP 2123", 7.25, "C22 C26", "C", "5 7", None, "Oslo"),
]  # fmt: skip
_WINE = (
    "fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides", "free sulfur dioxide",
    "total sulfur dioxide", "density", "pH", "sulphates", "alcohol", "quality",
)  # fmt: skip


def write_adult(folder: Path) -> dict[str, Rows]:
    """A space after each comma, ? for missing values, a blank line; dots and a comment in the test part."""
    classes = ("<=50K", ">50K")
    lines = [
        ", ".join([*("?" if value is None else str(value) for value in row[:-1]), classes[row[-1]]])
        for row in _ADULTS
    ]
    (folder / "adult.data").write_text("".join(f"{line}\n" for line in lines) + "\n")
    (folder / "adult.test").write_text("|1x3 Cross validator\n" + f"{lines[1]}.\n" + "\n")
    rows = [dict(zip(_PEOPLE, row, strict=True)) for row in _ADULTS]
    return {"train": rows, "test": rows[1:]}


def write_titanic(folder: Path) -> dict[str, Rows]:
    """Quotes around every text, ? without quotes for missing values."""

    def write(value: object) -> str:
        return "?" if value is None else f'"{value}"' if isinstance(value, str) else f"{value:.7g}"

    lines = [map(write, _PASSENGERS), *(map(write, row) for row in _TITANIC)]
    (folder / "phpMYEkMl.csv").write_text("".join(",".join(line) + "\n" for line in lines))
    rows = [dict(zip(_PASSENGERS, row, strict=True)) for row in _TITANIC]
    for row in rows:
        for name in ("age", "fare"):
            row[name] = None if row[name] is None else float(np.float32(row[name]))
    return {"train": rows}


def write_california(folder: Path) -> dict[str, Rows]:
    """Longitude, latitude, age, rooms, bedrooms, population, households, income, value."""
    lines = (
        b"-122.230000,37.880000,41.000000,880.000000,128.000000,322.000000,128.000000,8.325200,452600.000000\n"
        b"-124.350000,40.540000,52.000000,1820.000000,300.000000,806.000000,250.000000,3.014700,94600.000000\n"
    )
    files = {
        "CaliforniaHousing/cal_housing.data": lines,
        "CaliforniaHousing/cal_housing.domain": b"longitude\n",
    }
    pack_tar(folder / "cal_housing.tgz", files)
    names = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude")
    rows = [
        (8.3252, 41.0, 6.875, 1.0, 322.0, 2.515625, 37.88, -122.23, 4.526),
        (3.0147, 52.0, 7.28, 1.2, 806.0, 3.224, 40.54, -124.35, 0.946),
    ]
    return {"train": [dict(zip((*names, "MedHouseVal"), row, strict=True)) for row in rows]}


def write_iris(folder: Path) -> dict[str, Rows]:
    rows = []
    species = {"Iris-setosa": 0, "Iris-versicolor": 1, "Iris-virginica": 2}
    for line in copy_real("iris.data", folder).split():
        *numbers, name = line.split(",")
        rows.append({"features": np.array(numbers, np.float32).tolist(), "label": species[name]})
    return {"train": rows}


def write_penguins(folder: Path) -> dict[str, Rows]:
    head, *lines = copy_real("penguins_size.csv", folder).split()
    rows = []
    for line in lines:
        species, island, *numbers, sex = line.split(",")
        values = [None if number == "NA" else float(np.float32(number)) for number in numbers]
        number = ["Adelie", "Chinstrap", "Gentoo"].index(species)
        row = [number, island, *values, sex if sex in ("MALE", "FEMALE") else None]
        rows.append(dict(zip(head.split(","), row, strict=True)))
    return {"train": rows}


def write_wine(colour: str, folder: Path) -> dict[str, Rows]:
    """Semicolons, and quotes around the names of the columns."""
    numbers = [["7.4", "0.70", "0", "1.9", ".076", "11", "34", "0.9978", "3.51", "0.56", "9.4", "5"]]
    numbers.append(
        ["6.7", "0.32", "0.44", "2.4", "0.061", "24", "34", "0.99484", "3.29", "0.8", "11.6333333333333", "7"]
    )
    lines = [";".join(f'"{name}"' for name in _WINE), *(";".join(row) for row in numbers)]
    (folder / f"winequality-{colour}.csv").write_text("".join(f"{line}\n" for line in lines))
    rows = [[*(float(np.float32(each)) for each in row[:-1]), int(row[-1])] for row in numbers]
    return {"train": [dict(zip(_WINE, row, strict=True)) for row in rows]}


def write_cancer(folder: Path) -> dict[str, Rows]:
    measures = ["radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity"]
    measures += ["concave points", "symmetry", "fractal dimension"]
    names = [f"mean {name}" for name in measures] + [f"{name} error" for name in measures]
    names += [f"worst {name}" for name in measures]
    rows = []
    for line in copy_real("breast_cancer.csv", folder).split("\n")[1:-1]:
        *numbers, target = line.split(",")
        rows.append({**dict(zip(names, map(float, numbers), strict=True)), "target": int(target)})
    return {"train": rows}


TABLES = {
    "adult": Published(write_adult, keeps_order=True),
    "titanic": Published(write_titanic),
    "california_housing": Published(write_california),
    "iris": Published(write_iris),
    "penguins": Published(write_penguins),
    "wine_quality": Published(partial(write_wine, "white")),
    "wine_quality/white": Published(partial(write_wine, "white")),
    "wine_quality/red": Published(partial(write_wine, "red")),
    "breast_cancer": Published(write_cancer),
}
