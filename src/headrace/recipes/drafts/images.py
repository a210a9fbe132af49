"""The recipe for a folder of images, in one folder per class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from headrace.inspection import ImageFindings, ImagePart
from headrace.recipes.drafts.image_plan import Plan, plan_training
from headrace.recipes.drafts.origin import write_place
from headrace.recipes.drafts.python_text import fill, write_call, write_docstring, write_literal, write_tuple

if TYPE_CHECKING:
    from headrace.vision import IdentifiedWeights

__all__ = ["write_image_recipe"]

_FEWEST_OF_CLASS = 20  # images of a class for it to have some in each part
_SMALL_DATA = 4000  # images of which a tenth selects the epoch, not a twentieth
_NAMES = {"train": "SKIP", "validation": "SKIP_IN_VALIDATION", "test": "SKIP_IN_TEST"}


def write_image_recipe(
    findings: ImageFindings, recipe: Path, weights: tuple[Path, IdentifiedWeights] | None = None
) -> str:
    """Write the recipe for a folder of images as Python source.

    Args:
        findings: What was found in the folder.
        recipe: The file of the recipe.
        weights: A file of weights to start from, and its network.
    """
    plan = plan_training(findings, weights[1] if weights else None)
    blocks = [
        "\n\n".join(
            [
                _write_introduction(findings, weights),
                "from pathlib import Path\n\nimport headrace as hr",
                _write_constants(findings, recipe, plan, weights),
            ]
        ),
        _write_load(findings),
        _write_preprocess(findings, plan),
        _write_model(plan, weights),
        _write_recipe(plan),
    ]
    return "\n\n\n".join(blocks)


def _write_introduction(findings: ImageFindings, weights: tuple[Path, IdentifiedWeights] | None) -> str:
    paragraphs = [fill("Written by `headrace init`, to be edited."), fill(findings.summarize())]
    if weights:
        paragraphs.append(fill(f"Starts from {weights[0].name}, by the names of {weights[1].naming}."))
    paragraphs += [fill(f"{line}.") for line in findings.list_faults()]
    name = Path(findings.folder).name
    return write_docstring(
        fill(f"Predict the class of an image of {name} ({len(findings.classes):,} classes)."), paragraphs
    )


def _write_constants(
    findings: ImageFindings, recipe: Path, plan: Plan, weights: tuple[Path, IdentifiedWeights] | None
) -> str:
    lines = [
        f"FOLDER = {write_place(Path(findings.folder), recipe)}",
        write_tuple("CLASSES", findings.classes),
    ]
    lines.append(f"SIZE = {plan.size}  # height, width")
    if weights:
        lines += [f"WEIGHTS = {write_place(weights[0], recipe)}"]
        lines += [f"NETWORK = hr.vision.find_model({write_literal(plan.network)})"]
    lines += [write_tuple(_NAMES[part.name], part.skip) for part in findings.parts if part.skip]
    return "\n".join(lines)


def _write_load(findings: ImageFindings) -> str:
    if len(findings.parts) == 1:
        return _write_split_load(findings, findings.parts[0])
    lines: list[str] = []
    for part in findings.parts:
        place = f"(data_dir or FOLDER) / {write_literal(part.folder)}"
        lines.append(_write_open(part.name, place, part))
    names = {part.name for part in findings.parts}
    rest = [name for name in ("validation", "test") if name not in names]
    if rest:
        count = len([file for file in findings.files if file.part == "train"])
        shares = [_validation_share(count), 0.2] if len(rest) == 2 else [_validation_share(count)]
        if rest == ["test"]:
            shares = [0.2]
        arguments = [f"{1 - sum(shares):g}", *(f"{share:g}" for share in shares)]
        arguments += _write_stratify(findings, "train")
        lines.append(write_call(f"    train, {', '.join(rest)} = train.split(", arguments, ")"))
    lines.append("    return hr.Splits(train=train.shuffle(seed=0), validation=validation, test=test)")
    doc = "Load image files and class names, from the folder of each part."
    return f'def load(data_dir):\n    """{doc}"""\n' + "\n".join(lines)


def _write_split_load(findings: ImageFindings, part: ImagePart) -> str:
    validation = _validation_share(len(findings.files))
    arguments = [f"{0.8 - validation:g}", f"{validation:g}", "0.2", *_write_stratify(findings, "train")]
    even = ", with the same shares of classes" if len(arguments) > 4 else ""
    lines = [
        _write_open("data", "data_dir or FOLDER", part),
        write_call("    train, validation, test = data.split(", arguments, ")"),
        "    return hr.Splits(train=train.shuffle(seed=0), validation=validation, test=test)",
    ]
    doc = f"Load image files and class names; a fifth is held out{even}."
    return f'def load(data_dir):\n    """{doc}"""\n' + "\n".join(lines)


def _write_open(name: str, place: str, part: ImagePart) -> str:
    arguments = [place, '["image", "label"]']
    if part.skip:
        arguments.append(f"skip={_NAMES[part.name]}")
    return write_call(f"    {name} = hr.Dataset.from_images(", arguments, ")")


def _validation_share(count: int) -> float:
    return 0.1 if count < _SMALL_DATA else 0.05


def _write_stratify(findings: ImageFindings, part: str) -> list[str]:
    counts = [count for count in findings.count_classes(part).values() if count]
    return ["seed=0", *(['stratify="label"'] if min(counts) >= _FEWEST_OF_CLASS else [])]


def _write_preprocess(findings: ImageFindings, plan: Plan) -> str:
    image, steps = 't.decode_image(inputs["image"])', ["decode"]
    if _has_other_proportions(findings, plan.size):
        height, width = plan.size
        ratio = "" if height == width else f", {height}, {width}"
        image, steps = f"t.crop_to_aspect_ratio({image}{ratio})", [*steps, "crop the centre"]
    lines = [f"    pixels = t.resize({image}, *SIZE)"]
    if plan.channels == 1:
        lines.append("    pixels = t.grayscale(pixels)")
    if plan.is_normalised:
        arguments = ["t.rescale(pixels, 1 / 255)", "NETWORK.mean", "NETWORK.deviation"]
        scaled = write_call('        "image": t.standardize(', arguments, "),")
        last = "normalise as the weights expect"
    else:
        scaled, last = '        "image": t.scale_to_z_score(pixels),', "standardize pixels"
    doc = f"{', '.join([*steps, 'resize'])}; {last}; number the classes."
    lines += [
        "    return {",
        scaled,
        '        "label": t.apply_vocabulary(inputs["label"], CLASSES),',
        "    }",
    ]
    head = f'def preprocess(inputs):\n    """{doc[0].upper()}{doc[1:]}"""\n    t = hr.transform\n'
    return head + "\n".join(lines)


def _has_other_proportions(findings: ImageFindings, size: Sequence[int]) -> bool:
    """Whether most images would be distorted visibly by resizing them to `size`."""
    wanted = size[1] / size[0]
    ratios = [file.shape[1] / file.shape[0] / wanted for file in findings.files]
    return median(max(ratio, 1 / ratio) for ratio in ratios) > 1.1


def _write_model(plan: Plan, weights: tuple[Path, IdentifiedWeights] | None) -> str:
    arguments = ["num_classes=len(CLASSES)", f"in_channels={plan.channels}", "input_size=SIZE"]
    if weights:
        arguments = ["NETWORK.name", *arguments, "weights=WEIGHTS", 'head="new"']
        if plan.passes_transform_input:
            arguments.append("transform_input=False")
        call = write_call("    return hr.vision.create_model(", arguments, ")")
        doc = "Load the weights of the file; the output layer is new."
        return f'def build_model(_transform, _name):\n    """{doc}"""\n{call}'
    call = write_call("    network = hr.vision.create_model(", ["name", *arguments], ")")
    doc = "Create a network that averages its logits for an image and its mirror image."
    return (
        f'def build_model(_transform, name):\n    """{doc}"""\n{call}\n'
        "    return hr.vision.FlipAveraging(network)"
    )


def _write_recipe(plan: Plan) -> str:
    lines = ["    load=load,", "    preprocess=preprocess,", "    build_model=build_model,"]
    if plan.others:
        lines.append(f"    models=({', '.join(map(write_literal, (plan.network, *plan.others)))}),")
    lines += [
        '    label="label",',
        "    head=hr.deploy.Classifier(CLASSES),",
        "    training=hr.training.Options(",
        *(f"        {option}," for option in plan.options),
        "        augment=hr.vision.augment.compose(  # drop Flip where left and right differ, as in digits",
        *(f"            hr.vision.augment.{step}," for step in plan.augment),
        "        ),",
        "    ),",
        '    image="image",',
    ]
    return "\n".join(["recipe = hr.Recipe(", *lines, ")", ""])
