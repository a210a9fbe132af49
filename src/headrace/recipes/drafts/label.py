"""Parts of recipes that the label decides: its classes, its column, the head and the call of `hr.Recipe`."""

from __future__ import annotations

import pyarrow as pa

from headrace.inspection import Label
from headrace.recipes.drafts.python_text import write_literal, write_number, write_tuple

__all__ = [
    "describe_label",
    "list_head_outputs",
    "write_classes",
    "write_label",
    "write_recipe_call",
    "write_scale",
]


def describe_label(label: Label) -> str:
    """Describe what is predicted in a few words."""
    if label.kind == "number":
        return "a number"
    return "two classes" if len(label.counts) == 2 else f"{len(label.counts):,} classes"


def write_classes(label: Label) -> str:
    """Write the constant that lists the words of the classes; booleans are looked up as 0 and 1."""
    words = [str(int(each)) if isinstance(each, bool) else str(each) for each in label.counts]
    return write_tuple("CLASSES", words)


def write_label(label: Label) -> str:
    """Write the expression that computes the label."""
    column = f"inputs[{write_literal(label.name)}]"
    if label.kind == "number":
        return f't.cast({column}, "float32")'
    if pa.types.is_boolean(label.type) or pa.types.is_floating(label.type):
        column = f't.cast({column}, "int64")'
    if not pa.types.is_string(label.type):
        column = f"t.as_string({column})"
    return f"t.apply_vocabulary({column}, CLASSES)"


def write_scale(label: Label) -> list[str]:
    """Write the arguments of a network that predicts in the label's units; none for classes."""
    if label.kind == "classes":
        return []
    return [f"scale={write_number(label.deviation)}", f"offset={write_number(label.mean)}"]


def list_head_outputs(label: Label) -> tuple[str, ...]:
    """List the outputs of the model; no column that it reads may have such a name."""
    return ("label", "probabilities") if label.kind == "classes" else (label.name or "prediction",)


def write_recipe_call(label: Label, options: str) -> str:
    """Write the recipe itself; `options` is its argument for the training."""
    if label.kind == "number":
        head = f"hr.deploy.Regressor({write_literal(list_head_outputs(label)[0])})"
    elif pa.types.is_boolean(label.type):
        head = 'hr.deploy.Classifier({"0": "False", "1": "True"})'
    else:
        head = "hr.deploy.Classifier(CLASSES)"
    lines = [
        "load=load,",
        "preprocess=preprocess,",
        "build_model=build_model,",
        f"label={write_literal(label.name)},",
        f"head={head},",
    ]
    inside = "".join(f"    {line}\n" for line in lines)
    return f"recipe = hr.Recipe(\n{inside}{options}\n)\n"
