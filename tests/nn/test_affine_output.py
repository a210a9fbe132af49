import torch

from headrace.nn import AffineOutput


def test_outputs_are_in_the_units_of_the_label() -> None:
    assert AffineOutput(scale=100.0, offset=50.0)(torch.tensor([-0.5, 1.0])).tolist() == [0.0, 150.0]


def test_scale_and_offset_are_saved_but_not_trained() -> None:
    layer = AffineOutput(scale=2.0, offset=3.0)
    assert list(layer.state_dict()) == ["scale", "offset"]
    assert not list(layer.parameters())
