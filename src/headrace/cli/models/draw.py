"""`headrace models draw`: what networks look like inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headrace.cli.records.options import Force, refuse_existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from headrace.cli.drawing.image_grid import Panel, Pixels, Tile
    from headrace.cli.models.load import Subject

__all__ = ["draw"]

_FILTERS, _MAPS = 16, 12  # shown of a layer


def draw(
    models: Annotated[
        list[str], typer.Argument(help="Names of the zoo, folders of runs, or `lines`.", metavar="MODEL..")
    ],
    image: Annotated[list[str], typer.Option(help="A JPEG, PNG, BMP or GIF file; may be given again.")],
    out: Annotated[str, typer.Option(help="The PNG file to write.")] = "inside.png",
    weights: Annotated[str | None, typer.Option(help="Weights for a network of the zoo.")] = None,
    force: Force = False,
) -> None:
    """Draw what networks see in images: filters, feature maps, saliency and Grad-CAM, on one PNG.

    Filters are the first convolution's. Feature maps are the strongest of an early, a middle and the last layer,
    for the first image. Saliency and Grad-CAM show what the likeliest class hangs on. `lines` draws the maps of
    two filters, a vertical and a horizontal line.
    """
    from io import BytesIO

    from headrace.cli.drawing.image_grid import poster
    from headrace.storage import AtomicFile

    refuse_existing([out], force)
    photographs = [_read(path) for path in image]
    panels = [panel for name in models for panel in _panels(name, photographs, weights)]
    file = BytesIO()
    poster(panels).save(file, "PNG", optimize=True)
    with AtomicFile(out) as sheet:
        sheet.write(file.getvalue())
    typer.echo(f"{len(panels)} panels → {out}")


def _read(path: str) -> Pixels:
    from headrace.errors import RecordError
    from headrace.images import decode_image
    from headrace.storage import read_bytes

    try:
        return decode_image(read_bytes(path), channels=3)
    except RecordError as error:
        raise RecordError(error.what, path=path, hint=error.hint) from error


def _panels(name: str, photographs: Sequence[Pixels], weights: str | None) -> Iterator[Panel]:
    if name == "lines":
        yield from _lines(photographs)
        return
    from headrace.cli.models.load import find_subject

    subject = find_subject(name, photographs, weights)
    yield _answers(subject)
    yield _filters(subject)
    yield from _maps(subject)


def _lines(photographs: Sequence[Pixels]) -> Iterator[Panel]:
    import torch

    from headrace.cli.drawing.image_grid import Panel, Tile, greys
    from headrace.vision.visualize import filters, line_filters

    convolution = line_filters()
    lines = [Tile(greys(each[0].numpy())) for each in filters(convolution)]
    yield Panel("filters: a vertical line, a horizontal line; 7 x 7, in each channel", lines, 16)
    tiles: list[Tile] = []
    for photograph in photographs:
        image = torch.from_numpy(photograph.copy()).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            vertical, horizontal = convolution(image)[0].numpy()
        tiles += [Tile(photograph, "photograph"), Tile(greys(vertical), "vertical lines")]
        tiles.append(Tile(greys(horizontal), "horizontal lines"))
    yield Panel("feature maps", tiles, 3)


def _answers(subject: Subject) -> Panel:
    from headrace.cli.drawing.image_grid import Panel, Tile, colours, overlay
    from headrace.vision.visualize import grad_cam, saliency

    tiles: list[Tile] = []
    pixels, evidence = saliency(subject.model, subject.images), grad_cam(subject.model, subject.images)
    for number, (picture, answer) in enumerate(zip(subject.pictures, subject.answers(), strict=True)):
        tiles.append(Tile(picture, answer))
        tiles.append(Tile(colours(pixels[number].numpy(), "inferno"), "saliency"))
        tiles.append(Tile(overlay(picture, evidence[number].numpy()), "Grad-CAM"))
    return Panel(subject.name, tiles, min(6, len(tiles)))


def _filters(subject: Subject) -> Panel:
    from headrace.cli.drawing.image_grid import Panel, Tile, colours, greys
    from headrace.vision.visualize import filters

    weights = filters(subject.model)
    count, channels, height, width = weights.shape
    title = f"{min(count, _FILTERS)} of {count} filters of the first convolution, {height} x {width}"
    shown = weights[:_FILTERS].numpy()
    tiles = [Tile(greys(each) if channels == 3 else colours(each[0], "gray")) for each in shown]
    return Panel(title, tiles, _FILTERS)


def _maps(subject: Subject) -> Iterator[Panel]:
    from headrace.cli.drawing.image_grid import Panel, Tile, colours
    from headrace.vision.visualize import feature_maps

    found = feature_maps(subject.model, subject.images[:1])
    for name in _three(found):
        maps = found[name][0]
        strongest = maps.std(dim=(1, 2)).argsort(descending=True)[:_MAPS].tolist()
        count, height, width = maps.shape
        title = f"{len(strongest)} of {count} feature maps of layer {name}, {height} x {width}"
        yield Panel(title, [Tile(colours(maps[each].numpy())) for each in strongest], _MAPS)


def _three(maps: dict[str, Tensor]) -> list[str]:
    """An early, a middle and the last layer, where there is still something to see."""
    names = [name for name, each in maps.items() if name and min(each.shape[2:]) >= 5 and each.shape[1] > 1]
    if len(names) < 3:
        return names
    return [names[min(2, len(names) - 3)], names[len(names) // 2], names[-1]]
