from headrace import datasets

from ..commands import error_line, run_command, run_process


def test_the_card_is_printed() -> None:
    out = " ".join(run_process("datasets", "info", "fashion_mnist").out.split())
    assert out.startswith("fashion_mnist 1.0.0 Greyscale images of clothes")
    for text in (
        "rows train 60,000, test 10,000 sample train 12,000, test 2,000",
        "columns image uint8 28 × 28 label int64",
        "classes 10: T-shirt/top, Trouser",
        "files train-images-idx3-ubyte.gz, 25.2 MiB",
        "parser ran on real file",
        "prepared headrace datasets prepare fashion_mnist",
    ):
        assert text in out


def test_a_long_list_of_classes_is_cut() -> None:
    out = " ".join(run_command("datasets", "info", "imagenet2012").out.split())
    assert "classes 1,000: n01440764, n01443537," in out
    assert ", and 890 more licence" in out


def test_of_a_prepared_dataset_the_folder_is_named(tmp_path) -> None:
    folder = datasets.prepare("housing", tmp_path)
    out = run_command("datasets", "info", "housing", "--data-dir", tmp_path).out
    assert str(folder) in "".join(line[15:].rstrip() for line in out.splitlines())
    assert "dcc.fc.up.pt" in out


def test_an_unknown_name_is_one_line() -> None:
    assert "did you mean 'housing'" in error_line(run_command("datasets", "info", "hosuing"))
