"""Print the examples that the builders of TensorFlow Datasets generate from files; run in its environment.

    python tensorflow_datasets_examples.py < folders.json

Standard input is an object: the name of a data set, and the folder with the publisher's files. Nothing is
downloaded. Images are shown by their sha256.
"""

import hashlib
import json
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow_datasets as tfds
from etils import epath


class LocalFiles:
    """A download manager that finds files by the last part of their URL."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.scratch = folder, scratch

    def download(self, urls: Any) -> Any:
        if isinstance(urls, dict):
            return {key: self.download(url) for key, url in urls.items()}
        if isinstance(urls, list | tuple):
            return [self.download(url) for url in urls]
        found = self.folder / str(getattr(urls, "url", urls)).rsplit("/", 1)[-1]
        return epath.Path(found if found.exists() else next(self.folder.iterdir()))  # the only file

    def download_and_extract(self, urls: Any) -> Any:
        paths = self.download(urls)
        if isinstance(paths, dict):
            return {key: self._extract(path) for key, path in paths.items()}
        return self._extract(paths)

    def _extract(self, path: Any) -> Any:
        target = tempfile.mkdtemp(dir=self.scratch)
        with zipfile.ZipFile(path) if zipfile.is_zipfile(path) else tarfile.open(path) as archive:
            archive.extractall(target)
        return epath.Path(target)

    def iter_archive(self, path: Any) -> Iterator[tuple[str, Any]]:
        if zipfile.is_zipfile(path):
            archive = zipfile.ZipFile(path)
            yield from ((name, archive.open(name)) for name in archive.namelist() if not name.endswith("/"))
        else:
            with tarfile.open(path) as tar:
                yield from ((member.name, tar.extractfile(member)) for member in tar if member.isfile())


def show(value: Any, feature: Any) -> Any:
    if isinstance(feature, tfds.features.ClassLabel):
        return feature.str2int(value) if isinstance(value, str) else int(value)
    if isinstance(feature, tfds.features.Text):
        return (value.decode() if isinstance(value, bytes) else value).strip()
    if isinstance(value, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
    data = value.read() if hasattr(value, "read") else Path(value).read_bytes()
    return hashlib.sha256(data).hexdigest()


def list_examples(name: str, folder: Path, scratch: Path) -> dict[str, Any]:
    builder = tfds.builder(name, data_dir=scratch)
    splits = builder._split_generators(LocalFiles(folder, scratch))
    if isinstance(splits, list):
        splits = {each.name: builder._generate_examples(**each.gen_kwargs) for each in splits}
    features = builder.info.features
    return {
        str(split): [{key: show(value, features[key]) for key, value in row.items()} for _, row in examples]
        for split, examples in splits.items()
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        names = json.load(sys.stdin)
        json.dump(
            {name: list_examples(name, Path(path), Path(scratch)) for name, path in names.items()}, sys.stdout
        )
