"""Some steps of a training, profiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from headrace.data import Dataset
from headrace.data.profiling import Profile
from headrace.errors import UsageError
from headrace.training import fit
from headrace.training.loggers.profile_plugin import encode_xspace
from headrace.training.loop.step_profiler import choose_steps

ROWS, BATCH = 640, 16  # 40 steps an epoch


def sum_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    for _ in range(20):
        total = [sum(row) for row in batch["x"].to_pylist()]
    assert len(total) == batch.num_rows
    return batch


def train(folder: Path, **options: Any) -> tuple[Any, nn.Module]:
    x = np.random.default_rng(0).standard_normal((ROWS, 8)).astype(np.float32)
    ds = Dataset.from_arrays({"x": x, "label": (x.sum(1) > 0).astype(np.int64)})
    torch.manual_seed(0)
    model = nn.Linear(8, 2)
    options = {"epochs": 2, "batch_size": BATCH, "progress": False, **options}
    result = fit(model, ds.shuffle(0).map(sum_rows), ds.take(32), label="label", out_dir=folder, **options)
    return result, model


def test_chosen_steps_are_profiled_and_the_weights_are_the_same_bits(tmp_path: Path) -> None:
    result, model = train(tmp_path / "profiled", profile=(45, 60))
    profile = result.profile
    assert profile.steps == (45, 60)
    assert (profile.batches, profile.rows) == (15, 15 * BATCH)
    names = [each.name for each in profile.stages]
    # The rows of an epoch are few: they have been gathered before step 45.
    assert names == ["ArrowSource", "map(sum_rows)", f"batch({BATCH})", "prefetch()", "to_torch", "model"]
    assert 0 <= profile.model_wait <= 1
    assert str(profile).startswith("steps 45 to 60: 240 rows")
    plain, other = train(tmp_path / "plain")
    assert plain.profile is None
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_the_profile_is_kept_beside_the_training(tmp_path: Path) -> None:
    result, _ = train(tmp_path, profile=True)
    assert str(Profile.load(tmp_path / "profile.json")) == str(result.profile)
    again, _ = train(tmp_path)  # which is finished
    assert str(again.profile) == str(result.profile)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    shares = [tag for tag in events.Tags()["scalars"] if tag.startswith("profile/")]
    assert {"profile/wait", "profile/model", "profile/map(sum_rows)"} <= set(shares)
    assert events.Scalars("profile/wait")[0].value == pytest.approx(result.profile.model_wait)


def xspace_type() -> Any:
    """Define the messages of OpenXLA's xplane.proto that are used, to read them by protobuf itself."""
    file = descriptor_pb2.FileDescriptorProto(name="xplane.proto", package="x", syntax="proto3")
    fields: dict[str, list[tuple[str, int, str, bool]]] = {
        "Event": [("metadata_id", 1, "", False), ("offset_ps", 2, "", False), ("duration_ps", 3, "", False)],
        "Line": [("id", 1, "", False), ("name", 2, "string", False), ("events", 4, "Event", True)],
        "Metadata": [("id", 1, "", False), ("name", 2, "string", False)],
        "Entry": [("key", 1, "", False), ("value", 2, "Metadata", False)],
        "Plane": [("id", 1, "", False), ("name", 2, "string", False), ("lines", 3, "Line", True),
                  ("event_metadata", 4, "Entry", True)],
        "Space": [("planes", 1, "Plane", True), ("hostnames", 4, "string", True)],
    }  # fmt: skip
    kinds = {"": 3, "string": 9}  # int64, string; others are messages
    for message, members in fields.items():
        added = file.message_type.add(name=message)
        for name, number, kind, is_repeated in members:
            field = added.field.add(name=name, number=number, label=3 if is_repeated else 1)
            field.type = kinds.get(kind, 11)
            if kind not in kinds:
                field.type_name = f".x.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("x.Space"))


def test_the_profile_tab_gets_each_piece_of_work_on_its_thread(tmp_path: Path) -> None:
    train(tmp_path, profile=(0, 10))  # later batches may have been prefetched before their steps
    (path,) = (tmp_path / "tensorboard" / "plugins" / "profile").glob("*/*.xplane.pb")
    space = xspace_type().FromString(path.read_bytes())
    (plane,) = space.planes
    assert plane.name == "/host:CPU"
    assert {"MainThread", "headrace-prefetch"} <= {line.name for line in plane.lines}
    names = {entry.key: entry.value.name for entry in plane.event_metadata}
    by_name = [names[event.metadata_id] for line in plane.lines for event in line.events]
    assert by_name.count("model") == 10
    for line in plane.lines:
        offsets = [event.offset_ps for event in line.events]
        assert offsets == sorted(offsets)
        assert all(0 < event.duration_ps < 10**14 for event in line.events)


def test_a_profile_without_pieces_of_work_is_a_valid_message() -> None:
    empty = Dataset.from_arrays({"x": [1]}).profile()
    bare = Profile(**{**vars(empty), "spans": (), "threads": {}})
    assert xspace_type().FromString(encode_xspace(bare)).planes[0].name == "/host:CPU"


def test_steps_are_chosen_after_the_start_of_an_epoch() -> None:
    assert choose_steps(True, epochs=1, per_epoch=8) == (2, 8)
    assert choose_steps(True, epochs=3, per_epoch=1000) == (1010, 1210)
    assert choose_steps((5, 8), 3, 50) == (5, 8)


@pytest.mark.parametrize("steps", [(5, 5), (3,), (-1, 4), "ab", 7, (1.5, 2)])
def test_steps_that_do_not_grow_are_refused(tmp_path: Path, steps: Any) -> None:
    with pytest.raises(UsageError, match="profile"):
        train(tmp_path, profile=steps)
