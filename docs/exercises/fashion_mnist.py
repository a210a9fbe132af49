# %% [markdown]
# # Fashion-MNIST, from raw files to a model that ships
#
# The idx files of the release become TFRecord files, several per set, with the images as serialised tensors. A layer
# that standardises each pixel is part of the model, so that the exported file takes raw images. This page, the script
# `fashion_mnist.py` and the notebook `fashion_mnist.ipynb` are the same program; a test runs it.

# %% Import
from torch import nn

import headrace as hr
from headrace.layers import Normalization
from headrace.vision.layers import initialise

# %% Settings
DATA = None  # the folder with the four idx files; None reads the sample of 12,000 images that ships with Headrace
TRAIN_ROWS, EPOCHS, SEED = 11_000, 5, 0  # of the 60,000 images: 55_000
LAYERS = [nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10)]

# %% [markdown]
# `split` divides the rows at random. `shuffle` orders the training rows at random, before they are written: files that
# are read one after the other then hold a random sample each.

# %% Read, split and write records
splits = hr.datasets.load("fashion_mnist", data_dir=DATA)
train, valid = splits["train"].split(TRAIN_ROWS, seed=SEED)
hr.records.write("train", train.shuffle(seed=SEED), shards=10, serialized=["image"])
hr.records.write("valid", valid, shards=10, serialized=["image"])
hr.records.write("test", splits["test"], shards=10, serialized=["image"])

# %% [markdown]
# `from_records` finds the schema beside the files. `cache` keeps the rows in memory after the first pass; `fit` shuffles,
# batches and prefetches.

# %% Read records
train, valid, test = (
    hr.Dataset.from_records(f"{name}-*.tfrecord").cache() for name in ("train", "valid", "test")
)

# %% Adapt the standardisation, and build the model
standardize = Normalization(axis=(1, 2)).adapt(train.select("image"))
model = initialise(nn.Sequential(standardize, *LAYERS), SEED)

# %% Train
result = hr.training.fit(
    model, train.shuffle(seed=SEED), valid, label="label", epochs=EPOCHS, seed=SEED, out_dir="runs/fashion",
    profile=(500, 600),
)  # fmt: skip

# %% Export
hr.deploy.export("model.onnx", model=model, inputs=train.schema, head=result.head)

# %% Evaluate
accuracy = hr.training.evaluate(model, test, label="label", head=result.head)["accuracy"]
print(f"accuracy on the test images: {accuracy:.2%}")

# %% [markdown]
# `profile` measured the steps from 500 to 599. `ds.profile()` measures a dataset alone, here from the files, before `cache`.

# %% Profile
print(result.profile)
print(hr.Dataset.from_records("train-*.tfrecord").shuffle(seed=SEED).batch(32).profile())

# %% [markdown]
# The second profile, of 11,000 images on a busy machine. It proposes what the script does:
#
#     33,000 rows in 0.657 s: 50,262 rows/s, 39.8 MB/s, on 2 CPUs; first batch after 0.01 s
#
#     stage                                                     own time  share     rows/s     MB/s  threads
#     > RecordSource: train-00000-of-00010.tfrecord and 9 more    4.4 ms    57%  2,476,659  1,961.5        1
#       shuffle(seed=0)                                           0.0 ms     0%                            1
#       batch(32)                                                 3.3 ms    43%  3,341,109  2,646.2        1
#
#     RecordSource: train-00000-of-00010.tfrecord and 9 more is 57% of the time: select() the columns that the model reads, or cache()

# %% [markdown]
# The file holds the standardisation and the network. `verify` compares its answers with those of the model in PyTorch, for
# every test image.

# %% Verify
print(hr.deploy.verify("model.onnx", test, model=model, head=result.head))

# %% [markdown]
# `make bench-exercises DATA=DIR` runs this beside the same in Keras, without the parts that Keras's script does not have. All
# 60,000 images, medians of three seeds, on one of two idle CPUs, without the imports (1.3 and 1.8 CPU seconds):
#
# |  | Headrace | TensorFlow 2.21 |
# |---|---|---|
# | read, split and write records | 0.34 CPU s | 1.53 CPU s |
# | read records | 0.00 | 0.09 |
# | adapt | 0.23 | 1.96 |
# | train, 5 epochs | 2.68 | 4.58 |
# | export | 0.26 | 0.15 |
# | evaluate | 0.06 | 0.36 |
# | together | 3.56 | 8.71 (2.40x) |
# | accuracy | 88.91% | 88.44% |
# | peak memory | 364 MB | 373 MB |
#
# The ratio depends on what else the machine does: with 20 other programs it was 5.69 and 10.74 CPU seconds (1.79x).
#
# A deep CNN in place of the dense layers, on 5,000 images in one epoch, medians of two seeds: 15.4 and 16.2 CPU seconds (1.05x), 358
# and 398 MB; 13.9 and 14.3 of them train. On 2,000 images, one seed, it was 1.25x. `initialise` draws its weights
# as K. He et al. do, and so does Keras's script: 66.5% and 60.7% of the test images are right. Nine tenths of a step are the
# convolutions of oneDNN, which both sides call: 86 to 129 GFLOP/s forward and 47 to 116 backward on a CPU that multiplies
# matrices at 89 (one thread of a busy machine). Half the precision is what is left: with `mixed_precision="auto"` our side took
# 17.1 CPU seconds, and Keras's `mixed_bfloat16` 19.0, where float32 took 29.0 and 30.8 (one seed, idle, on a slower day).
