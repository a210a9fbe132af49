"""Numbers of any scale: honest models pass, and skew of a small share of the scale does not."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.deploy import Regressor, export, verify
from headrace.deploy.verification.compare import compare
from headrace.deploy.verification.scales import find_scales

t = hr.transform
ROWS = pa.record_batch({"x": np.random.default_rng(0).normal(size=300).astype(np.float32)})
TRANSFORM = t.analyze(lambda columns: {"x": t.reshape(columns["x"], (1,))}, [ROWS])


class InFloat32(nn.Module):
    """Casts its input, so that it cannot compute in float64."""

    def forward(self, x: Tensor) -> Tensor:
        return x.float()


def make_model(scale: float, first: nn.Module | None = None) -> nn.Sequential:
    """Make a network of standardised numbers near 0, in units of a label that is centred at 0."""
    torch.manual_seed(0)
    last = nn.Linear(256, 1)
    model = nn.Sequential(first or nn.Identity(), nn.Linear(1, 256), nn.Tanh(), last)
    with torch.no_grad():
        last.bias.sub_(model(torch.tensor(ROWS["x"].to_pylist())[:, None]).mean())
    return model.append(hr.nn.AffineOutput(scale, 0.0))


@pytest.mark.parametrize(("scale", "first"), [(1e6, None), (1e-6, None), (1.0, InFloat32())])
def test_a_shift_by_a_small_share_of_the_scale_is_skew(
    tmp_path: Path, scale: float, first: nn.Module | None
) -> None:
    model = make_model(scale, first)
    path = export(tmp_path / "model.onnx", transform=TRANSFORM, model=model, head=Regressor())
    verdict = verify(path, [ROWS], transform=TRANSFORM, model=model, head=Regressor())
    assert verdict.passed, verdict
    model[-1] = hr.nn.AffineOutput(scale, 1e-4 * scale)
    assert (
        verify(path, [ROWS], transform=TRANSFORM, model=model, head=Regressor()).outputs[0].mismatches > 200
    )


def test_rounding_of_a_small_difference_of_large_numbers_is_not_skew() -> None:
    """Answers of about 0 are the sums of terms of about 1e6, in another order."""
    terms = np.random.default_rng(0).normal(0, 1e6, (200, 64)).astype(np.float32)
    terms[:, -1] = -terms[:, :-1].sum(axis=1, dtype=np.float64)
    expected, found = terms.cumsum(axis=1)[:, -1], terms[:, ::-1].cumsum(axis=1)[:, -1]
    exact = terms.sum(axis=1, dtype=np.float64)
    trained, deployed = {"prediction": expected}, {"prediction": found}
    assert compare(trained, deployed, Regressor())[0].check.mismatches > 100
    scales = find_scales(trained, {"prediction": exact})
    assert compare(trained, deployed, Regressor(), scales)[0].check.mismatches == 0
    skewed = {"prediction": found + np.float32(1000)}
    assert compare(trained, skewed, Regressor(), scales)[0].check.mismatches == 200


def test_numbers_of_a_row_have_scales_of_their_own() -> None:
    values = np.random.default_rng(0).normal(size=(50, 2)) * [1e6, 1e-3]
    expected = {"prediction": values.astype(np.float32)}
    scales = find_scales(expected, {"prediction": values})
    shifted = {"prediction": expected["prediction"] + np.float32(1e-4)}
    assert compare(expected, shifted, Regressor(size=2), scales)[0].check.mismatches == 50
