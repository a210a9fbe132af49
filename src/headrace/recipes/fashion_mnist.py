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
    """Create a network of the model zoo."""
    return hr.vision.create_model(name, num_classes=len(CLASSES), in_channels=1, input_size=(28, 28))


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    models=("fashion_cnn", "lenet5", "small_se_resnet"),
    label="label",
    head=hr.deploy.Classifier(CLASSES),
    image="image",
    training=hr.training.Options(epochs=5, batch_size=32, learning_rate=1e-3),
    full={"epochs": 8, "augment": hr.vision.augment.compose(hr.vision.augment.Flip())},
)
