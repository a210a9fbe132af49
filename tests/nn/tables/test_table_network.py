from pathlib import Path

import numpy as np
import pytest
import torch

import headrace as hr
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.nn import PiecewiseLinearEmbeddings, TableNetwork

t = hr.transform


@pytest.fixture(scope="module")
def data() -> hr.Dataset:
    random = np.random.default_rng(0)
    age = random.normal(40, 10, 300)
    city = random.choice(["a", "b", "c"], 300)
    member = np.where(age + 20 * (city == "a") > 45, "yes", "no")
    return hr.Dataset.from_arrays({"age": age, "paid": age > 40, "city": city, "member": member})


def preprocess(x: dict[str, t.Column]) -> dict[str, t.Column]:
    age = t.scale_to_z_score(x["age"])
    return {
        "age": age,
        "powers": t.concatenate([age * age, age * age * age]),
        "paid": x["paid"],
        "city": t.compute_and_apply_vocabulary(x["city"], num_oov_buckets=1),
        "known_city": t.compute_and_apply_vocabulary(x["city"]),
        "member": t.compute_and_apply_vocabulary(x["member"]),
        "income": t.cast(age * 1000.0, "float32"),
    }


@pytest.fixture(scope="module")
def transform(data: hr.Dataset) -> hr.transform.Transform:
    return t.analyze(preprocess, data)


def test_sizes_and_classes_are_those_of_the_transform(transform: hr.transform.Transform) -> None:
    network = TableNetwork.from_transform(transform.without("income"), label="member")
    assert network.numbers == {"age": 1, "powers": 2, "paid": 1}
    assert network.categories == {"city": 4, "known_city": 3}
    assert network.outputs == 2
    assert TableNetwork.from_transform(transform.without("member", "income"), label="income").outputs == 1


@pytest.mark.parametrize("embeddings", ["periodic", "none", "piecewise linear"])
@pytest.mark.parametrize("label", ["member", "income"])
def test_the_exported_network_has_no_skew(
    data: hr.Dataset, transform: hr.transform.Transform, tmp_path: Path, label: str, embeddings: str
) -> None:
    served = transform.without("member", "income")
    bins = PiecewiseLinearEmbeddings([[-1.0, 0.0, 1.0], [0.0, 1.0], [-1.0, 1.0], [0.0, 1.0]])
    network = TableNetwork.from_transform(
        served,
        label=label,
        embeddings=bins if embeddings == "piecewise linear" else embeddings,
        hidden=(16,),
        scale=1.0 if label == "member" else 10.0,
    )
    head = hr.deploy.Classifier(vocabulary="member") if label == "member" else hr.deploy.Regressor()
    path = hr.deploy.export(tmp_path / "model.onnx", transform=served, model=network, head=head)
    verdict = hr.deploy.verify(path, data, transform=served, model=network, head=head)
    assert verdict.passed
    assert verdict.rows == 300


def test_a_negative_category_is_one_of_its_own() -> None:
    network = TableNetwork(categories={"city": 3}, outputs=1).eval()
    rows = network(torch.tensor([-1, 0, 1, 2])).flatten()
    assert len(rows.unique()) == 4
    with pytest.raises(IndexError):
        network(torch.tensor([4]))


def test_one_feature_needs_no_name_and_several_do() -> None:
    x = torch.zeros(5, 3)
    assert TableNetwork(3, outputs=2)(x).shape == (5, 2)
    network = TableNetwork({"a": 1, "b": 2}, outputs=2)
    with pytest.raises(ModelError, match="the network has the features a, b, got a, c") as error:
        network(a=x, c=x)
    assert error.value.hint == "call it by the names of its features"
    with pytest.raises(ModelError, match="2 tensors without names"):
        network(x, x)


def test_outliers_do_not_rule() -> None:
    network = TableNetwork(1, outputs=1).eval()
    near, far = network(torch.tensor([[100.0], [1e8]]))
    torch.testing.assert_close(near, far, rtol=0, atol=0.05)


def test_integers_of_unknown_count_need_one(data: hr.Dataset) -> None:
    def hashed(x: dict[str, t.Column]) -> dict[str, t.Column]:
        return {"city": t.hash_strings(x["city"], 10) * 2, "paid": x["paid"], "name": x["member"]}

    transform = t.analyze(hashed, data)
    with pytest.raises(SchemaError, match="cannot find how many categories") as error:
        TableNetwork.from_transform(transform, label="paid")
    assert "categories={'city': count}" in str(error.value.hint)
    with pytest.raises(SchemaError, match="expected numbers, or one category per row, got string"):
        TableNetwork.from_transform(transform, label="paid", categories={"city": 20})
    network = TableNetwork.from_transform(transform.without("name"), label="paid", categories={"city": 20})
    assert (network.categories, network.outputs) == ({"city": 20}, 2)
    with pytest.raises(SchemaError, match="not among the outputs"):
        TableNetwork.from_transform(transform.without("name"), label="paid", categories={"town": 20})
    with pytest.raises(UsageError, match="number of classes of 'city'"):
        TableNetwork.from_transform(transform.without("name"), label="city")


def test_a_label_that_the_transform_lacks_is_refused(transform: hr.transform.Transform) -> None:
    with pytest.raises(SchemaError, match="the label is not among the outputs"):
        TableNetwork.from_transform(transform, label="membre")


def test_a_network_without_features_is_refused() -> None:
    with pytest.raises(UsageError, match="expected features, got none"):
        TableNetwork(outputs=2)
