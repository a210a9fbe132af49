"""What the card of a data set says, the YAML at the start of its `README.md`.

    ---
    license: mit
    configs:
    - config_name: default
      data_files:
      - split: train
        path: data/train-*.parquet
    dataset_info:
      features:
      - name: label
        dtype: {class_label: {names: {'0': neg, '1': pos}}}
      splits:
      - {name: train, num_examples: 1000}
    ---

Source: https://huggingface.co/docs/hub/datasets-cards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from headrace.errors import UsageError
from headrace.extras import require
from headrace.suggestions import suggest

__all__ = ["Card", "Config", "match_files", "read_card"]

_MAX_CARD = 4 << 20  # bytes
_MAX_DEPTH = 32
_MAX_TEXT = 600  # characters of a description
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_DEFAULT = "default"


@dataclass(frozen=True)
class Config:
    """A configuration of a data set.

    Attributes:
        name: Its name.
        files: The patterns of the files of each split; empty if the card does not say.
        folder: The folder of the files; empty for all.
        class_names: The names of classes, by column.
        rows: The rows of each split.
    """

    name: str = _DEFAULT
    files: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    folder: str = ""
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class Card:
    """A card.

    Attributes:
        configs: The configurations, at least one.
        licence: The licence.
        description: The first paragraph of the text, or the title.
        citation: The first BibTeX entry.
    """

    configs: tuple[Config, ...] = (Config(),)
    licence: str = ""
    description: str = ""
    citation: str = ""

    def choose(self, name: str | None, path: str) -> Config:
        """Choose a configuration; for None, the only one or the default.

        Raises:
            UsageError: An unknown one, or none of several is the default.
        """
        known = {config.name: config for config in self.configs}
        if name is None and (len(known) == 1 or _DEFAULT in known):
            return known.get(_DEFAULT, self.configs[0])
        if name is not None and name in known:
            return known[name]
        if name is None:
            names = ", ".join(list(known)[:20])
            what = f"the card names the configurations {names}, and none of them is the default"
            raise UsageError(what, path=path, hint=f"name one: {path}/{self.configs[0].name}")
        raise UsageError(f"unknown configuration '{name}'", path=path, hint=suggest(name, known))


def read_card(text: bytes | None, path: str) -> Card:
    """Read a card.

    Args:
        text: The content of `README.md`; None if the folder lacks it.
        path: Its name, for messages.

    Raises:
        UsageError: It is not YAML, or says of files or features what cannot be read.
        DependencyError: PyYAML is not installed.
    """
    if text is None:
        return Card()
    if len(text) > _MAX_CARD:
        raise UsageError("larger than 4 MiB", path=path, hint="shorten it, or remove it")
    content = text.decode(errors="replace")
    front = _FRONT.match(content)
    body = content if front is None else content[front.end() :]
    stored = {} if front is None else _parse(front[1], path)
    licence = stored.get("license", "")
    names = licence if isinstance(licence, list) else [licence]
    return Card(
        _read_configs(stored, path),
        ", ".join(str(each) for each in names if each),
        _describe(body, str(stored.get("pretty_name", ""))),
        next(iter(re.findall(r"^@\w+\{.*?^\}", body, re.MULTILINE | re.DOTALL)), "")[:4096],
    )


def match_files(files: Sequence[str], patterns: Sequence[str], path: str) -> list[str]:
    """Choose the files that match patterns, in the order of the patterns; "**" stands for folders.

    Raises:
        UsageError: A pattern names a URL or a place outside of the folder, or matches no file.
    """
    chosen: list[str] = []
    for pattern in patterns:
        if "://" in pattern or pattern.startswith(("/", "~")) or ".." in pattern.split("/"):
            what = f"a pattern of files outside of the folder: {pattern[:200]!r}"
            raise UsageError(what, path=path, hint="name files of the folder")
        matches = re.compile(_translate(pattern.removeprefix("./"))).fullmatch
        found = sorted(file for file in files if matches(file))
        if not found:
            what = f"the card names files that are missing: {pattern[:200]!r}"
            raise UsageError(what, path=path, hint="restore them, or correct `configs`")
        chosen += [file for file in found if file not in chosen]
    return chosen


def _translate(pattern: str) -> str:
    """Translate a pattern to a regular expression."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", pattern)
    wild = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        wild.get(part) or (part if place % 2 else re.escape(part)) for place, part in enumerate(parts)
    )


