"""Hints for mistyped names."""

from __future__ import annotations

from headrace.suggestions import suggest


def test_similar_names_come_first() -> None:
    assert suggest("lable", ["image", "label"]) == "did you mean 'label'?"
    assert suggest("colum1", ["column1", "column2"]) == "did you mean 'column1' or 'column2'?"


def test_letter_case_and_separators_do_not_count() -> None:
    known = ["resnet18", "resnet50", "se_resnet50"]
    for name in ("ResNet-50", "resnet_50", "RESNET50", "ResNet 50"):
        assert suggest(name, known) == "did you mean 'resnet50'?"
    assert suggest("ADAMW", ["adamw", "sgd"]) == "did you mean 'adamw'?"


def test_without_a_similar_name_the_known_ones_are_listed() -> None:
    assert suggest("zzz", ["image", "label"]) == "choose among: image, label"
    many = suggest("zzz", [f"column{n:02}" for n in range(20)])
    assert many.endswith("column11, and 8 more")
    assert suggest("zzz", []) == "none are defined"
