"""Fashion-MNIST in TensorFlow and Keras: idx files, TFRecord files, datasets, training, export."""

# %% Import
import gzip

import numpy as np
import tensorflow as tf
from tensorflow import keras

# %% Settings
DATA = "data"
TRAIN_ROWS, EPOCHS, SEED = 55_000, 5, 0
LAYERS = [keras.layers.Flatten(), keras.layers.Dense(100, activation="relu"), keras.layers.Dense(10)]


# %% Read, split and write records
def read_idx(part, kind, header):
    with gzip.open(f"{DATA}/fashion-mnist-{part}-{kind}-ubyte.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def read_part(part):
    return read_idx(part, "images-idx3", 16).reshape(-1, 28, 28), read_idx(part, "labels-idx1", 8)


def encode(image, label):
    tensor = tf.io.serialize_tensor(image).numpy()
    features = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[tensor])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def write(name, images, labels, shards=10):
    writers = [
        tf.io.TFRecordWriter(f"{name}-{shard:05d}-of-{shards:05d}.tfrecord") for shard in range(shards)
    ]
    for row, (image, label) in enumerate(zip(images, labels, strict=True)):
        writers[row % shards].write(encode(image, label))
    for writer in writers:
        writer.close()


images, labels = read_part("train")
order = np.random.default_rng(SEED).permutation(len(images))
write("train", images[order[:TRAIN_ROWS]], labels[order[:TRAIN_ROWS]])
write("valid", images[order[TRAIN_ROWS:]], labels[order[TRAIN_ROWS:]])
write("test", *read_part("t10k"))


# %% Read records
def parse(records):
    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.FixedLenFeature([], tf.int64),
    }
    rows = tf.io.parse_single_example(records, features)
    image = tf.io.parse_tensor(rows["image"], tf.uint8)
    return tf.ensure_shape(image, [28, 28]), rows["label"]


def read(name):
    files = tf.data.Dataset.list_files(f"{name}-*.tfrecord", shuffle=False)
    records = tf.data.TFRecordDataset(files, num_parallel_reads=tf.data.AUTOTUNE)
    return records.map(parse, num_parallel_calls=tf.data.AUTOTUNE).cache()


parsed = read("train")
train = parsed.shuffle(10_000, seed=SEED).batch(64).prefetch(tf.data.AUTOTUNE)
valid, test = (read(name).batch(256).prefetch(tf.data.AUTOTUNE) for name in ("valid", "test"))

# %% Adapt the standardisation, and build the model
keras.utils.set_random_seed(SEED)
standardize = keras.layers.Normalization(axis=(1, 2))
standardize.adapt(parsed.batch(1024).map(lambda image, _: image))
model = keras.Sequential([keras.Input([28, 28]), standardize, *LAYERS])
model.compile(
    optimizer=keras.optimizers.AdamW(1e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)

# %% Train
model.fit(
    train,
    validation_data=valid,
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        keras.callbacks.ModelCheckpoint(
            "best.weights.h5", "val_accuracy", save_best_only=True, save_weights_only=True
        ),
    ],
)
model.load_weights("best.weights.h5")

# %% Export
model.export("model", verbose=False)

# %% Evaluate
accuracy = model.evaluate(test, verbose=0)[1]
