"""`headrace run` has a flag for every training option that a command line can write."""

import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from headrace.cli.run.training_flags import add_training_flags
from headrace.errors import UsageError
from headrace.training import Options

WITHOUT_FLAG = {"augment", "loss", "logger", "profile"}
Given = dict[str, Any]


def call(*arguments: str) -> Given:
    """Call a command that has the flags."""
    given: list[Given] = []

    def command(name: str = "x", training: Any = None) -> None:
        given.append({"name": name, **training})

    app = typer.Typer()
    app.command()(add_training_flags(command))
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return given[0] if given else {"code": result.exit_code, "output": result.output}


def test_options_of_every_type() -> None:
    flags = "--name y --epochs 3 --learning-rate 0.1 --optimizer nadam --compile --patience 2 --ema-decay 0.9"
    expected: Given = {"name": "y", "epochs": 3, "learning_rate": 0.1, "optimizer": "nadam", "compile": True}
    assert call(*flags.split()) == {**expected, "patience": 2, "ema_decay": 0.9}
    assert call("--no-compile") == {"name": "x", "compile": False}
    assert call("--freeze", "a.*", "--freeze", "b")["freeze"] == ["a.*", "b"]
    assert call("--learning-rates", "a.*=1e-4", "--learning-rates", "b=2")["learning_rates"] == {
        "a.*": 1e-4,
        "b": 2,
    }
    assert call("--metrics", "auc,f1", "--metrics", "brier")["metrics"] == ["auc", "f1", "brier"]
    assert call("--class-weight", "balanced")["class_weight"] == "balanced"
    assert call("--class-weight", "yes=5", "--class-weight", "no=1")["class_weight"] == {"yes": 5, "no": 1}
    assert call() == {"name": "x"}


def test_a_rate_without_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--learning-rates: expected NAME=NUMBER, got '0.1'"):
        call("--learning-rates", "0.1")


def test_every_option_but_functions_has_a_flag_with_its_documentation() -> None:
    shown = call("--help")["output"].replace("\n", " ")
    for field in fields(Options):
        if field.name not in WITHOUT_FLAG:
            assert f"--{field.name.replace('_', '-')}" in shown


def test_options_load_no_torch() -> None:
    code = "import sys, headrace.training; headrace.training.Options(); print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
