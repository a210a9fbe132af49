"""Lay out the boxes of a drawn graph in layers from left to right, with few crossings.

The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures" (IEEE Transactions on Systems, Man, and Cybernetics, 1981): layers by depth, a place in each layer
that an edge crosses, an order within layers by the mean position of neighbours, and heights close to those of
neighbours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

import numpy as np

__all__ = ["Layout", "Point", "lay_out"]

_SWEEPS = 24


class Point(NamedTuple):
    """A position, or the width and height of a box, in points."""

    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """The positions of boxes and edges; y grows downwards.

    Attributes:
        centers: The center of each box.
        routes: Edge to the points that it runs through, from the right side of one box to the left side of
            another. Each pair of points, counted from the first, is one segment between two layers.
        size: The width and height of the whole drawing.
    """

    centers: Mapping[Hashable, Point]
    routes: Mapping[tuple[Hashable, Hashable], Sequence[Point]]
    size: Point


def lay_out(
    inputs: Mapping[Hashable, Sequence[Hashable]],
    sizes: Mapping[Hashable, Point],
    last: Iterable[Hashable],
    gap: Point,
) -> Layout:
    """Compute the positions of boxes.

    Args:
        inputs: Box to the boxes left of it; each box comes after its inputs.
        sizes: The width and height of each box.
        last: The boxes of the last layer.
        gap: The distance between layers (x), and between the boxes of a layer (y).
    """
    layers, chains = _assign_layers(inputs, set(last))
    neighbours = _find_neighbours(chains)
    _sort_layers(layers, neighbours)
    heights = {node: sizes[node].y if node in sizes else 0.0 for layer in layers for node in layer}
    ys = _compute_heights(layers, neighbours, heights, gap.y)
    spans = _compute_spans(layers, sizes, gap.x)
    centers = {node: Point(sum(spans[node]) / 2, ys[node]) for node in sizes}
    routes = {edge: _build_route(chain, spans, ys) for edge, chain in chains.items()}
    right = max(span[1] for span in spans.values())
    bottom = max(ys[node] + heights[node] / 2 for node in heights)
    return Layout(centers, routes, Point(right, bottom))


Chains = Mapping[tuple[Hashable, Hashable], Sequence[Hashable]]


def _assign_layers(
    inputs: Mapping[Hashable, Sequence[Hashable]], last: set[Hashable]
) -> tuple[list[list[Hashable]], Chains]:
    """Assign boxes to layers, with a placeholder in each layer that an edge crosses."""
    depth: dict[Hashable, int] = {}
    for node, before in inputs.items():
        depth[node] = max((depth[each] + 1 for each in before), default=0)
    deepest = max(depth.values())
    depth |= dict.fromkeys(last, deepest)
    layers: list[list[Hashable]] = [[] for _ in range(deepest + 1)]
    chains: dict[tuple[Hashable, Hashable], Sequence[Hashable]] = {}
    for node, before in inputs.items():
        for each in before:
            between = [(each, node, place) for place in range(depth[each] + 1, depth[node])]
            chains[each, node] = [each, *between, node]
            for place in between:
                layers[place[2]].append(place)
        layers[depth[node]].append(node)
    return layers, chains


Neighbours = tuple[Mapping[Hashable, list[Hashable]], Mapping[Hashable, list[Hashable]]]


def _find_neighbours(chains: Chains) -> Neighbours:
    """Return the neighbours of each node in the layer before it, and in the layer after it."""
    before: dict[Hashable, list[Hashable]] = {}
    after: dict[Hashable, list[Hashable]] = {}
    for chain in chains.values():
        for a, b in pairwise(chain):
            before.setdefault(b, []).append(a)
            after.setdefault(a, []).append(b)
    return before, after


def _sort_layers(layers: list[list[Hashable]], neighbours: Neighbours) -> None:
    """Sort the layers by the mean position of neighbours, forth and back, and keep the best order found."""
    best, fewest = [list(layer) for layer in layers], _count_crossings(layers, neighbours[1])
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for place in range(1, len(layers)) if forth else range(len(layers) - 2, -1, -1):
            beside = layers[place - 1 if forth else place + 1]
            places = {node: number for number, node in enumerate(beside)}
            near = neighbours[0 if forth else 1]
            own = {node: number for number, node in enumerate(layers[place])}
            means = {
                node: fmean(places[each] for each in near[node]) if near.get(node) else None for node in own
            }
            layers[place] = _sort_layer(layers[place], means)
        found = _count_crossings(layers, neighbours[1])
        if found < fewest:
            best, fewest = [list(layer) for layer in layers], found
    layers[:] = best


def _sort_layer(layer: list[Hashable], means: Mapping[Hashable, float | None]) -> list[Hashable]:
    """Sort a layer by the means; nodes without a mean keep their position."""
    movable = iter(
        sorted((node for node in layer if means[node] is not None), key=lambda node: means[node] or 0.0)
    )
    return [node if means[node] is None else next(movable) for node in layer]


def _count_crossings(layers: list[list[Hashable]], after: Mapping[Hashable, list[Hashable]]) -> int:
    """Count the pairs of edges that cross."""
    total = 0
    for left, right in pairwise(layers):
        places = {node: number for number, node in enumerate(right)}
        above: list[int] = []  # the ends of the edges so far, sorted
        for node in left:
            for end in sorted(places[each] for each in after.get(node, [])):
                place = bisect_right(above, end)
                total += len(above) - place
                above.insert(place, end)
    return total


def _compute_heights(
    layers: list[list[Hashable]], neighbours: Neighbours, heights: Mapping[Hashable, float], gap: float
) -> dict[Hashable, float]:
    """Compute the height of each node: close to its neighbours, in order, without overlap."""
    ys: dict[Hashable, float] = {}
    offsets: list[np.ndarray] = []
    for layer in layers:
        sizes = [heights[node] for node in layer]
        steps = [(a + b) / 2 + (gap if a or b else gap / 2) for a, b in pairwise(sizes)]
        offsets.append(np.concatenate([[0.0], np.cumsum(steps)]))
        ys |= zip(layer, offsets[-1] - offsets[-1][-1] / 2, strict=True)
    for sweep in range(2 * _SWEEPS):
        order = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        for place in order:
            targets = [_target_height(node, ys, neighbours, sweep) for node in layers[place]]
            ys |= zip(layers[place], _separate(np.array(targets), offsets[place]), strict=True)
    top = min(ys[node] - heights[node] / 2 for node in ys)
    return {node: y - top for node, y in ys.items()}


def _compute_spans(
    layers: list[list[Hashable]], sizes: Mapping[Hashable, Point], gap: float
) -> dict[Hashable, tuple[float, float]]:
    """Compute the left and right side of each node: of a box its own, of an edge those of the layer."""
    spans: dict[Hashable, tuple[float, float]] = {}
    left = 0.0
    for layer in layers:
        width = max(sizes[node].x for node in layer if node in sizes)
        for node in layer:
            free = (width - sizes[node].x) / 2 if node in sizes else 0.0
            spans[node] = (left + free, left + width - free)
        left += width + gap
    return spans


def _build_route(
    chain: Sequence[Hashable], spans: Mapping[Hashable, tuple[float, float]], ys: Mapping[Hashable, float]
) -> list[Point]:
    return [
        point for a, b in pairwise(chain) for point in (Point(spans[a][1], ys[a]), Point(spans[b][0], ys[b]))
    ]


def _target_height(node: Hashable, ys: Mapping[Hashable, float], neighbours: Neighbours, sweep: int) -> float:
    """Return the mean height of the neighbours: of alternating sides at first, then of both."""
    sides = neighbours if sweep >= _SWEEPS else (neighbours[sweep % 2],)
    near = [ys[each] for side in sides for each in side.get(node, [])]
    return fmean(near) if near else ys[node]


def _separate(targets: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the heights closest to the targets, by least squares, that keep the distances.

    This is isotonic regression by pooling adjacent violators.
    """
    blocks: list[list[float]] = []  # mean and count of nodes at minimum distance
    for value in targets - offsets:
        blocks.append([float(value), 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            other, total = blocks[-1]
            blocks[-1] = [(mean * count + other * total) / (count + total), count + total]
    return np.concatenate([np.full(int(count), mean) for mean, count in blocks]) + offsets
