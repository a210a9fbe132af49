import struct
from pathlib import Path

import numpy as np
import pytest

from headrace.errors import HeadraceError, ModelError, UsageError
from headrace.nn import BagOfEmbeddings

WORDS = {"good": [1.0, 0.5, -2.0], "bad": [-1.0, 0.25, 3.0], "été": [0.0, 1e-3, 7.0]}


def as_text(*, header: bool) -> bytes:
    lines = [f"{word} {' '.join(map(str, vector))}" for word, vector in WORDS.items()]
    return "\n".join([f"{len(WORDS)} 3"] * header + lines).encode() + b"\n"


def as_binary(newline: bytes = b"\n") -> bytes:
    parts = [word.encode() + b" " + struct.pack("<3f", *vector) + newline for word, vector in WORDS.items()]
    return f"{len(WORDS)} 3\n".encode() + b"".join(parts)


@pytest.mark.parametrize(
    "data",
    [as_text(header=True), as_text(header=False), as_text(header=True).replace(b"\n", b" \r\n"),
     as_binary(), as_binary(b"")],
    ids=["word2vec and fastText text", "GloVe", "trailing spaces", "word2vec binary", "without newlines"],
)  # fmt: skip
def test_vectors_of_the_vocabulary_are_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(data)
    bag = BagOfEmbeddings.from_vectors(path, ["été", "other", "good"], num_embeddings=4)
    assert bag.weight.shape == (4, 3)
    np.testing.assert_array_equal(bag.weight.detach()[[0, 2]], np.float32([WORDS["été"], WORDS["good"]]))
    assert bag.weight[1].abs().max() <= 0.05


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 100, b"good\n", b"good 1 2\nbad 1\n", b"good 1 x\n", b"good nan 1\n", b"<html>\n<body>\n",
     b"99999999999999999999999 9999999999999999\nx", b"2 3\n", b"3 300\ngood 1 2 3\n", as_binary()[:-9],
     b"1 65536\n" + b"x" * 10, b"1 0\n", b"1 2\n" + b"w" * 3_000_000],
    ids=range(14),
)  # fmt: skip
def test_hostile_files_are_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(data)
    with pytest.raises(HeadraceError, match="vectors") as error:
        BagOfEmbeddings.from_vectors(path, ["good", "bad", "été"])
    assert "\n" not in str(error.value)
    assert error.value.hint


def test_a_model_of_fasttext_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "cc.en.bin").write_bytes(struct.pack("<ii", 793712314, 12) + b"\x00" * 64)
    with pytest.raises(ModelError, match="got a model of fastText") as error:
        BagOfEmbeddings.from_vectors(tmp_path / "cc.en.bin", ["good"])
    assert ".vec" in str(error.value.hint)


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the file"):
        BagOfEmbeddings.from_vectors(tmp_path / "none.txt", ["good"])
