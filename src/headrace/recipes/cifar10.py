"""CIFAR-10: colour photographs of 32 x 32 pixels in ten classes, as image files.

Requires --data-dir: a folder with the folders `train` and `test`, each with one folder of images per class.
For your own images, of any sizes and formats, start from this file: change the classes and the size.
"""

import headrace as hr

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIZE = (32, 32)


def load(data_dir):
    """Load image files and class names."""
    if data_dir is None:
        raise hr.UsageError("CIFAR-10 does not ship with Headrace", hint="pass its folder as --data-dir")
    columns = ["image", "label"]
    train = hr.Dataset.from_images(data_dir / "train", columns)
    test = hr.Dataset.from_images(data_dir / "test", columns)
    # A twenty-fifth is enough to select an epoch; the rest is more useful for training.
    train, validation = train.split(0.96, 0.04, seed=0, stratify="label")
    return hr.Splits(train=train.shuffle(seed=0), validation=validation, test=test)


def preprocess(inputs):
    """Decode and resize images, and standardize pixels over the training set; number the classes."""
    t = hr.transform
    pixels = t.resize(t.decode_image(inputs["image"]), *SIZE)
    return {
        "image": t.scale_to_z_score(pixels),
        "label": t.apply_vocabulary(inputs["label"], CLASSES),
    }


def build_model(_transform, name):
    """Create a network of the model zoo that averages its logits for an image and its mirror image."""
    network = hr.vision.create_model(name, num_classes=len(CLASSES), in_channels=3, input_size=SIZE)
    return hr.vision.FlipAveraging(network)


def initialise(network, train):
    """Set the first layer to whiten patches of the training images."""
    batch = next(iter(train.batch(5000).to_torch()))
    hr.vision.whiten_first_layer(network, batch["image"])


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    models=("airbench94", "airbench95"),
    initialise=initialise,
    label="label",
    head=hr.deploy.Classifier(CLASSES),
    training=hr.training.Options(
        epochs=40,
        batch_size=512,
        optimizer="sgd",
        learning_rate=0.5,
        learning_rates={"*.norm.bias": 32.0},
        weight_decay=1.3e-3,
        label_smoothing=0.2,
        mixed_precision="auto",
        augment=hr.vision.augment.compose(
            hr.vision.augment.Flip(alternate=True),
            hr.vision.augment.RandomCrop(*SIZE, padding=4),
            hr.vision.augment.Cutout(10),
            fill="reflect",
        ),
    ),
    image="image",
)
