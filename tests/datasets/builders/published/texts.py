"""The archives of texts."""

import hashlib
from pathlib import Path

from .published import Published, Rows, pack_tar, pack_zip

_REVIEWS = (
    "Dull.<br /><br />Très dull.",
    "A joy - \x96 twice!",
    "So-so 'film'\twith tabs",
    "",
    "Ends in a line\n",
)


def write_imdb(folder: Path) -> dict[str, Rows]:
    """Names are NUMBER_RATING.txt; the rating of unlabelled reviews is 0."""
    files = {"aclImdb/README": b"Large Movie Review Dataset v1.0\n", "aclImdb/imdb.vocab": b"the\nand\n"}
    rows: dict[str, Rows] = {}
    for split in ("train", "test"):
        rows[split] = []
        files[f"aclImdb/{split}/urls_pos.txt"] = b"http://www.imdb.com/title/tt0453418/usercomments\n"
        files[f"aclImdb/{split}/labeledBow.feat"] = b"9 0:9 1:1\n"
        for label, name, rating in ((0, "neg", 1), (1, "pos", 10)):
            for number, review in enumerate(_REVIEWS):
                text = f"{split} {name}: {review}"
                files[f"aclImdb/{split}/{name}/{number}_{rating}.txt"] = text.encode()
                rows[split].append({"text": text, "label": label})
    rows["unsupervised"] = [{"text": f"Who knows {number}", "label": -1} for number in range(4)]
    for number, row in enumerate(rows["unsupervised"]):
        files[f"aclImdb/train/unsup/{number}_0.txt"] = row["text"].encode()
    pack_tar(folder / "aclImdb_v1.tar.gz", files)
    return rows


def write_news(folder: Path) -> dict[str, Rows]:
    r"""Fields in quotes, quotes doubled, commas, a backslash for a line end, lost &, classes from 1."""
    lines = (
        b'"3","Oil falls, stocks rise","Traders - a ""dwindling"" band\\of them\\, it seems - are glad."\n'
        b'"4","Chips #39;r us","New chips; old fries."\n'
        b'"1","Talks","Talks\\\\were held"\n"2","","Cup drawn "\n'
    )
    train = [
        ("Oil falls, stocks rise", 'Traders - a "dwindling" band\\of them\\, it seems - are glad.', 2),
        ("Chips #39;r us", "New chips; old fries.", 3),
        ("Talks", "Talks\\\\were held", 0),
        ("", "Cup drawn ", 1),
    ]
    files = {
        "ag_news_csv/classes.txt": b"World\nSports\nBusiness\nSci/Tech\n",
        "ag_news_csv/train.csv": lines,
    }
    files["ag_news_csv/test.csv"] = b'"2","Ch\xc3\xa1vez wins","By a length"\n'
    pack_tar(folder / "ag_news_csv.tar.gz", files)
    rows = {"train": train, "test": [("Chávez wins", "By a length", 1)]}
    names = ("title", "description", "label")
    return {split: [dict(zip(names, row, strict=True)) for row in found] for split, found in rows.items()}


def write_sentences(folder: Path) -> dict[str, Rows]:
    """Sentences with a space before their end; one is in the file twice."""
    files = {"sentence_polarity/README.txt": b"Sentence Polarity Dataset 1.0\n"}
    rows: dict[str, Rows] = {"train": [], "test": []}
    for label, name in ((0, "neg"), (1, "pos")):
        sentences = [f"{name} sentence number {number} , déjà vu ." for number in range(20)]
        sentences.append(sentences[3])
        files[f"sentence_polarity/rt-polarity.{name}"] = "".join(f"{each} \n" for each in sentences).encode()
        for each in sentences:
            digest = hashlib.sha256(each.encode()).hexdigest()
            rows["train" if int(digest[-16:], 16) % 5 else "test"].append({"text": each, "label": label})
    pack_zip(folder / "sentence_polarity.zip", files)
    return rows


TEXTS = {
    "imdb_reviews": Published(write_imdb),
    "ag_news": Published(write_news, keeps_order=True),
    "sentence_polarity": Published(write_sentences),
}
