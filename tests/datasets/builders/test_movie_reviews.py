from collections import Counter

from headrace import datasets


def test_it_reads_a_folder_of_two_folders(tmp_path, table):
    for label in ("pos", "neg"):
        (tmp_path / label).mkdir()
        for k in range(10):
            (tmp_path / label / f"{k}.txt").write_text(f"{label} {k}")
    train, test = (
        table(datasets.load("movie_reviews", split, data_dir=tmp_path)) for split in ("train", "test")
    )
    assert Counter(train["label"].to_pylist()) == {"pos": 8, "neg": 8}
    assert Counter(test["label"].to_pylist()) == {"pos": 2, "neg": 2}
    assert len({*train["text"].to_pylist(), *test["text"].to_pylist()}) == 20


def test_the_card_says_that_the_sample_is_generated():
    assert "GENERATED" in datasets.info("movie_reviews").description
