"""Print the rows of prepared folders as TensorFlow Datasets reads them, as JSON; run in its environment."""

import json
import os
import sys
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow_datasets as tfds


def plain(value: Any) -> Any:
    """Convert a value to JSON; bytes that are not text become hexadecimal."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "to_list"):
        return plain(value.to_list())
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return value.item() if isinstance(value, np.generic) else value


def list_names(feature: Any, prefix: str = "") -> dict[str, list[str]]:
    """List the names of the classes of all labels."""
    if isinstance(feature, tfds.features.ClassLabel):
        return {prefix: feature.names}
    inner = feature if isinstance(feature, tfds.features.FeaturesDict) else {}
    return {
        name: names
        for key in inner
        for name, names in list_names(inner[key], f"{prefix}/{key}"[not prefix :]).items()
    }


def read_folder(folder: str) -> dict[str, Any]:
    """Read all splits of a folder, and what its card says."""
    builder = tfds.builder_from_directory(folder)
    splits = {
        name: [plain(row) for row in tfds.as_numpy(builder.as_dataset(split=name))]
        for name in builder.info.splits
    }
    info = builder.info
    return {
        "splits": splits,
        "name": info.full_name,
        "shards": {name: split.num_shards for name, split in info.splits.items()},
        "names": list_names(info.features),
        "keys": plain(info.supervised_keys),
        "citation": info.citation,
    }


print(json.dumps({folder: read_folder(folder) for folder in sys.argv[1:]}))
