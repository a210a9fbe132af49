import numpy as np
import pytest
import torch

import headrace as hr
from headrace.errors import ModelError, UsageError
from headrace.nn import AffineOutput, NamedOutputs, TableNetwork


def test_outputs_are_split_by_name_and_numbers_are_in_the_units_of_their_labels() -> None:
    layer = NamedOutputs({"kind": 2, "sizes": 2}, scale={"sizes": [2.0, 10.0]}, offset={"sizes": [1.0, 0.0]})
    found = layer(torch.tensor([[0.5, -0.5, 1.0, 1.0]]))
    assert {name: each.tolist() for name, each in found.items()} == {
        "kind": [[0.5, -0.5]],
        "sizes": [[3.0, 10.0]],
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), "sizes"),
        (({"kind": 0},), r"sizes\['kind'\] is 0"),
        (({"kind": 2}, {"knd": 1.0}), "no output is called 'knd'.*kind"),
    ],
)
def test_wrong_arguments_are_refused_by_name(arguments: tuple[dict[str, int]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        NamedOutputs(*arguments)


def test_a_wrong_width_is_refused() -> None:
    with pytest.raises(ModelError, match=r"expected \[rows, 3\], got \[1, 4\]"):
        NamedOutputs({"a": 2, "b": 1})(torch.zeros(1, 4))


def test_several_numbers_have_a_scale_each() -> None:
    assert AffineOutput([1.0, 100.0], [0.0, 50.0])(torch.ones(1, 2)).tolist() == [[1.0, 150.0]]
    with pytest.raises(UsageError, match="scale has 2 numbers, offset 3"):
        AffineOutput([1.0, 2.0], [0.0, 0.0, 0.0])
    with pytest.raises(UsageError, match="scale is 0"):
        AffineOutput([1.0, 0.0], 0.0)


def test_a_network_for_tables_has_an_output_for_each_label() -> None:
    data = hr.Dataset.from_arrays(
        {"x": np.arange(6.0), "kind": ["a", "b", "c"] * 2, "mass": np.arange(6.0) * 100}
    )

    def preprocess(inputs: dict[str, hr.transform.Column]) -> dict[str, hr.transform.Column]:
        t = hr.transform
        kind = t.compute_and_apply_vocabulary(inputs["kind"])
        return {"x": t.cast(inputs["x"], "float32"), "kind": kind, "mass": t.cast(inputs["mass"], "float32")}

    transform = hr.transform.analyze(preprocess, data)
    labels = {"species": "kind", "mass": "mass"}
    network = TableNetwork.from_transform(
        transform, label=labels, scale={"mass": 170.0}, offset={"mass": 250.0}, hidden=(4,)
    )
    found = network(x=torch.zeros(2))
    assert {name: list(each.shape) for name, each in found.items()} == {"species": [2, 3], "mass": [2, 1]}
    with pytest.raises(UsageError, match="scale: expected a number for each output, got one"):
        TableNetwork.from_transform(transform, label=labels, scale=170.0)
    with pytest.raises(UsageError, match="one output, got numbers by name"):
        TableNetwork(1, outputs=1, scale={"mass": 1.0})
