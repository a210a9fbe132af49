"""Fashion-MNIST: grey photographs of clothes, 28 x 28 pixels, in ten classes.

Without --data-dir: the 12,000 + 2,000 images that ship with Headrace. With it: the full release's idx files.
"""

import headrace as hr

CLASSES = hr.datasets.info("fashion_mnist").class_names


def load(data_dir):
    """Load images and class numbers."""
    return hr.Splits(
        train=hr.datasets.load("fashion_mnist", "train", data_dir=data_dir),
        test=hr.datasets.load("fashion_mnist", "test", data_dir=data_dir),
    )


def preprocess(inputs):
    """Standardize grey values over the whole training set; reshape them to images of one channel."""
    return {
        "image": hr.transform.reshape(hr.transform.scale_to_z_score(inputs["image"]), (1, 28, 28)),
        "label": inputs["label"],
    }


def build_model(_transform, name):
    """Create a network of the model zoo; airbench94 averages its logits for an image and its mirror image."""
    network = hr.vision.create_model(name, num_classes=len(CLASSES), in_channels=1, input_size=(28, 28))
    return hr.vision.FlipAveraging(network) if name == "airbench94" else network


def initialise(network, train):
    """Set the first layer of airbench94 to whiten patches of the training images."""
    if isinstance(network, hr.vision.FlipAveraging):
        batch = next(iter(train.batch(5000).to_torch()))
        hr.vision.whiten_first_layer(network, batch["image"])


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    initialise=initialise,
    label="label",
    head=hr.deploy.Classifier(CLASSES),
    image="image",
    training=hr.training.Options(epochs=5, batch_size=32, learning_rate=1e-3),
    full={"epochs": 8, "augment": hr.vision.augment.compose(hr.vision.augment.Flip())},
    models={
        "fashion_cnn": {},
        "lenet5": {},
        "small_se_resnet": {},
        "airbench94": {
            "epochs": 24,
            "batch_size": 512,
            "optimizer": "sgd",
            "learning_rate": 0.5,
            "learning_rates": {"*.norm.bias": 32.0},
            "weight_decay": 1.3e-3,
            "label_smoothing": 0.2,
            "mixed_precision": "auto",
            "augment": hr.vision.augment.compose(
                hr.vision.augment.Flip(),
                hr.vision.augment.RandomCrop(28, 28, padding=2),
                hr.vision.augment.Cutout(8),
            ),
        },
    },
)
