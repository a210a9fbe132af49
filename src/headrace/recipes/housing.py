"""California housing: the median value of a district's houses, from nine numbers and a category.

The whole data set ships with Headrace; with --data-dir, `housing.csv` is read from there.
"""

import torch
from torch import nn

import headrace as hr

NUMBERS = ("longitude", "latitude", "housing_median_age", "median_income")
COUNTS = ("total_rooms", "total_bedrooms", "population", "households")


def load(data_dir):
    """Rows of the CSV file, columns as they are; a fifth is held out."""
    return hr.Splits(
        train=hr.datasets.load("housing", "train", data_dir=data_dir),
        test=hr.datasets.load("housing", "test", data_dir=data_dir),
    )


def preprocess(inputs):
    """Numbers standardised, long-tailed counts by their logarithm; the category looked up."""
    t = hr.transform
    counts = {name: t.log1p(t.fill_missing(inputs[name], t.mean(inputs[name]))) for name in COUNTS}
    ratios = [
        counts["total_rooms"] - counts["households"],
        counts["total_bedrooms"] - counts["total_rooms"],
        counts["population"] - counts["households"],
    ]
    columns = [*(inputs[name] for name in NUMBERS), *counts.values(), *ratios]
    place = [t.one_hot(t.bucketize(inputs[name], 40), 40) for name in ("longitude", "latitude")]
    return {
        "numbers": t.concatenate([*(t.scale_to_z_score(column) for column in columns), *place]),
        "ocean_proximity": t.compute_and_apply_vocabulary(
            inputs["ocean_proximity"], num_oov_buckets=2, vocab_filename="ocean_proximity"
        ),
        "value": t.cast(inputs["median_house_value"], "float32"),
    }


class Network(nn.Module):
    """An embedding of the category beside the numbers, and two hidden layers."""

    def __init__(self, categories, numbers):
        super().__init__()
        self.embedding = nn.Embedding(categories, 4)
        self.layers = nn.Sequential(
            nn.Linear(4 + numbers, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, 1),
            hr.nn.AffineOutput(scale=115_000.0, offset=207_000.0),
        )

    def forward(self, numbers, ocean_proximity):
        """Features by the names that preprocess gave them."""
        return self.layers(torch.cat([self.embedding(ocean_proximity), numbers], dim=1))


def build_model(transform, _name):
    """Sized by what the transform found in the data."""
    return Network(
        categories=len(transform.vocabularies["ocean_proximity"]) + 2,
        numbers=transform.output_types["numbers"].shape[0],
    )


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    label="value",
    label_scale=115_000.0,
    head=hr.deploy.Regressor("median_house_value"),
    epochs=40,
    batch_size=128,
    learning_rate=3e-3,
    weight_decay=0.05,
)
