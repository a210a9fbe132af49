"""Data sets that TensorFlow Datasets has prepared.

A folder holds `dataset_info.json`, `features.json` and the shards. They are read without TensorFlow. Nested
features become columns whose names are joined by "/", as they are in the files:

    feature                              column
    Scalar, Tensor, Audio                its type; shapes that are not fixed become lists
    ClassLabel                           int64; the names of the classes are in the card
    Text, Translation                    string
    BBoxFeature                          float32 [4]: ymin, xmin, ymax, xmax
    Image of a fixed shape               its pixels [height, width, channels]
    Image of any shape                   the bytes of the image file
    Video                                a list of pixels [height, width, channels]
    Sequence, Dataset                    lists
    nested dictionaries                  a column each: `outer/inner`
    optional ones                        null where they are missing

Source: https://www.tensorflow.org/datasets/format_specific_dataset_builders and the files that version 4.9.10
writes.
"""

from headrace.datasets.prepared.damage import find_damage
from headrace.datasets.prepared.folder import PreparedFolder, find_prepared, matches_version, open_prepared
from headrace.datasets.prepared.write import write_folder

__all__ = [
    "PreparedFolder",
    "find_damage",
    "find_prepared",
    "matches_version",
    "open_prepared",
    "write_folder",
]
