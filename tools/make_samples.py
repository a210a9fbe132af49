"""Make the samples in src/headrace/datasets/samples.

    python tools/make_samples.py DIR

DIR contains the four Fashion-MNIST idx files and housing.csv. The output is deterministic. The film reviews
are generated here (see `review`), not copied from any source.
"""

from __future__ import annotations

import gzip
import random
import sys
import zipfile
from pathlib import Path

import numpy as np

from headrace.datasets.dataset_builder import find_file
from headrace.datasets.parsers.idx import read_idx, write_idx

SAMPLES = Path(__file__).parent.parent / "src/headrace/datasets/samples"


def fashion_mnist(folder: Path) -> None:
    """Write 12,000 training images in two files below 4 MB and 2,000 test images, in balanced classes."""
    images, labels = _balanced(folder, "train", 1200, known=set())
    for part in (0, 1):
        half = slice(part * 6000, (part + 1) * 6000)
        _write(f"train-{part}", images[half], labels[half])
    _write("test", *_balanced(folder, "t10k", 200, known={image.tobytes() for image in images}))


def _balanced(folder: Path, part: str, each: int, known: set[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Select the first `each` images of every class that are not `known`, in file order."""
    names = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"
    images_path, labels_path = (find_file(folder, name, f"fashion-mnist-{name}") for name in names)
    images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
    is_new = np.array([image.tobytes() not in known for image in images])
    rows = np.sort(np.concatenate([np.flatnonzero((labels == k) & is_new)[:each] for k in range(10)]))
    return images[rows], labels[rows]


def _write(part: str, images: np.ndarray, labels: np.ndarray) -> None:
    write_idx(SAMPLES / f"fashion_mnist-{part}-images.idx3.gz", images)
    write_idx(SAMPLES / f"fashion_mnist-{part}-labels.idx1.gz", labels)


def housing(folder: Path) -> None:
    """Write all 20,640 rows."""
    text = (folder / "housing.csv").read_bytes()
    (SAMPLES / "housing.csv.gz").write_bytes(gzip.compress(text, 9, mtime=0))


# Film reviews. A review has a verdict and 5 to 11 sentences. A sentence is about one aspect of the film and
# is positive, negative or neutral; four in five of the opinions agree with the verdict. Some opinions negate
# their opposite ("never dull"), some words are misspelt, and some reviews are in capitals.

PARTS = (
    "acting", "cast", "lead", "script", "plot", "story", "dialogue", "pacing", "ending", "first half",
    "music", "score", "camera work", "editing", "direction", "villain", "comedy", "romance",
    "final chase", "set design",
)  # fmt: skip
LIKED = (
    "superb", "moving", "clever", "gripping", "funny", "charming", "fresh", "elegant", "honest",
    "stunning", "sharp", "warm", "thrilling", "subtle", "delightful", "original", "convincing",
    "memorable", "tender", "masterful", "witty", "beautiful", "intelligent", "haunting", "lively",
)  # fmt: skip
DISLIKED = (
    "dull", "clumsy", "lazy", "predictable", "boring", "tedious", "flat", "shallow", "wooden", "awful",
    "messy", "forced", "stale", "silly", "lifeless", "annoying", "bland", "hollow", "muddled",
    "pointless", "tiresome", "sloppy", "pretentious", "dreary", "ugly",
)  # fmt: skip
OPINIONS = (
    "the {part} is {word} .",
    "i found the {part} {word} .",
    "what a {word} {part} !",
    "and then there is the {part} , which is {word} from start to finish .",
    "even on a second viewing the {part} seems {word} .",
    "most people will call the {part} {word} , and they are right .",
    "my friends thought the {part} was {word} , and so did i .",
    "the {part} , to say the least , is {word} and {second} .",
)
DENIALS = (
    "the {part} is never {word} .",
    "nobody could call the {part} {word} .",
    "i expected a {word} {part} , but it is nothing of the kind .",
    "the {part} is anything but {word} .",
)
NEUTRAL = (
    "the film opens in {place} on a rainy {time} .",
    "{name} plays a {job} who comes back to {place} .",
    "two hours later {name} meets a {job} .",
    "it was shot in {place} with a small crew .",
    "this is the third film by {name} , after a long break .",
    "a {job} loses a letter , and {name} finds it one {time} .",
    "i saw it last {time} in a half empty theatre .",
    "the whole thing runs {minutes} minutes .",
)
VERDICTS = {
    "pos": (
        "go and see it .",
        "i would watch it again .",
        "well worth the ticket .",
        "i left with a smile .",
    ),
    "neg": ("stay at home .", "i want my money back .", "save your evening .", "i nearly walked out ."),
}
PLACES = (
    "lisbon",
    "a mountain village",
    "chicago",
    "a harbour town",
    "prague",
    "the desert",
    "a border station",
)
NAMES = (
    "marta velling",
    "john ashdown",
    "ines caro",
    "tom brackett",
    "lena orlow",
    "sam whitlock",
    "paul de witt",
)
JOBS = (
    "detective",
    "baker",
    "retired teacher",
    "pianist",
    "taxi driver",
    "nurse",
    "clock maker",
    "young lawyer",
)
TIMES = ("monday", "evening", "sunday", "winter morning", "afternoon", "summer night")


def review(verdict: str, rng: random.Random) -> str:
    """Generate a review of the class `verdict`."""
    sentences = [_sentence(verdict, rng) for _ in range(rng.randint(5, 11))]
    if rng.random() < 0.3:
        sentences.append(rng.choice(VERDICTS[verdict]))
    text = "\n".join(sentences)
    return text.upper() if rng.random() < 0.02 else text


def _sentence(verdict: str, rng: random.Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(NEUTRAL).format(
            place=rng.choice(PLACES),
            name=rng.choice(NAMES),
            job=rng.choice(JOBS),
            time=rng.choice(TIMES),
            minutes=rng.randint(78, 171),
        )
    likes = (verdict == "pos") == (rng.random() < 0.8)
    denied = rng.random() < 0.15
    words = LIKED if likes != denied else DISLIKED
    sentence = rng.choice(DENIALS if denied else OPINIONS).format(
        part=rng.choice(PARTS), word=rng.choice(words), second=rng.choice(words)
    )
    return " ".join(_misspell(word, rng) for word in sentence.split())


def _misspell(word: str, rng: random.Random) -> str:
    if len(word) < 5 or rng.random() > 0.03:
        return word
    at = rng.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def movie_reviews() -> None:
    """Write 400 generated reviews of each class as pos/NNN.txt and neg/NNN.txt in a .zip."""
    rng = random.Random(7)
    with zipfile.ZipFile(SAMPLES / "movie_reviews.zip", "w") as archive:
        for verdict in ("neg", "pos"):
            for number in range(400):
                entry = zipfile.ZipInfo(f"{verdict}/{number:03d}.txt", (2000, 1, 1, 0, 0, 0))
                archive.writestr(entry, review(verdict, rng) + "\n", zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    """Write every sample and print its size."""
    folder = Path(sys.argv[1])
    SAMPLES.mkdir(exist_ok=True)
    fashion_mnist(folder)
    housing(folder)
    movie_reviews()
    for path in sorted(SAMPLES.iterdir()):
        print(f"{path.stat().st_size:>9,} {path.name}")


if __name__ == "__main__":
    main()
