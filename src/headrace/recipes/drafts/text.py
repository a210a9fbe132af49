"""The recipe for texts: the words of a row predict its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headrace.inspection import Column, Findings
from headrace.recipes.drafts.label import write_classes, write_label, write_recipe_call, write_scale
from headrace.recipes.drafts.names import choose_name, rename_columns
from headrace.recipes.drafts.origin import Origin
from headrace.recipes.drafts.python_text import write_call, write_literal
from headrace.recipes.drafts.rows import write_imports, write_introduction, write_load
from headrace.recipes.drafts.schedule import count_training_rows, write_measures
from headrace.recipes.drafts.steps import list_steps

__all__ = ["write_text_recipe"]

_FOREIGN = 0.005  # share of letters that are not ASCII, from which words are cut at other characters
_ROWS_IN_ALL = 9600  # training rows over all epochs: 300 steps, after which small data is learned
_FEWEST_EPOCHS, _MOST_EPOCHS = 6, 30
_TERMS = ("words", "starts_4", "starts_6", "pairs")
_WORD = (
    "# Letters of any script, without the punctuation that Unicode has between them. Only A to Z are\n"
    "# lower-cased; if capitals of other scripts should not count, lower-case texts before, in serving too.\n"
    r'''WORD = "[a-z0-9'\u00c0-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\U0010ffff]+"'''
)
_UNSPACED_WORD = (
    "# Letters of any script, without the punctuation that Unicode has between them.\n"
    r'''WORD = "[a-z0-9'\u00c0-\u1fff\u2c00-\u2dff\ua4d0-\ud7ff\uf900-\U0001ffff]+"'''
    "\n# Chinese and Japanese characters, which have no spaces between words.\n"
    r'''CHARACTER = "[\u3040-\ua4cf\U00020000-\U0003ffff]"'''
)
_BODY = '''\
def preprocess(inputs):
    """Number the words of each text, their first letters, and pairs of words by their hash."""
    t = hr.transform
    {tokens}
    terms = {{
        {words}: number_terms(tokens, {words}),
        {starts_4}: number_terms(t.substring(tokens, 0, 4), {starts_4}),
        {starts_6}: number_terms(t.substring(tokens, 0, 6), {starts_6}),
        {pairs}: t.hash_strings(t.ngrams(tokens, (2, 2)), PAIRS),
    }}
    terms = {{name: t.deduplicate_per_row(numbers) for name, numbers in terms.items()}}
    return {{
        **terms,
        {label},
    }}


def number_terms(terms, name):
    """Number terms by a vocabulary of the most frequent; all others share one number."""
    return hr.transform.compute_and_apply_vocabulary(
        terms, top_k=TERMS, num_oov_buckets=1, vocab_filename=name
    )


def build_model(transform, _name):
    """Build a network with one weight for each class and term."""
{call}'''


def write_text_recipe(findings: Findings, origin: Origin) -> str:
    """Write the recipe for texts as Python source."""
    label, texts = findings.label, findings.list_columns("text")
    folder = [] if origin.folder is None else [f"FOLDER = {origin.folder}"]
    classes = [write_classes(label)] if label.kind == "classes" else []
    renamed = rename_columns(texts, findings)
    tokens, word = _write_tokens(texts, renamed)
    steps = list_steps(findings, renamed)
    constants = "\n".join(
        [
            *folder,
            *word,
            "TERMS = 20_000",
            "PAIRS = 2**18",
            *(step.constants for step in steps if step.constants),
            *classes,
        ]
    )
    imports = write_imports(origin, steps)
    introduction = write_introduction(findings, origin, f"the words of `{texts[0].name}`")
    name = f"label={write_literal(label.name)}"
    terms = {each: write_literal(choose_name(each, {label.name})) for each in _TERMS}
    arguments = ["transform", name, f"buckets={{{terms['pairs']}: PAIRS}}", *write_scale(label)]
    body = _BODY.format(
        **terms,
        tokens=tokens,
        label=f"{write_literal(label.name)}: {write_label(label)}",
        call=write_call("    return hr.nn.TextNetwork.from_transform(", arguments, ")"),
    )
    return "\n\n\n".join(
        [
            f"{introduction}\n\n{imports}\n\n{constants}",
            *write_load(findings, origin, renamed, steps),
            body,
            write_recipe_call(label, _write_options(findings)),
        ]
    )


def _write_tokens(texts: Sequence[Column], renamed: Mapping[str, str]) -> tuple[str, list[str]]:
    """Write the tokens of the texts, and the constants that they need."""
    text = _write_text(texts, renamed)
    if any(each.unspaced > _FOREIGN for each in texts):
        parts = "[t.tokenize_regex(text, WORD), t.tokenize_regex(text, CHARACTER)]"
        return f"text = t.lower({text})\n    tokens = t.join_lists(\n        {parts}\n    )", [_UNSPACED_WORD]
    if any(each.foreign > _FOREIGN for each in texts):
        return f"tokens = t.tokenize_regex(t.lower({text}), WORD)", [_WORD]
    return f"tokens = t.tokenize({text})", []


def _write_text(texts: Sequence[Column], renamed: Mapping[str, str]) -> str:
    columns = [f"inputs[{write_literal(renamed.get(each.name, each.name))}]" for each in texts]
    return columns[0] if len(columns) == 1 else f't.join_strings([{", ".join(columns)}], " ")'


def _write_options(findings: Findings) -> str:
    epochs = max(_FEWEST_EPOCHS, min(_MOST_EPOCHS, _ROWS_IN_ALL // count_training_rows(findings)))
    arguments = [f"epochs={epochs}", "batch_size=32", "learning_rate=0.02", "weight_decay=0.3"]
    return write_call("    training=hr.training.Options(", [*arguments, *write_measures(findings)], "),")
