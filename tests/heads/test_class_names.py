"""Class names are the words of the label's classes, in their order."""

import pytest
import torch

from headrace.columns import ColumnType
from headrace.deploy import Classifier
from headrace.errors import ModelError, SchemaError
from headrace.heads import Label, agree

INTEGER = ColumnType("int64")
WORDS = ("Adelie", "Gentoo", "Chinstrap")  # by count, not in the order of the alphabet
SPECIES = Label("species", INTEGER, WORDS, "penguins", is_traced=True)
UNKNOWN = Label("species", INTEGER, (*WORDS, None), is_traced=True)
POSITIVE = Label("positive", ColumnType("bool"), (None, "pos"), is_traced=True)


def names(head: Classifier, classes: int, label: Label = SPECIES) -> tuple[str, ...] | None:
    found = agree(head, torch.zeros(4, classes), 4, label)
    assert isinstance(found, Classifier)
    return found.names


def test_names_by_the_vocabulary_of_the_label() -> None:
    assert names(Classifier(vocabulary="species"), 3) == WORDS
    assert names(Classifier(vocabulary="penguins"), 3) == WORDS
    assert names(Classifier({"Chinstrap": "C", "Adelie": "A", "Gentoo": "G"}), 3) == ("A", "G", "C")
    assert names(Classifier(WORDS), 3) == WORDS
    assert names(Classifier(), 3) is None


def test_the_class_of_words_outside_the_vocabulary() -> None:
    assert names(Classifier(vocabulary="species"), 4, UNKNOWN) == (*WORDS, "[UNK]")
    assert names(Classifier(vocabulary="species"), 3, UNKNOWN) == WORDS
    assert names(Classifier([*WORDS, "other"]), 4, UNKNOWN) == (*WORDS, "other")
    assert names(Classifier(WORDS), 3, UNKNOWN) == WORDS
    shifted = Label("species", INTEGER, (None, *WORDS))
    assert names(Classifier(vocabulary="species"), 4, shifted) == ("[UNK]", *WORDS)
    with pytest.raises(SchemaError, match=r"class 0 of the label stands for any other word, but .* 'Adelie'"):
        names(Classifier([*WORDS, "other"]), 4, shifted)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (
            Classifier(sorted(WORDS)),
            "class 1 of the label stands for 'Gentoo', but Classifier names it 'Chin",
        ),
        (Classifier(["A", "G", "C"]), r"stands for 'Adelie', .* pass Classifier\({'Adelie': 'A', ...}\)"),
        (Classifier(["adelie", "gentoo", "chinstrap"]), "class 0 of the label stands for 'Adelie'"),
        (
            Classifier(WORDS[:2]),
            "3 classes .'Adelie', 'Gentoo', 'Chinstrap'., but Classifier has 2 class names",
        ),
        (Classifier([*WORDS, "King"]), "the label has 3 classes .*, but Classifier has 4 class names"),
        (Classifier(vocabulary="island"), "by 'island', which is not the label; .*vocabulary='species'"),
        (
            Classifier({"Adelie": "a", "Gentoo": "g"}),
            "stands for 'Chinstrap', which Classifier does not name",
        ),
        (
            Classifier(dict.fromkeys(WORDS, "") | {w: w for w in WORDS} | {"King": "k"}),
            "'King', which is not a",
        ),
    ],
)
def test_names_that_are_not_the_words_of_the_label(head: Classifier, message: str) -> None:
    with pytest.raises(SchemaError, match=message) as raised:
        names(head, 3)
    assert "\n" not in str(raised.value)
    assert raised.value.feature == "species"


@pytest.mark.parametrize("classes", [1, 2, 4, 5])
def test_a_network_with_another_number_of_classes_than_the_vocabulary(classes: int) -> None:
    with pytest.raises(
        ModelError, match=r"the label 'species' has 3 classes \('Adelie', .*, but the model has"
    ):
        names(Classifier(), classes)


def test_a_comparison_with_a_word() -> None:
    for classes in (1, 2):
        assert names(Classifier(["neg", "pos"]), classes, POSITIVE) == ("neg", "pos")
    with pytest.raises(SchemaError, match=r"class 0 of the label stands for any other word, but .* 'pos'"):
        names(Classifier(["pos", "neg"]), 1, POSITIVE)
    with pytest.raises(
        SchemaError, match="class 1 of the label stands for 'pos', but Classifier names it 'yes'"
    ):
        names(Classifier(["no", "yes"]), 1, POSITIVE)
    with pytest.raises(SchemaError, match="classes without a word of their own"):
        names(Classifier(vocabulary="positive"), 1, POSITIVE)


def test_a_label_without_words() -> None:
    raw = Label("species", INTEGER, is_traced=True)
    assert names(Classifier(sorted(WORDS)), 3, raw) == tuple(sorted(WORDS))
    for head in (Classifier(vocabulary="species"), Classifier({"Adelie": "a", "Gentoo": "g"})):
        with pytest.raises(SchemaError, match="the label is not looked up in a vocabulary"):
            head.for_label(raw)
        assert head.for_label(Label("species", INTEGER)) is head  # its transform is not known
