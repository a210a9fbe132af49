"""CIFAR-10: photographs, 32 x 32 pixels in colour, ten classes, as image files.

It needs --data-dir: a folder with folders `train` and `test`, in each a folder of images for every class. For
images of your own, start from this file: change the classes and the size.
"""

import numpy as np
import pyarrow as pa

import headrace as hr

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIZE = (32, 32)


def load(data_dir):
    """Pixels and class names."""
    if data_dir is None:
        raise hr.UsageError("CIFAR-10 does not ship with Headrace", hint="name its folder by --data-dir")
    train, test = images(data_dir / "train"), images(data_dir / "test")
    # Enough to choose an epoch by; the others are of more use to learn from.
    aside = max(1, train.num_rows // 25)
    return hr.Splits(train=train.skip(aside), validation=train.take(aside), test=test)


def images(folder):
    """The image files in the folders of a folder, decoded, in random order: the report shows the first."""
    return hr.Dataset.from_images(folder).shuffle(seed=0).map(decoded, threads=2)


def decoded(batch):
    """Files as pixels, uint8 [32, 32, 3]."""
    pixels = np.stack([hr.images.decode_image(file.as_py(), channels=3) for file in batch["image"]])
    tensors = pa.FixedShapeTensorArray.from_numpy_ndarray(pixels)
    return pa.record_batch({"image": tensors, "label": batch["label"]})


def preprocess(inputs):
    """Pixels standardised over the whole training set, channels first; classes as numbers."""
    t = hr.transform
    pixels = t.transpose(inputs["image"], (2, 0, 1))
    return {
        "image": t.scale_to_z_score(pixels),
        "label": t.apply_vocabulary(inputs["label"], CLASSES),
    }


def build_model(_transform, name):
    """A network of the model zoo, which answers for an image and its mirror image."""
    network = hr.vision.create_model(name, num_classes=len(CLASSES), in_channels=3, input_size=SIZE)
    return hr.vision.FlipAveraging(network)


recipe = hr.Recipe(
    load=load,
    preprocess=preprocess,
    build_model=build_model,
    models=("small_se_resnet", "resnet18"),
    label="label",
    head=hr.deploy.Classifier(CLASSES),
    augment=hr.vision.augment.compose(
        hr.vision.augment.Flip(), hr.vision.augment.RandomCrop(*SIZE, padding=4)
    ),
    epochs=15,
    batch_size=128,
    optimizer="sgd",
    learning_rate=0.2,
    weight_decay=5e-4,
    label_smoothing=0.1,
    image="image",
)
