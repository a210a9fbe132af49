"""Film reviews in TensorFlow and Keras: folders of texts, vectorisation, embeddings, training, export."""

# %% Import
import tensorflow as tf
from tensorflow import keras

# %% Settings
DATA = "reviews"
WORDS, SIZE, EPOCHS, SEED = 20_000, 32, 5, 0

# %% Read and split
options = {"batch_size": 64, "seed": SEED}
train, rest = keras.utils.text_dataset_from_directory(
    DATA, validation_split=0.4, subset="both", verbose=False, **options
)
half = rest.cardinality() // 2
valid, test = rest.take(half).cache(), rest.skip(half)
train = train.cache()

# %% Adapt the vectorisation, and build the model
keras.utils.set_random_seed(SEED)
vectorize = keras.layers.TextVectorization(max_tokens=WORDS)
vectorize.adapt(train.map(lambda text, _: text))


class MeanTimesRoot(keras.layers.Layer):
    def call(self, vectors, mask=None):
        is_word = tf.cast(mask, tf.float32)[:, :, tf.newaxis]
        words = tf.maximum(tf.reduce_sum(is_word, axis=1), 1)
        return tf.reduce_sum(vectors * is_word, axis=1) / tf.sqrt(words)


network = keras.Sequential(
    [keras.layers.Embedding(WORDS, SIZE, mask_zero=True), MeanTimesRoot(), keras.layers.Dense(2)]
)
network.compile(
    optimizer=keras.optimizers.AdamW(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)


# %% Train
def index(texts):
    rows = texts.map(lambda text, label: (vectorize(text), label), num_parallel_calls=tf.data.AUTOTUNE)
    return rows.cache()


network.fit(
    index(train).shuffle(2000, seed=SEED).prefetch(tf.data.AUTOTUNE),
    validation_data=index(valid).prefetch(tf.data.AUTOTUNE),
    epochs=EPOCHS,
    verbose=0,
    callbacks=[
        keras.callbacks.ModelCheckpoint(
            "best.weights.h5", "val_accuracy", save_best_only=True, save_weights_only=True
        ),
    ],
)
network.load_weights("best.weights.h5")

# %% Export
model = keras.Sequential([keras.Input([], dtype=tf.string), vectorize, network])
model.export("model", verbose=False)

# %% Evaluate
accuracy = network.evaluate(test.map(lambda text, label: (vectorize(text), label)), verbose=0)[1]
