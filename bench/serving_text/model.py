"""The model that both serve: Keras's TextVectorization, a bag of embeddings and one linear layer.

`prepare` writes the texts, the vocabulary and the weights into the directory that the peers share.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.transform.texts import Texts

__all__ = ["WORKLOADS", "Parts", "Workload", "prepare", "read"]

VOCABULARY, WIDTH, CLASSES = 20_000, 64, 2
SPECIALS = 2  # padding and unknown words precede the vocabulary
_LONG = 200_000  # words


@dataclass(frozen=True)
class Workload:
    """Texts of about the same length.

    Attributes:
        archive: The archive of real texts; None generates them.
        words: The number of words of a generated text.
    """

    archive: str | None
    words: int = 100


WORKLOADS = {
    "reviews": Workload("movie_reviews.zip"),
    "sentences": Workload("sentence_polarity.zip"),
    "generated": Workload(None),
}


@dataclass(frozen=True)
class Parts:
    """What a peer builds the model from.

    Attributes:
        texts: The texts.
        vocabulary: The most frequent words.
        embeddings: [words, WIDTH].
        layer: [WIDTH, CLASSES].
    """

    texts: list[str]
    vocabulary: list[str]
    embeddings: np.ndarray
    layer: np.ndarray

    def batch(self, action: str) -> list[str]:
        """Return the batch of an action: a number of texts, or one long text among short ones."""
        if action == "long":
            return [
                *(text[:100] for text in self.texts[:255]),
                " ".join(self.vocabulary[:200] * (_LONG // 200)),
            ]
        return self.texts[: int(action)]


def _real_texts(archive: Path) -> list[str]:
    """Read the texts of an archive: a file each, or a line each where the files are few."""
    with zipfile.ZipFile(archive) as files:
        names = [name for name in files.namelist() if not name.endswith("/") and "readme" not in name.lower()]
        texts = [files.read(name).decode("latin-1") for name in names]
    return texts if len(texts) > 100 else [line for text in texts for line in text.splitlines()]


def prepare(directory: Path, workload: Workload, data: Path) -> None:
    """Write the texts and a model with random weights."""
    texts = _real_texts(data / workload.archive) if workload.archive else Texts(2000, workload.words).texts()
    counts = Counter(word.strip(".,()").lower() for text in texts for word in text.split())
    words = [word for word, _ in counts.most_common() if word.isalnum() and word.isascii()][:VOCABULARY]
    rng = np.random.default_rng(0)
    order = rng.permutation(len(texts))
    (directory / "texts.json").write_text(json.dumps([texts[place] for place in order[:2000]]))
    (directory / "vocabulary.json").write_text(json.dumps(words))
    embeddings = rng.normal(0, 0.1, (len(words) + SPECIALS, WIDTH)).astype(np.float32)
    np.savez(
        directory / "weights.npz",
        embeddings=embeddings,
        layer=rng.normal(size=(WIDTH, CLASSES)).astype(np.float32),
    )


def read(directory: Path) -> Parts:
    """Read what `prepare` wrote."""
    weights = np.load(directory / "weights.npz")
    texts, vocabulary = (
        json.loads((directory / f"{name}.json").read_text()) for name in ("texts", "vocabulary")
    )
    return Parts(texts, vocabulary, weights["embeddings"], weights["layer"])
