# %% [markdown]
# # Film reviews, from folders of texts to a model that ships
#
# A folder per class, a text file per review. A layer that splits texts into words and looks them up is part of the model,
# so that the exported file takes raw texts. This page, the script `film_reviews.py` and the notebook `film_reviews.ipynb`
# are the same program; a test runs it.

# %% Import
from torch import nn

import headrace as hr
from headrace.layers import TextVectorization
from headrace.nn import BagOfEmbeddings

# %% Settings
DATA = "reviews"  # the folder, with the folders neg and pos
WORDS, SIZE, EPOCHS, SEED = 20_000, 32, 5, 0

# %% [markdown]
# The classes are the names of the folders. Each part has the same share of each.

# %% Read and split
reviews = hr.Dataset.from_text(DATA)
train, valid, test = reviews.split(0.6, 0.2, 0.2, seed=SEED, stratify="label")
train, valid = train.cache(), valid.cache()

# %% Adapt the vectorisation, and build the model
vectorize = TextVectorization(max_tokens=WORDS).adapt(train.select("text"))
model = nn.Sequential(vectorize, BagOfEmbeddings(WORDS, SIZE), nn.Linear(SIZE, 2))

# %% [markdown]
# `BagOfEmbeddings` is the mean of a text's word vectors, times the square root of the number of words: the mean alone
# shrinks with the length of a text, since random vectors cancel out, and the sum grows.

# %% Train
result = hr.training.fit(
    model, train.shuffle(seed=SEED), valid, label="label", epochs=EPOCHS, seed=SEED, learning_rate=0.01,
    out_dir="runs/reviews",
)  # fmt: skip

# %% Export
hr.deploy.export("model.onnx", model=model, inputs=train.schema, head=result.head)

# %% Evaluate
accuracy = hr.training.evaluate(model, test, label="label", head=result.head)["accuracy"]
print(f"accuracy on the test reviews: {accuracy:.2%}")

# %% Verify
print(hr.deploy.verify("model.onnx", test, model=model, head=result.head))

# %% [markdown]
# The same reviews by the catalogue: `load` reads them, and the split language divides them. The sample that ships with
# Headrace has generated texts; `data_dir=` reads the 2,000 real ones.

# %% The same by the catalogue
train, valid, test = hr.datasets.load("movie_reviews", ["train[:75%]", "train[75%:]", "test"])
print(train.num_rows, valid.num_rows, test.num_rows)

# %% [markdown]
# `make bench-exercises DATA=DIR` runs this beside the same in Keras, without the parts that Keras's script does not have. On the
# 2,000 reviews (Pang and Lee, polarity 2.0), medians of three seeds, on one of two idle CPUs, without the imports (1.3 and 1.9 CPU
# seconds):
#
# |  | Headrace | TensorFlow 2.21 |
# |---|---|---|
# | read and split | 0.02 CPU s | 0.08 CPU s |
# | adapt | 0.09 | 0.29 |
# | train, 5 epochs | 1.01 | 2.63 |
# | export | 0.55 | 0.33 |
# | evaluate | 0.04 | 0.13 |
# | together | 1.73 | 3.46 (2.03x) |
# | accuracy | 86.50% | 84.54% |
# | peak memory | 294 MB | 347 MB |
#
# On 40,000 pieces of them, `--exercises pieces`, medians of three seeds on an idle machine: 4.75 and 13.21 CPU seconds
# (2.70x); 70.82% and 71.01% right on average, within chance, and at most 278 and 288 MB.
#
# Packages that a part imports on first use count in that part here, and in the import there. Where pandas is installed, Arrow
# imports it: 28 MB and 0.3 CPU seconds more.
