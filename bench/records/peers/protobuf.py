"""Protocol buffers in Python (upb) with hand-written framing and google-crc32c: no TensorFlow."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from bench.records.columns import build_columns, to_python_values
from bench.records.record_peer import RecordPeer

_Field = descriptor_pb2.FieldDescriptorProto
_LISTS = {"float": "float_list", "int": "int64_list", "bytes": "bytes_list"}


def _message(file: descriptor_pb2.FileDescriptorProto, name: str, *fields: tuple[Any, ...]) -> Any:
    """Add a message with fields (name, repeated, scalar type or message name), numbered from 1."""
    message = file.message_type.add(name=name)
    for number, (field, repeated, type_) in enumerate(fields, 1):
        label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
        added = message.field.add(name=field, number=number, label=label)
        if isinstance(type_, str):
            added.type, added.type_name = _Field.TYPE_MESSAGE, f".bench.{type_}"
        else:
            added.type = type_
    return message


def _map(file: descriptor_pb2.FileDescriptorProto, name: str, field: str, value: str) -> None:
    """Add a message with one map<string, value>."""
    entry = "".join(part.title() for part in field.split("_")) + "Entry"
    message = _message(file, name, (field, True, f"{name}.{entry}"))
    nested = message.nested_type.add(name=entry)
    nested.options.map_entry = True
    nested.field.add(name="key", number=1, label=_Field.LABEL_OPTIONAL, type=_Field.TYPE_STRING)
    value_type = f".bench.{value}"
    nested.field.add(
        name="value", number=2, label=_Field.LABEL_OPTIONAL, type=_Field.TYPE_MESSAGE, type_name=value_type
    )


def _classes() -> tuple[Any, Any]:
    """Create Example and SequenceExample with the field numbers of tensorflow/core/example."""
    file = descriptor_pb2.FileDescriptorProto(name="bench_example.proto", package="bench", syntax="proto3")
    for name, type_ in (
        ("Bytes", _Field.TYPE_BYTES),
        ("Float", _Field.TYPE_FLOAT),
        ("Int64", _Field.TYPE_INT64),
    ):
        _message(file, f"{name}List", ("value", True, type_))
    kinds = [(f"{kind}_list", False, f"{kind.title()}List") for kind in ("bytes", "float", "int64")]
    feature = _message(file, "Feature", *kinds)
    feature.oneof_decl.add(name="kind")
    for field in feature.field:
        field.oneof_index = 0
    _map(file, "Features", "feature", "Feature")
    _message(file, "FeatureList", ("feature", True, "Feature"))
    _map(file, "FeatureLists", "feature_list", "FeatureList")
    _message(file, "Example", ("features", False, "Features"))
    _message(
        file, "SequenceExample", ("context", False, "Features"), ("feature_lists", False, "FeatureLists")
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    names = ("bench.Example", "bench.SequenceExample")
    example, sequence = (message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names)
    return example, sequence


Example, SequenceExample = _classes()


def _masked(data: bytes) -> int:
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _payloads(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        while header := file.read(12):
            length, length_sum = struct.unpack("<QI", header)
            assert _masked(header[:8]) == length_sum
            data = file.read(length)
            assert struct.pack("<I", _masked(data)) == file.read(4)
            yield data


class Protobuf(RecordPeer):
    shards = written_shards = 1

    def _row(self, payload: bytes) -> dict[str, Any]:
        names = [(feature.name, _LISTS[feature.kind]) for feature in self.workload.features]
        features = Example.FromString(payload).features.feature
        return {name: getattr(features[name], kind).value[0] for name, kind in names}

    def _sequence_row(self, payload: bytes) -> dict[str, Any]:
        example = SequenceExample.FromString(payload)
        context, lists = example.context.feature, example.feature_lists.feature_list
        row = {}
        for feature in self.workload.features:
            kind = _LISTS[feature.kind]
            if feature.steps:
                row[feature.name] = [getattr(step, kind).value[0] for step in lists[feature.name].feature]
            else:
                row[feature.name] = getattr(context[feature.name], kind).value[0]
        return row

    def read(self) -> int:
        parse = self._sequence_row if self.workload.is_sequence else self._row
        rows = (parse(payload) for file in self.files() for payload in _payloads(file))
        return sum(build_columns(rows, self.workload.features))

    def load(self, columns: dict[str, Any]) -> None:
        self._columns = [
            to_python_values(feature, columns[feature.name]) for feature in self.workload.features
        ]

    def _message(self, row: tuple[Any, ...]) -> Any:
        message = SequenceExample() if self.workload.is_sequence else Example()
        plain = message.context.feature if self.workload.is_sequence else message.features.feature
        for feature, value in zip(self.workload.features, row, strict=True):
            kind = _LISTS[feature.kind]
            if feature.steps:
                steps = message.feature_lists.feature_list[feature.name].feature
                for step in value:
                    getattr(steps.add(), kind).value.append(step)
            else:
                getattr(plain[feature.name], kind).value.append(value)
        return message

    def write(self) -> int:
        rows = 0
        with self.target().open("wb") as file:
            for row in zip(*self._columns, strict=True):
                data = self._message(row).SerializeToString()
                length = struct.pack("<Q", len(data))
                file.write(
                    b"".join(
                        [length, struct.pack("<I", _masked(length)), data, struct.pack("<I", _masked(data))]
                    )
                )
                rows += 1
        return rows


PEER = Protobuf
