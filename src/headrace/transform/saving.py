"""Save a frozen transform as a directory of JSON and text, and load it; nothing in it is ever executed.

graph.json               the nodes, each after its inputs, the outputs, and what is known of removed outputs
statistics.json          each statistic by name: its numbers, or the file that holds its strings
plan.json                how the statistics were computed, for `Transform.explain`
vocabularies/NAME.txt    one string per line, UTF-8, in the order of the indices; see
                         `headrace.transform.vocabulary_files` for its escapes
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import HeadraceError, ModelError, UsageError
from headrace.storage import (
    FileSet,
    Manifest,
    complete_commit,
    expand_home,
    file_exists,
    file_size,
    local_path,
    read_bytes,
)
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Constant, Graph, Node
from headrace.transform.graph.graph_json import (
    array_json,
    constant_node,
    node_at,
    node_json,
    read_array,
    read_node,
)
from headrace.transform.plan import Plan
from headrace.transform.removed_outputs import RemovedOutput, read_removed_outputs, to_removed_json
from headrace.transform.saved_folder import VOCABULARIES, find_files, is_free, remove_empty_vocabularies
from headrace.transform.vocabulary_files import escape, unescape

__all__ = ["manifest_path", "read_graph", "read_plan", "read_removed", "write_graph"]

FORMAT = 1
_MANIFEST = "manifest.json"
_MOST_BYTES = 2**31  # of a file


def manifest_path(directory: str | os.PathLike[str]) -> str:
    """Return the path of the manifest of a transform's directory."""
    return os.path.join(expand_home(directory), _MANIFEST)  # noqa: PTH118 - it may be a URL


def write_graph(
    graph: Graph,
    directory: str | os.PathLike[str],
    plan: Plan | None = None,
    removed: Mapping[str, RemovedOutput] | None = None,
) -> None:
    """Write an analysed graph and, if they are given, its plan and what is known of removed outputs.

    The directory is local or at a URL.

    An existing transform is replaced; after an error a local one is unchanged.

    Raises:
        UsageError: The path exists and is not a saved transform.
    """
    target = expand_home(directory)
    complete_commit(manifest_path(target))
    if not file_exists(_join(target, "graph.json")) and not is_free(target):
        raise UsageError("exists and is not a saved transform", path=target, hint="choose another name")
    nodes = graph.nodes
    places = {node: place for place, node in enumerate(nodes)}
    with FileSet(
        manifest_path(target),
        owns=lambda _: True,
        replaces=lambda _: True,
        earlier=find_files(target),
        create=True,
    ) as files:
        _write_json(files, _join(target, "graph.json"), {
            "format": FORMAT,
            "nodes": [_node_json(node, places) for node in nodes],
            "outputs": {name: places[node] for name, node in graph.outputs.items()},
            **({"removed": to_removed_json(removed)} if removed else {}),
        })  # fmt: skip
        _write_statistics(files, target, nodes)
        if plan is not None:
            _write_json(files, _join(target, "plan.json"), plan.to_json())
    remove_empty_vocabularies(target)


def _join(directory: str, name: str) -> str:
    return os.path.join(directory, name)  # noqa: PTH118 - it may be a URL


def read_graph(directory: str | os.PathLike[str]) -> Graph:
    """Read a graph that `write_graph` wrote.

    Raises:
        ModelError: The directory does not hold a transform, or one that this version cannot read.
    """
    path = _join(expand_home(directory), "graph.json")
    stored = _read_json(path)
    if stored.get("format") != FORMAT:
        raise ModelError(
            f"expected a transform of format {FORMAT}, got format {stored.get('format')!r}",
            path=path,
            hint="analyze again",
        )
    nodes: list[Node] = []
    try:
        statistics = _read_statistics(expand_home(directory))
        for each in stored["nodes"]:
            nodes.append(_read_node(each, nodes, statistics))
        graph = Graph({name: node_at(nodes, place) for name, place in stored["outputs"].items()})
    except ModelError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, HeadraceError) as error:
        what = f"corrupt transform, at node {len(nodes)} ({type(error).__name__}: {error})"
        raise ModelError(what, path=path, hint="analyze again") from error
    _check_files(expand_home(directory))
    return graph


def _check_files(directory: str) -> None:
    """Check sizes and checksums against the manifest, if there is one; the plan may be missing."""
    try:
        manifest = Manifest.read(manifest_path(directory))
        if manifest is not None:
            names = [name for name in manifest.files if name != "plan.json"]
            if file_exists(_join(directory, "plan.json")):
                names.append("plan.json")
            manifest.check_sizes(_join(directory, ""), names)
            for name in names:
                manifest.check_checksum(_join(directory, ""), name)
    except HeadraceError as error:
        raise ModelError(error.what, path=error.path, hint=error.hint) from error


