"""The tables: what is predicted, and from which columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["TABLES", "Table"]


@dataclass(frozen=True)
class Table:
    """A table with its label, and the columns that no model may use.

    Attributes:
        name: The name of the table.
        file: The file, relative to the folder of the data.
        label: The column to predict.
        without: Columns left out, since they give the answer away or only number or name the rows.
        leaks: Those of `without` that `headrace init` has to name, given the whole file.
        is_number: Whether the label is a number, and the measure RMSE instead of AUC.
    """

    name: str
    file: str
    label: str
    without: Sequence[str] = ()
    leaks: Sequence[str] = ()
    is_number: bool = False

    def write(self, data: Path, target: Path, seed: int) -> None:
        """Write the allowed columns as CSV, in an order drawn by the seed: each seed tests on other rows."""
        cells = pd.read_csv(data / self.file, dtype=str, keep_default_na=False)
        order = np.random.default_rng(seed).permutation(len(cells))
        cells.drop(columns=list(self.without)).iloc[order].to_csv(target, index=False)


TABLES = {
    table.name: table
    for table in (
        Table("flchain", "tables/flchain.csv", "death", ("futime", "chapter"), ("futime", "chapter")),
        Table("nwtco", "tables/nwtco.csv", "rel", ("edrel", "seqno"), ("edrel",)),
        Table("breast_cancer", "tables/breast_cancer.csv", "target"),
        Table("penguins", "tables/penguins.csv", "species"),
        Table("seattle_weather", "tables/seattle_weather.csv", "weather", ("precipitation",)),
        Table("housing", "housing.csv", "median_house_value", is_number=True),
        Table("diamonds", "tables/diamonds.csv", "price", is_number=True),
        Table("cars", "tables/cars.csv", "Miles_per_Gallon", ("Name",), is_number=True),
        Table(
            "movies",
            "tables/movies.csv",
            "rating",
            ("title", *(f"r{number}" for number in range(1, 11))),
            is_number=True,
        ),
    )
}
