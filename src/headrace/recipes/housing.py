"""California housing: the median house value of a district, from eight numbers and a category.

The whole data set ships with Headrace; --data-dir names a folder to read `housing.csv` from instead.
"""

import torch
from torch import nn

import headrace as hr

NUMBERS = ("longitude", "latitude", "housing_median_age", "median_income")
COUNTS = ("total_rooms", "total_bedrooms", "population", "households")


def load(data_dir):
    """Load the rows of the CSV file; a fifth is held out."""
    return hr.Splits(
        train=hr.datasets.load("housing", "train", data_dir=data_dir),
        test=hr.datasets.load("housing", "test", data_dir=data_dir),
    )


def preprocess(inputs):
    """Standardize numbers, long-tailed counts as logarithms; look up the category."""
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
    """The embedding of the category next to the numbers, and two hidden layers."""

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
        """Compute the value from the features, by their names in `preprocess`."""
        return self.layers(torch.cat([self.embedding(ocean_proximity), numbers], dim=1))


def build_model(transform, _name):
    """Build the network for the vocabulary and the columns of the transform."""
    return Network(
        categories=len(transform.vocabularies["ocean_proximity"]) + 2,
        numbers=transform.output_types["numbers"].shape[0],
    )


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    label="value",
    head=hr.deploy.Regressor("median_house_value"),
    units={
        "longitude": "degrees",
        "latitude": "degrees",
        "housing_median_age": "years",
        "median_income": "10,000 US dollars a year",
    },
    training=hr.training.Options(
        epochs=40, batch_size=128, learning_rate=3e-3, weight_decay=0.05, label_scale=115_000.0
    ),
)