def read_removed(directory: str | os.PathLike[str]) -> dict[str, RemovedOutput]:
    """Read what `write_graph` wrote of removed outputs.

    Raises:
        ModelError: The file is damaged.
    """
    path = _join(expand_home(directory), "graph.json")
    try:
        return read_removed_outputs(_read_json(path).get("removed", {}))
    except ValueError as error:
        what = f"corrupt transform, in its removed outputs ({error})"
        raise ModelError(what, path=path, hint="analyze again") from error


def read_plan(directory: str | os.PathLike[str]) -> Plan | None:
    """Read the plan that `write_graph` wrote; None if the transform was saved without one.

    Raises:
        ModelError: The file is not a plan.
    """
    path = _join(expand_home(directory), "plan.json")
    if not file_exists(path):
        return None
    stored = _read_json(path)
    try:
        return Plan.from_json(stored)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"corrupt plan ({type(error).__name__}: {error})"
        raise ModelError(what, path=path, hint="analyze again") from error


def _node_json(node: Node, places: Mapping[Node, int]) -> dict[str, Any]:
    assert not isinstance(node.what, Analyzer), f"{node} has not been analysed"
    if isinstance(node.what, Constant) and node.what.statistic:
        return {"statistic": node.what.statistic}
    return node_json(node, places)


def _read_node(stored: Mapping[str, Any], nodes: list[Node], statistics: Mapping[str, Any]) -> Node:
    if "analyzer" in stored:
        raise ValueError("an analyzer in an analysed graph")
    name = stored.get("statistic")
    return constant_node(statistics[name], name) if name else read_node(stored, nodes)


def _write_statistics(files: FileSet, directory: str, nodes: Sequence[Node]) -> None:
    known = {
        node.what.statistic: node.what.value
        for node in nodes
        if isinstance(node.what, Constant) and node.what.statistic
    }
    stored: dict[str, Any] = {}
    for number, (name, value) in enumerate(known.items()):
        if isinstance(value, np.ndarray):
            stored[name] = array_json(value)
            continue
        file = f"{VOCABULARIES}/{number}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name).strip('-')[:100]}.txt"
        text = "".join(escape(word) + "\n" for word in value.to_pylist())
        files.write(_join(directory, file), text.encode())
        stored[name] = {"strings": file, "length": len(value)}
    _write_json(files, _join(directory, "statistics.json"), stored)


def _read_statistics(directory: str) -> dict[str, Any]:
    stored = _read_json(_join(directory, "statistics.json"))
    return {
        name: _read_strings(directory, value) if "strings" in value else read_array(value)
        for name, value in stored.items()
    }


def _read_strings(directory: str, stored: Mapping[str, Any]) -> pa.Array:
    path = _join(directory, stored["strings"])
    if not file_exists(path) or not _is_inside(directory, stored["strings"]):
        raise ModelError("the vocabulary file is missing", path=path, hint="analyze again")
    _check_size(path)
    words = [unescape(line) for line in read_bytes(path).decode().split("\n")[:-1]]
    if len(words) != stored["length"]:
        what = f"expected {stored['length']:,} strings, got {len(words):,}"
        raise ModelError(what, path=path, hint="analyze again")
    return pa.array(words, pa.string())


def _is_inside(directory: str, name: str) -> bool:
    """Return whether a name stays inside the directory, symbolic links resolved."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "://" in name:
        return False
    local = local_path(directory)
    if local is None:
        return True
    return Path(os.path.realpath(local / name)).is_relative_to(os.path.realpath(local))


def _write_json(files: FileSet, path: str, value: Any) -> None:
    files.write(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def _check_size(path: str) -> None:
    """Refuse a file that would not fit memory before reading it."""
    size = file_size(path)
    if size is not None and size > _MOST_BYTES:
        what = f"{size:,} bytes, but the most is {_MOST_BYTES:,}"
        raise ModelError(what, path=path, hint="name the directory that Transform.save wrote")


def _read_json(path: str) -> dict[str, Any]:
    if not file_exists(path):  # or is a pipe, which would block
        hint = "name the directory that Transform.save wrote"
        raise ModelError("the directory does not hold a transform", path=path, hint=hint)
    _check_size(path)
    try:
        value = json.loads(read_bytes(path).decode())
    except UsageError as error:
        hint = "name the directory that Transform.save wrote"
        raise ModelError(error.what, path=path, hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"not JSON ({error})", path=path, hint="analyze again") from error
    if not isinstance(value, dict):
        raise ModelError("not a JSON object", path=path, hint="analyze again")
    return value
