"""Film reviews: positive or negative, from their words.

Without --data-dir: a sample of GENERATED reviews that ships with Headrace (real reviews may not be shipped).
With it: a folder with `movie_reviews.zip`, or with the folders `pos` and `neg`, one text file per review.
"""

from torch import nn

import headrace as hr

WORDS = 20_000


def load(data_dir):
    """Load texts and the names of their folders."""
    return hr.Splits(
        train=hr.datasets.load("movie_reviews", "train", data_dir=data_dir),
        test=hr.datasets.load("movie_reviews", "test", data_dir=data_dir),
    )


def preprocess(inputs):
    """Look up words in a vocabulary of the most frequent; all other words share one number."""
    t = hr.transform
    words = t.compute_and_apply_vocabulary(
        t.tokenize(inputs["text"]), top_k=WORDS, num_oov_buckets=1, vocab_filename="words"
    )
    return {"words": words, "positive": t.cast(inputs["label"] == "pos", "int64")}


def build_model(transform, _name):
    """Build a network: the embeddings' sum over the square root of their number, and one layer."""
    return nn.Sequential(
        hr.nn.BagOfEmbeddings(len(transform.vocabularies["words"]) + 1, 64),
        nn.Dropout(0.5),
        nn.Linear(64, 2),
    )


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    label="positive",
    head=hr.deploy.Classifier(("neg", "pos")),
    training=hr.training.Options(epochs=20, batch_size=32, learning_rate=3e-3, weight_decay=0.01),
)
