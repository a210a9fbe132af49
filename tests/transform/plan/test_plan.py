from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.count_calls import count_calls

import headrace as hr
from headrace import transform as t
from headrace.recipes import housing, movie_reviews
from headrace.transform.plan.blocks import group_blocks

BATCH = pa.record_batch(
    {"age": [20, 30, 40, 50], "city": ["Rome", "Oslo", "Rome", "Bern"], "x": [1.0, 2.0, 3.0, None]}
)


def preprocess(x: Any) -> dict[str, t.Column]:
    age = t.scale_to_z_score(x["age"])
    return {
        "age": age,
        "quarter": t.bucketize(age, num_buckets=4),
        "x": t.fill_missing(x["x"], t.mean(x["x"])) / t.sqrt(t.var(x["x"])),
        "city": t.compute_and_apply_vocabulary(x["city"], num_oov_buckets=1, vocab_filename="cities"),
    }


EXPECTED = """\
2 passes over the data, then row by row

Pass 1 reads age, x, city
  moments of age                       -> mean, mean_remainder, standard_deviation for #1
  moments of x                         -> mean, var                 for #3, #4
  counts of city                       -> vocabulary(label=cities)  for #5

Pass 2 reads age
  ranks of #1  -> quantiles(num_buckets=4)  for #2

Row by row
  age  int64
  x  float64
  city  string
  #1 = scale_to_z_score(age)  float32  => age
  #2 = bucketize(#1, num_buckets=4)  int64  => quarter
  #3 = fill_missing(x, mean(x))  float64
  #4 = divide(#3, sqrt(var(x)))  float64  => x
  #5 = compute_and_apply_vocabulary(city, num_oov_buckets=1, vocab_filename='cities')  int64  => city"""


def words_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_a_plan_lists_passes_states_and_steps() -> None:
    text = str(t.plan(preprocess, BATCH.schema))
    assert words_of(text) == words_of(EXPECTED)
    columns = [line.index("->") for line in text.splitlines() if "->" in line]
    assert columns[:3] == [columns[0]] * 3


def test_a_plan_needs_a_schema_or_data_and_calls_the_function_once() -> None:
    calls: list[int] = []

    def once(x: Any) -> Any:
        calls.append(1)
        return preprocess(x)

    assert str(t.plan(once, [BATCH])) == str(t.plan(once, hr.Dataset.from_arrow([BATCH])))
    assert calls == [1, 1]
    with pytest.raises(hr.SchemaError, match="unknown column 'agee'; did you mean 'age'"):
        t.plan(lambda x: {"y": x["agee"]}, BATCH.schema)


def test_the_plan_outlives_freezing_saving_and_loading(tmp_path: Path) -> None:
    planned = str(t.plan(preprocess, BATCH.schema))
    frozen = t.analyze(preprocess, [BATCH])
    assert str(frozen.explain()) == planned
    frozen.save(tmp_path / "t")
    loaded = hr.Transform.load(tmp_path / "t")
    assert str(loaded.explain()) == repr(loaded.explain()) == planned
    loaded.save(tmp_path / "again")
    assert (tmp_path / "t" / "plan.json").read_bytes() == (tmp_path / "again" / "plan.json").read_bytes()


def test_the_plan_of_some_outputs_has_only_what_they_need(tmp_path: Path) -> None:
    frozen = t.analyze(preprocess, [BATCH])
    plan = frozen.without("age", "quarter", "city").explain()
    assert words_of(str(plan)) == words_of(
        """\
1 pass over the data, then row by row

Pass 1 reads x
  moments of x -> mean, var for #1, #2

Row by row
  x float64
  #1 = fill_missing(x, mean(x)) float64
  #2 = divide(#1, sqrt(var(x))) float64 => x"""
    )
    assert [len(each.states) for each in frozen.select(["quarter"]).explain().passes] == [1, 1]
    frozen.select(["age"]).save(tmp_path / "t")
    assert len(hr.Transform.load(tmp_path / "t").explain().passes) == 1


def test_a_transform_saved_without_a_plan_shows_what_it_computes(tmp_path: Path) -> None:
    t.analyze(preprocess, [BATCH]).save(tmp_path / "t")
    (tmp_path / "t" / "plan.json").unlink()
    plan = hr.Transform.load(tmp_path / "t").explain()
    assert plan.passes == ()
    assert "subtract(" in str(plan)
    assert "mean(age)" in str(plan)
    plan.plot(tmp_path / "graph.svg")


