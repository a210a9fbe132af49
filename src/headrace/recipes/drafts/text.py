"""The recipe for texts: the words of a row predict its label."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.inspection import Column, Findings
from headrace.recipes.drafts.label import write_classes, write_label, write_recipe_call, write_scale
from headrace.recipes.drafts.origin import Origin
from headrace.recipes.drafts.python_text import write_call, write_literal
from headrace.recipes.drafts.rows import write_imports, write_introduction, write_load
from headrace.recipes.drafts.schedule import write_measures
from headrace.recipes.drafts.steps import list_steps

__all__ = ["write_text_recipe"]

_BODY = '''\
def preprocess(inputs):
    """Look up the words in a vocabulary of the most frequent; number the classes."""
    t = hr.transform
    words = t.compute_and_apply_vocabulary(
        t.tokenize({text}),
        top_k=WORDS,
        num_oov_buckets=1,
        vocab_filename="words",
    )
    return {{"words": words, {label}}}


def build_model(transform, _name):
    """Build a network: the sum of the words' embeddings over the root of their number."""
    return nn.Sequential(
        hr.nn.BagOfEmbeddings(len(transform.vocabularies["words"]) + 1, 64),
        nn.Dropout(0.5),
        {last}
    )'''


def write_text_recipe(findings: Findings, origin: Origin) -> str:
    """Write the recipe for texts as Python source."""
    label, texts = findings.label, findings.list_columns("text")
    folder = [] if origin.folder is None else [f"FOLDER = {origin.folder}"]
    classes = [write_classes(label)] if label.kind == "classes" else []
    steps = list_steps(findings, {})
    constants = "\n".join(
        [*folder, "WORDS = 20_000", *(step.constants for step in steps if step.constants), *classes]
    )
    imports = write_imports(origin, steps, "from torch import nn")
    introduction = write_introduction(findings, origin, f"the words of `{texts[0].name}`")
    last = ["nn.Linear(64, len(CLASSES)),"]
    if label.kind == "number":
        affine = write_call("hr.nn.AffineOutput(", write_scale(label), ")")
        last = ["nn.Linear(64, 1),", f"{affine},"]
    body = _BODY.format(
        text=_write_text(texts),
        label=f"{write_literal(label.name)}: {write_label(label)}",
        last="\n        ".join(last),
    )
    return "\n\n\n".join(
        [
            f"{introduction}\n\n{imports}\n\n{constants}",
            *write_load(findings, origin, {}, steps),
            body,
            write_recipe_call(label, _write_options(findings)),
        ]
    )


def _write_text(texts: Sequence[Column]) -> str:
    columns = [f"inputs[{write_literal(each.name)}]" for each in texts]
    return columns[0] if len(columns) == 1 else f't.join_strings([{", ".join(columns)}], " ")'


def _write_options(findings: Findings) -> str:
    arguments = ["epochs=20", "batch_size=32", "learning_rate=3e-3", "weight_decay=0.01"]
    return write_call("    training=hr.training.Options(", [*arguments, *write_measures(findings)], "),")
