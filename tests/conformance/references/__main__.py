"""Compare every model with its reference implementations, with random weights loaded from a file.

    PYTHONPATH=src .venv-reference/bin/python -m tests.conformance.references [--golden] [NAME ...]

Both must have the same number of parameters, and the same outputs within 1e-4 of the largest output; models
with auxiliary heads are compared in training mode, too. Then the same file is loaded with a new head, and the
features that the head receives must be equal.

`--golden` also writes tests/golden/activations.json, a few logits of the models with the weights of `numbers`
as the references compute them, and features.json, features of weights by the names of these libraries.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from headrace.vision import create_model
from headrace.vision.models import find_model

from .numbers import draw, filled, numbers
from .references import REFERENCES, Reference

GOLDEN = Path(__file__).parents[2] / "golden" / "activations.json"
GOLDEN_FEATURES = GOLDEN.with_name("features.json")
FINE_TUNED = ("resnet18", "googlenet_bn")
TOLERANCE = 1e-4
# One model per family, at 96 pixels if its head allows: small enough for `make test`.
GOLDEN_SIZES = {
    **dict.fromkeys(("resnet18", "resnet50", "googlenet_bn", "inception_v3"), 96),
    **dict.fromkeys(("inception_v4", "inception_resnet_v2", "xception", "se_resnet50"), 96),
    **dict.fromkeys(("alexnet_one_tower", "bn_inception"), 224),
}


def randomize(model: nn.Module, scale: float) -> nn.Module:
    """Randomise the statistics and scales of batch normalisation, and disable dropout."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d):
                assert layer.running_mean is not None
                assert layer.running_var is not None
                layer.running_mean.normal_(0, 0.1, generator=generator)
                layer.running_var.uniform_(0.5, 1.5, generator=generator)
                layer.weight.uniform_(0.5 * scale, 1.5 * scale, generator=generator)
                layer.bias.normal_(0, 0.1, generator=generator)
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
    return model


def load(reference: Reference, theirs: nn.Module, **options: Any) -> nn.Module:
    """Load the weights of the reference into our model, from a file of the library's format."""
    weights = {name: tensor.contiguous() for name, tensor in theirs.state_dict().items()}
    with tempfile.TemporaryDirectory() as folder:
        if "timm" in reference.library:
            path = Path(folder) / "weights.safetensors"
            save_file(weights, path)
        else:
            path = Path(folder) / "weights.pth"
            torch.save(weights, path)
        return create_model(
            reference.name, weights=path, transform_input=reference.transform_input, **options
        )


@torch.no_grad()
def difference(reference: Reference) -> float:
    """Compute the largest difference of outputs, relative to the largest output.

    Raises:
        AssertionError: The numbers of parameters differ.
    """
    torch.manual_seed(0)
    # Without small scales, outputs double with every residual unit, and gates amplify rounding errors.
    theirs = randomize(reference.make(), 0.4 if reference.name.startswith("se_") else 1.0)
    ours = load(reference, theirs)
    for layer in ours.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    mine = sum(p.numel() for p in ours.parameters())
    # A model without auxiliary heads ignores those of a checkpoint.
    heads = [] if reference.name.endswith("_auxiliary") else ["aux", "AuxLogits"]
    counted = sum(p.numel() for n, p in theirs.named_parameters() if not n.startswith(tuple(heads)))
    assert mine == counted == find_model(reference.name).parameters, (mine, counted)
    images = torch.randn(2, 3, *find_model(reference.name).input_size)
    found = [_apart(ours.eval()(images), theirs.eval()(images))]
    if reference.name.endswith("_auxiliary"):
        logits, *others = ours.train()(images)
        expected = dict(theirs.train()(images)._asdict())
        found.append(_apart(logits, expected.pop("logits")))
        found += [_apart(a, b) for a, b in zip(others, reversed(expected.values()), strict=True)]
    with warnings.catch_warnings(action="ignore"):  # which names the tensors of the head
        fine_tuned = load(reference, theirs, num_classes=3, head="new")
    found.append(_apart(features(fine_tuned, images), features(theirs, images)))
    return max(found)


def features(model: nn.Module, images: Tensor) -> Tensor:
    """Compute what the last linear layer of a network receives."""
    received: list[Tensor] = []
    hooks = [
        layer.register_forward_pre_hook(lambda _, inputs: received.append(inputs[0]))
        for layer in model.modules()
        if isinstance(layer, nn.Linear)
    ]
    with torch.no_grad():
        model.eval()(images)
    for hook in hooks:
        hook.remove()
    return received[-1]


def _apart(ours: Tensor, theirs: Tensor) -> float:
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def golden(reference: Reference) -> dict[str, Any]:
    """Compute the logits of a reference with the weights of our model, renamed."""
    spec, theirs = find_model(reference.name), reference.make()
    ours = filled(create_model(reference.name)).state_dict()
    naming = next(rows for by, rows in spec.namings.items() if reference.library.split()[0] in by)
    weights: dict[str, Tensor] = {}
    for name, tensor in theirs.state_dict().items():
        renamed = name
        for pattern, replacement in naming:
            renamed = re.sub(pattern, replacement, renamed)
        weights[name] = ours[renamed].reshape(tensor.shape) if renamed else tensor
    theirs.load_state_dict(weights)
    size = GOLDEN_SIZES[reference.name]
    with torch.no_grad():
        logits = theirs.eval()(numbers("images", (2, 3, size, size)))
    shown = [[float(f"{value:.7g}") for value in row[:8]] for row in logits.tolist()]
    return {"model": reference.name, "by": reference.library, "size": size, "logits": shown}


def golden_features(reference: Reference) -> dict[str, Any]:
    """Compute features of a reference whose weights are drawn by its own names."""
    theirs = reference.make()
    weights = draw({name: list(tensor.shape) for name, tensor in theirs.state_dict().items()})
    theirs.load_state_dict(weights)
    found = features(theirs, numbers("images", (2, 3, 96, 96)))
    return {
        "model": reference.name,
        "by": reference.library,
        "transform_input": reference.transform_input,
        "size": 96,
        "features": [[float(f"{value:.7g}") for value in row[:8]] for row in found.tolist()],
        "tensors": {name: list(tensor.shape) for name, tensor in weights.items()},
    }


def main(arguments: list[str]) -> int:
    """Print a line per comparison; return 1 if one fails."""
    names = [each for each in arguments if not each.startswith("--")]
    chosen = [each for each in REFERENCES if not names or each.name in names]
    failures = 0
    for reference in chosen:
        apart = difference(reference)
        failures += apart > TOLERANCE
        print(f"{'ok  ' if apart <= TOLERANCE else 'FAIL'} {reference!s:48} {apart:.1e}", flush=True)
    if "--golden" in arguments:
        once = {each.name: each for each in reversed(REFERENCES) if each.name in GOLDEN_SIZES}
        rows = ",\n".join(json.dumps(golden(once[name])) for name in GOLDEN_SIZES)
        GOLDEN.write_text(f"[\n{rows}\n]\n")
        last = {each.name: each for each in REFERENCES if each.name in FINE_TUNED}
        rows = ",\n".join(json.dumps(golden_features(last[name])) for name in FINE_TUNED)
        GOLDEN_FEATURES.write_text(f"[\n{rows}\n]\n")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