def _parse(text: str, path: str) -> dict[str, Any]:
    require("yaml", extra="huggingface", purpose="the card of a data set")
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast
    hint = "correct the lines between --- and ---"
    try:
        _check_structure(yaml.parse(text, loader))
        stored = yaml.load(text, loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        what = f"its card is not YAML ({str(error).splitlines()[0][:160]})"
        raise UsageError(what, path=path, hint=hint) from error
    if stored is None:
        return {}
    if not isinstance(stored, dict):
        raise UsageError("expected keys and values in its card", path=path, hint=hint)
    return cast("dict[str, Any]", stored)


def _check_structure(events: Iterable[Any]) -> None:
    """Refuse aliases, by which a small file can describe billions of values, and deep nesting.

    Raises:
        ValueError: There is one.
    """
    depth = 0
    for event in events:
        kind = type(event).__name__
        if kind == "AliasEvent":
            raise ValueError("aliases are not supported")
        depth += kind in ("MappingStartEvent", "SequenceStartEvent")
        depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
        if depth > _MAX_DEPTH:
            raise ValueError(f"nested more than {_MAX_DEPTH} levels deep")


def _read_configs(stored: dict[str, Any], path: str) -> tuple[Config, ...]:
    described = {str(each.get("config_name", _DEFAULT)): each for each in _dicts(stored.get("dataset_info"))}
    configs = _dicts(stored.get("configs"))
    named = {str(each.get("config_name", _DEFAULT)): each for each in configs}
    default = next((name for name, each in named.items() if each.get("default") is True), None)
    found = [
        Config(
            _DEFAULT if name == default else name,
            _read_files(named.get(name, {}).get("data_files"), path),
            str(named.get(name, {}).get("data_dir") or "").strip("/"),
            _read_names(described.get(name, {})),
            _read_rows(described.get(name, {})),
        )
        for name in (named or described or [_DEFAULT])
    ]
    return tuple(found)


def _read_files(stored: Any, path: str) -> dict[str, list[str]]:
    if stored is None:
        return {}
    if isinstance(stored, str) or (
        isinstance(stored, list) and all(isinstance(each, str) for each in stored)
    ):
        return {"train": [stored] if isinstance(stored, str) else list(stored)}
    files: dict[str, list[str]] = {}
    for each in _dicts(stored):
        patterns = each.get("path")
        patterns = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
            raise UsageError(
                "expected `split` and `path` in `data_files`", path=path, hint="correct its card"
            )
        files.setdefault(str(each.get("split", "train")), []).extend(cast("list[str]", patterns))
    return files


def _read_names(described: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for feature in _dicts(described.get("features")):
        dtype = feature.get("dtype")
        label = dtype.get("class_label") if isinstance(dtype, dict) else None
        names = label.get("names") if isinstance(label, dict) else None
        if isinstance(names, dict):
            found[str(feature.get("name"))] = tuple(str(each) for each in names.values())
        elif isinstance(names, list):
            found[str(feature.get("name"))] = tuple(str(each) for each in names)
    return found


def _read_rows(described: dict[str, Any]) -> dict[str, int]:
    splits = _dicts(described.get("splits"))
    return {
        str(each.get("name")): each["num_examples"]
        for each in splits
        if isinstance(each.get("num_examples"), int)
    }


def _dicts(value: Any) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [cast("dict[str, Any]", each) for each in values if isinstance(each, dict)]


def _describe(body: str, title: str) -> str:
    """Return the first paragraph of a text, or else its title."""
    body = re.sub(r"<!--.*?-->|```.*?```", "", body, flags=re.DOTALL)
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", body)]
    texts = [each for each in paragraphs if each and each[0] not in "#-*|<[!>"]
    return (texts[0] if texts else title)[:_MAX_TEXT]
