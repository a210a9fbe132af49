"""Data sets of the Hugging Face hub, `hf://datasets/OWNER/NAME@REVISION/CONFIG`.

Files are listed by `huggingface_hub` and downloaded into its cache when a split is first read; all are of the
commit that the revision named when the data set was opened. No code of a data set is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.folders.card import read_card
from headrace.datasets.folders.data_files import open_files, read_class_names
from headrace.datasets.folders.file_splits import FileSplits
from headrace.datasets.folders.folder_builder import OpenSplits, make_builder
from headrace.errors import UsageError
from headrace.extras import require
from headrace.storage import read_bytes

__all__ = ["is_hub_url", "open_hub"]

_URL = re.compile(
    r"hf://datasets/(?P<name>[\w.\-]+/[\w.\-]+)(?:@(?P<revision>[\w.\-~]+(?:/[\w.\-]+)*?))?(?:/(?P<config>[\w.\-]+))?/?",
    re.ASCII,
)


def is_hub_url(text: str) -> bool:
    """Return whether a name is that of a data set of the hub."""
    return text.startswith("hf://")


def open_hub(url: str) -> DatasetBuilder:
    """Open a data set of the hub.

    Raises:
        DependencyError: huggingface_hub is not installed.
        UsageError: An unknown data set, revision or configuration, or the hub cannot be reached.
    """
    require("huggingface_hub", extra="huggingface", purpose="hf://")
    found = _URL.fullmatch(url)
    if found is None:
        hint = "write it like hf://datasets/OWNER/NAME or hf://datasets/OWNER/NAME@REVISION"
        raise UsageError("not the URL of a data set of the hub", path=url, hint=hint)
    repository, names = _find_repository(url, found["name"], found["revision"])
    readme = read_bytes(repository.fetch("README.md")) if "README.md" in names else None
    card = read_card(readme, f"{url}/README.md")
    splits = FileSplits.find(names, card, found["config"], url)
    if splits is None:
        hint = "it has no Parquet, Arrow, CSV, JSON lines, tar or TFRecord files"
        raise UsageError("not a data set that can be read", path=url, hint=hint)
    first = next(iter(splits.files.values()))[0]
    in_files = read_class_names(repository.fetch(first)) if splits.kind in ("Parquet", "Arrow") else {}
    openers = {split: partial(repository.open, splits.kind, each) for split, each in splits.files.items()}
    return make_builder(
        found["name"].rpartition("/")[2],
        url,
        OpenSplits(openers),
        card=card,
        class_names={**in_files, **splits.config.class_names},
        rows=splits.config.rows,
    )


@dataclass(frozen=True)
class _Repository:
    """A commit of a data set."""

    url: str
    name: str
    commit: str

    def open(self, kind: str, files: Sequence[str]) -> Dataset:
        """Download files, and open them."""
        return open_files(kind, [self.fetch(file) for file in files], self.url)

    def fetch(self, file: str) -> str:
        """Download a file, unless it is in the cache; return its path."""
        import huggingface_hub

        try:
            return huggingface_hub.hf_hub_download(self.name, file, repo_type="dataset", revision=self.commit)
        except Exception as error:  # of the client and of what it connects by
            raise _hub_error(f"{self.url}: {file}", error) from error


def _find_repository(url: str, name: str, revision: str | None) -> tuple[_Repository, list[str]]:
    import huggingface_hub

    try:
        info: Any = huggingface_hub.HfApi().dataset_info(name, revision=revision)
        names = [str(each.rfilename) for each in info.siblings or ()]
    except Exception as error:  # of the client and of what it connects by
        raise _hub_error(url, error) from error
    return _Repository(url, name, str(info.sha)), [each for each in names if _is_inside(each)]


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return not any(part in ("", "..") or part.startswith((".", "_")) for part in parts)


def _hub_error(path: str, error: Exception) -> UsageError:
    lines = str(error).strip().splitlines()
    what = f"cannot be loaded from the hub ({type(error).__name__}: {lines[0][:200] if lines else ''})"
    return UsageError(
        what, path=path, hint="check the name, the revision and the network; or log in with `hf auth login`"
    )
