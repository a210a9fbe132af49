"""Every wire form of Example and SequenceExample, read as TensorFlow does (tools/make_golden_messages.py).

Where we differ on purpose, the message is named here with the reason, and the test holds us to differing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import RecordError
from headrace.records import RecordReader, RecordWriter, read, read_schema
from headrace.records.schema.sequence_example import SequenceSchema

GOLDEN = Path(__file__).parents[2] / "golden"
REFUSED = "refused"

MERGE = "protocol buffers join the pieces; TensorFlow drops all but the first, or refuses them"
UNKNOWN = "protocol buffers skip unknown fields everywhere; TensorFlow refuses most"
ENTRY = "protocol buffers allow entries of any form; TensorFlow wants a key and a value, in this order"
REPLACED = (
    "a later entry replaces an earlier one, even by nothing; TensorFlow goes back to the earlier for scalars"
)
EMPTY = "the default stands for an empty list too"
FIELD_ZERO = "field number zero is invalid in protocol buffers; TensorFlow skips it"

ON_PURPOSE = {
    "floats in two packs and one alone": MERGE,
    "ints in packs": MERGE,
    "a feature's list twice": MERGE,
    "values in two packs": MERGE,
    "an entry's value twice": MERGE,
    "an entry's value twice, of two kinds": MERGE,
    "a value twice in one entry": MERGE,
    "a list's value twice": MERGE,
    "unknown fields everywhere": UNKNOWN,
    "an unknown group before the features": UNKNOWN,
    "an unknown field among the entries": UNKNOWN,
    "an unknown field in an entry": UNKNOWN,
    "an unknown field before the list": UNKNOWN,
    "an unknown field among the lists": UNKNOWN,
    "an unknown field among the steps": UNKNOWN,
    "an unknown field in a step": UNKNOWN,
    "a list of the wrong wire type": UNKNOWN,
    "an entry without a value": ENTRY,
    "an entry without a key": ENTRY,
    "an entry without steps": ENTRY,
    "the steps before the name": ENTRY,
    "a key twice, the last without a list": REPLACED,
    "an empty list": EMPTY,
    "an empty list of another kind": EMPTY,
    "a key twice, the last with an empty list": EMPTY,
    "field number zero": FIELD_ZERO,
}


def cases(name: str) -> Iterator[tuple[str, Any]]:
    def bytes_of(value: dict[str, Any]) -> Any:
        return bytes.fromhex(value["hex"]) if value.keys() == {"hex"} else value

    text = (GOLDEN / f"{name}.json").read_text()
    for case in json.loads(text, object_hook=bytes_of)["expected"]:
        yield name, case


def tensors(array: Any) -> Any:
    """Each tensor as nested lists, strings too."""
    return [np.array(one, object).reshape(array.type.shape).tolist() for one in array.storage.to_pylist()]


def nested(array: pa.Array) -> Any:
    """The one row of a column; what is missing counts as empty, for TensorFlow knows no difference."""
    if isinstance(array, pa.ExtensionArray):
        return tensors(array)[0]
    if pa.types.is_list(array.type) and isinstance(array.type.value_type, pa.BaseExtensionType):
        return tensors(array.flatten())
    found = array.to_pylist()[0]
    return [] if found is None else found


@cache
def records(name: str) -> list[bytes]:
    return list(RecordReader(GOLDEN / f"{name}.tfrecord"))


def headrace_reads(name: str, case: Any, folder: Path) -> Any:
    data = records(name)[case["record"]]
    with RecordWriter(folder / "a.tfrecord") as writer:
        writer.write(data)
    (folder / "a.schema.json").write_text(json.dumps(case["schema"]))
    schema = read_schema(folder / "a.schema.json")
    try:
        (batch,) = read(folder / "a.tfrecord", schema, threads=1)
    except RecordError:
        return REFUSED
    batch.validate(full=True)
    column = nested(batch.columns[-1])
    return [[column], [batch["c"][0].as_py()]] if isinstance(schema, SequenceSchema) else [column]


def test_messages_parse_as_in_tensorflow(tmp_path: Path) -> None:
    seen = {"examples": 0, "sequences": 0}
    differing = set()
    for name, case in [*cases("examples"), *cases("sequences")]:
        expected = REFUSED if case.get("refused") else case["values"]
        found = headrace_reads(name, case, tmp_path)
        if found != expected:
            place = (case["message"], case["schema"], expected, found)
            assert case["message"] in ON_PURPOSE, place
            differing.add(case["message"])
        seen[name] += 1
    assert differing == ON_PURPOSE.keys()
    assert all(count > 100 for count in seen.values())
