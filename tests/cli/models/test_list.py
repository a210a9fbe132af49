"""`headrace models list`."""

import re

import headrace as hr

from ..commands import run_command


def test_list_has_every_model_as_published() -> None:
    listed = run_command("models", "list").out
    assert [line.split()[0] for line in listed.splitlines()] == hr.vision.list_models()
    assert re.search(r"^vgg16 +138,357,544 parameters$", listed, re.MULTILINE)
