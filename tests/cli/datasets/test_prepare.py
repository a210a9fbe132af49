from zipfile import ZipFile

from headrace import datasets

from ..commands import error_line, run_command


def test_it_prints_the_folder_and_says_the_rows(tmp_path) -> None:
    result = run_command("datasets", "prepare", "housing", "--data-dir", tmp_path, "--shards", 2)
    assert result.out == f"{tmp_path / 'housing' / '1.0.0'}\n"
    assert "housing 1.0.0: train 16,512, test 4,128 rows, " in result.err
    assert datasets.load("housing", "test", data_dir=tmp_path).num_rows == 4_128
    assert len(list((tmp_path / "housing" / "1.0.0").glob("*train.tfrecord-*-of-00002"))) == 2


def test_a_mirror_with_other_bytes_is_one_line(tmp_path) -> None:
    with ZipFile(tmp_path / "movie_reviews.zip", "w") as archive:
        archive.writestr("pos/a.txt", "good")
    words = ("datasets", "prepare", "movie_reviews", "--mirror", tmp_path, "--data-dir", tmp_path / "data")
    assert "movie_reviews.zip: a file of this name exists with" in error_line(run_command(*words))
