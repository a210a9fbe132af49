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
    """Number the words of each text by a vocabulary, and its pairs of words by their hash."""
    t = hr.transform
    tokens = t.tokenize({text})
    words = t.compute_and_apply_vocabulary(
        tokens, top_k=WORDS, num_oov_buckets=1, vocab_filename="words"
    )
    pairs = t.hash_strings(t.ngrams(tokens, (2, 2)), PAIRS)
    return {{
        "words": t.deduplicate_per_row(words),
        "pairs": t.deduplicate_per_row(pairs),
        {label},
    }}


def build_model(transform, _name):
    """Build a network with one weight for each class and word, or pair of words."""
    terms = {{"words": len(transform.vocabularies["words"]) + 1, "pairs": PAIRS}}
{call}'''


def write_text_recipe(findings: Findings, origin: Origin) -> str:
    """Write the recipe for texts as Python source."""
    label, texts = findings.label, findings.list_columns("text")
    folder = [] if origin.folder is None else [f"FOLDER = {origin.folder}"]
    classes = [write_classes(label)] if label.kind == "classes" else []
    steps = list_steps(findings, {})
    constants = "\n".join(
        [
            *folder,
            "WORDS = 20_000",
            "PAIRS = 2**17",
            *(step.constants for step in steps if step.constants),
            *classes,
        ]
    )
    imports = write_imports(origin, steps)
    introduction = write_introduction(findings, origin, f"the words of `{texts[0].name}`")
    outputs = "outputs=1" if label.kind == "number" else "outputs=len(CLASSES)"
    arguments = ["terms", outputs, 'ranked=["words"]', *write_scale(label)]
    body = _BODY.format(
        text=_write_text(texts),
        label=f"{write_literal(label.name)}: {write_label(label)}",
        call=write_call("    return hr.nn.TextNetwork(", arguments, ")"),
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
    arguments = ["epochs=8", "batch_size=32", "learning_rate=0.02", "weight_decay=0.3"]
    return write_call("    training=hr.training.Options(", [*arguments, *write_measures(findings)], "),")
