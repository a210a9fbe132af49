"""`headrace models draw`: draw filters, feature maps, saliency and Grad-CAM of networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headrace.arguments import check_extension
from headrace.cli.options import Force, refuse_existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from headrace.cli.drawing.image_grid import Panel, Pixels, Tile
    from headrace.cli.models.load import LoadedModel

__all__ = ["draw"]

_MAX_FILTERS, _MAX_MAPS = 16, 12  # shown per layer


def draw(
    models: Annotated[
        list[str], typer.Argument(help="Models of the zoo, folders of runs, or `lines`.", metavar="MODEL..")
    ],
    image: Annotated[
        list[str], typer.Option(help="A JPEG, PNG, BMP, GIF, WebP, TIFF or AVIF file; can be repeated.")
    ],
    out: Annotated[str, typer.Option(help="The PNG file to write.")] = "inside.png",
    weights: Annotated[str | None, typer.Option(help="Weights for models of the zoo.")] = None,
    force: Force = False,
) -> None:
    """Draw filters, feature maps, saliency and Grad-CAM of networks for images, to one PNG file.

    The filters are those of the first convolution. The feature maps are the
    strongest ones of an early, a middle and the last layer, for the first
    image. Saliency and Grad-CAM show which pixels determine the most probable
    class. `lines` draws the feature maps of two fixed filters, a vertical and a
    horizontal line.
    """
    from io import BytesIO

    from headrace.cli.drawing.image_grid import draw_image_grid
    from headrace.storage import AtomicFile

    check_extension(out)
    refuse_existing([out], force)
    photographs = [_read_image(path) for path in image]
    panels = [panel for name in models for panel in _draw_panels(name, photographs, weights)]
    file = BytesIO()
    draw_image_grid(panels).save(file, "PNG", optimize=True)
    with AtomicFile(out) as sheet:
        sheet.write(file.getvalue())
    typer.echo(f"{len(panels)} panels → {out}")


def _read_image(path: str) -> Pixels:
    from headrace.errors import RecordError
    from headrace.images import decode_image
    from headrace.storage import read_bytes

    try:
        return decode_image(read_bytes(path), channels=3)
    except RecordError as error:
        raise RecordError(error.what, path=path, hint=error.hint) from error


def _draw_panels(name: str, photographs: Sequence[Pixels], weights: str | None) -> Iterator[Panel]:
    if name == "lines":
        yield from _line_panels(photographs)
        return
    from headrace.cli.models.load import load_model

    loaded = load_model(name, photographs, weights)
    yield _prediction_panel(loaded)
    yield _filter_panel(loaded)
    yield from _feature_map_panels(loaded)


def _line_panels(photographs: Sequence[Pixels]) -> Iterator[Panel]:
    import torch

    from headrace.cli.drawing.image_grid import Panel, Tile, to_grey
    from headrace.vision import visualize

    convolution = visualize.line_filters()
    lines = [Tile(to_grey(each[0].numpy())) for each in visualize.filters(convolution)]
    yield Panel("filters: a vertical line, a horizontal line; 7 x 7, in each channel", lines, 16)
    tiles: list[Tile] = []
    for photograph in photographs:
        image = torch.from_numpy(photograph.copy()).permute(2, 0, 1)[None] / 255
        with torch.no_grad():
            vertical, horizontal = convolution(image)[0].numpy()
        tiles += [Tile(photograph, "photograph"), Tile(to_grey(vertical), "vertical lines")]
        tiles.append(Tile(to_grey(horizontal), "horizontal lines"))
    yield Panel("feature maps", tiles, 3)


def _prediction_panel(loaded: LoadedModel) -> Panel:
    from headrace.cli.drawing.image_grid import Panel, Tile, overlay, to_colours
    from headrace.vision import visualize

    tiles: list[Tile] = []
    pixels, evidence = (
        visualize.saliency(loaded.model, loaded.images),
        visualize.grad_cam(loaded.model, loaded.images),
    )
    for number, (picture, prediction) in enumerate(
        zip(loaded.pictures, loaded.describe_predictions(), strict=True)
    ):
        tiles.append(Tile(picture, prediction))
        tiles.append(Tile(to_colours(pixels[number].numpy(), "inferno"), "saliency"))
        tiles.append(Tile(overlay(picture, evidence[number].numpy()), "Grad-CAM"))
    return Panel(loaded.name, tiles, min(6, len(tiles)))


def _filter_panel(loaded: LoadedModel) -> Panel:
    from headrace.cli.drawing.image_grid import Panel, Tile, to_colours, to_grey
    from headrace.vision import visualize

    weights = visualize.filters(loaded.model)
    count, channels, height, width = weights.shape
    title = f"{min(count, _MAX_FILTERS)} of {count} filters of the first convolution, {height} x {width}"
    shown = weights[:_MAX_FILTERS].numpy()
    tiles = [Tile(to_grey(each) if channels == 3 else to_colours(each[0], "gray")) for each in shown]
    return Panel(title, tiles, _MAX_FILTERS)


def _feature_map_panels(loaded: LoadedModel) -> Iterator[Panel]:
    from headrace.cli.drawing.image_grid import Panel, Tile, to_colours
    from headrace.vision import visualize

    found = visualize.feature_maps(loaded.model, loaded.images[:1])
    for name in _select_layers(found):
        maps = found[name][0]
        strongest = maps.std(dim=(1, 2)).argsort(descending=True)[:_MAX_MAPS].tolist()
        count, height, width = maps.shape
        title = f"{len(strongest)} of {count} feature maps of layer {name}, {height} x {width}"
        yield Panel(title, [Tile(to_colours(maps[each].numpy())) for each in strongest], _MAX_MAPS)


def _select_layers(maps: dict[str, Tensor]) -> list[str]:
    """Select an early, a middle and the last layer with maps of at least 5 x 5."""
    names = [name for name, each in maps.items() if name and min(each.shape[2:]) >= 5 and each.shape[1] > 1]
    if len(names) < 3:
        return names
    return [names[min(2, len(names) - 3)], names[len(names) // 2], names[-1]]