def test_weights_and_keys_are_named() -> None:
    batch = pa.record_batch({"x": [1.0, 2.0], "w": [1.0, 2.0], "key": ["a", "b"]})
    text = str(
        t.plan(
            lambda x: {
                "y": x["x"] - t.mean(x["x"], weights=x["w"]),
                "z": t.scale_to_z_score_per_key(x["x"], x["key"]),
            },
            [batch],
        )
    )
    assert "weighted moments of x, w" in text
    assert "moments per key of x, key" in text
    assert "scale_to_z_score_per_key(x, key)" in text


def test_a_layer_is_one_step() -> None:
    layer = hr.layers.Normalization(name="normal")
    text = str(t.plan(lambda x: {"y": layer(x["age"])}, BATCH.schema))
    assert "= normal(age)" in text
    layer.adapt(BATCH["age"])
    assert "= normal(age)" in str(t.plan(lambda x: {"y": layer(x["age"])}, BATCH.schema))


def test_equal_calls_are_merged_and_overlapping_ones_keep_their_steps() -> None:
    def outputs(x: Any) -> dict[str, t.Column]:
        return {
            "first": t.scale_to_z_score(x["age"]),
            "second": t.scale_to_z_score(x["age"]) * 2,
            "unit": t.scale_to_0_1(x["age"]),
        }

    text = str(t.plan(outputs, BATCH.schema))
    assert text.count("scale_to_z_score(age)") == text.count("scale_to_0_1(age)") == 1


def test_every_block_comes_after_its_inputs() -> None:
    for recipe in (housing, movie_reviews):
        blocks = group_blocks(t.plan(recipe.preprocess, recipe.load(None).train))
        places = {block: place for place, block in enumerate(blocks.order)}
        assert all(places[each] < places[block] for block in places for each in blocks.inputs[block])
        assert not blocks.opened


def step(place: int, **changes: Any) -> Callable[[Any], Any]:
    return lambda plan: plan["steps"][place].update(changes)


BROKEN: dict[str, Callable[[Any], Any]] = {
    "a list": lambda plan: [plan],
    "no steps": lambda plan: plan.pop("steps") and None,
    "steps are a number": lambda plan: plan.update(steps=3),
    "an unknown kind": step(0, kind="script"),
    "a name that is a number": step(0, name=3),
    "an input that comes later": step(0, inputs=[5]),
    "an input from the end": step(-1, inputs=[-1]),
    "an input that is a truth value": step(-1, inputs=[True]),
    "a call that is not there": step(0, call=99),
    "an output that is not there": lambda plan: plan["outputs"].update(age=1000),
    "a column that is not there": lambda plan: plan["passes"][0][0].update(columns=[1000]),
    "passes are text": lambda plan: plan.update(passes="all"),
    "parameters are numbers": step(0, parameters=[1]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_or_hostile_plan_is_a_model_error(name: str, tmp_path: Path) -> None:
    t.analyze(preprocess, [BATCH]).save(tmp_path / "t")
    path = tmp_path / "t" / "plan.json"
    stored = json.loads(path.read_text())
    path.write_text(json.dumps(BROKEN[name](stored) or stored))
    (tmp_path / "t" / "manifest.json").unlink()  # which would refuse every change
    with pytest.raises(hr.ModelError) as caught:
        hr.Transform.load(tmp_path / "t")
    assert caught.value.path == str(path)
    assert caught.value.hint == "analyze again"


def test_the_texts_of_wide_plans_grow_linearly_and_have_lines_of_capped_width() -> None:
    def one_row(x: Any) -> dict[str, t.Column]:
        return {"row": t.concatenate([t.scale_to_z_score(x[name]) for name in x])}

    def one_sum(x: Any) -> dict[str, t.Column]:
        total = sum(t.mean(x[name]) for name in x)
        return {name: x[name] - total for name in list(x)[:50]}

    for function in (one_row, one_sum, lambda x: {name: t.scale_to_z_score(x[name]) for name in x}):
        few, many = (
            str(t.plan(function, pa.schema([(f"c{place:04}", pa.float64()) for place in range(count)])))
            for count in (150, 300)
        )
        assert len(many) < 2.2 * len(few)
        assert max(map(len, many.splitlines())) <= 3 * 90 + 10
        assert "(300 in all)" in many


def test_plan_and_explain_of_many_columns_take_linear_time() -> None:
    def explain(columns: int) -> str:
        schema = pa.schema([(f"c{place}", pa.float64()) for place in range(columns)])
        return str(t.plan(lambda x: {name: t.scale_to_z_score(x[name]) for name in x}, schema))

    explain(2)  # loads what plans need
    few, many = (count_calls(lambda columns=columns: explain(columns)) for columns in (100, 200))
    assert many < 2.2 * few
    assert "#2000 = scale_to_z_score(c1999)" in explain(2000)
