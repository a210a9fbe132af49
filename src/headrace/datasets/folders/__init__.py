"""Folders of data sets in other manners than that of TensorFlow Datasets, and those of the Hugging Face hub.

    folder                                                   what is read
    dataset_dict.json, state.json                            what `save_to_disk` of Hugging Face has written
    .parquet, .arrow, .csv, .jsonl, .tar, .tfrecord, ...     files of one kind, by the split that they name
    train/CLASS/*.png, CLASS/*.png                           images by class
    train/CLASS/*.txt, CLASS/*.txt                           texts by class

`headrace.datasets.folders.split_names` says how a file names its split, `headrace.datasets.folders.card` what
is read of a `README.md`.
"""

from headrace.datasets.folders.hub import is_hub_url, open_hub
from headrace.datasets.folders.open_folder import is_configuration, open_folder
from headrace.datasets.folders.saved import is_saved

__all__ = ["is_configuration", "is_hub_url", "is_saved", "open_folder", "open_hub"]
