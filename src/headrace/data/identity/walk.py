"""Encode an object and everything that it refers to, breadth first."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Collection, Iterable
from types import MethodType
from typing import Any

from headrace.data.identity.encode import CONSTANTS, Encoder, digest
from headrace.data.identity.names import type_name

__all__ = ["TooManyError", "Walk"]

_MAX_OBJECTS = 50_000
_MAX_DEPTH = 16  # of tuples in tuples; deeper ones are numbered like other objects
_MAX_NESTING = 8  # of sets in sets
_MANY = 32  # constants that are encoded at once
_PLAIN = {str, int, float, bool, bytes, type(None)}


class TooManyError(Exception):
    """An object refers to more objects than are followed."""


class Walk:
    """Numbers objects in the order in which they are met, and describes each once.

    An object is encoded as its number wherever it is met, so cycles end, and its description follows later.

    Args:
        describe: Puts what an object consists of.
        outer: The walk that this one is part of.

    Attributes:
        unknown: What cannot be identified, in the order in which it was met.
    """

    def __init__(self, describe: Callable[[Walk, Any], None], outer: Walk | None = None) -> None:
        self._describe = describe
        self._numbers: dict[int, int] = {}
        self._objects: list[Any] = []  # kept alive: numbers go by id
        self._encoder = Encoder()
        self.unknown: dict[str, None] = {} if outer is None else outer.unknown
        self._met: list[int] = [0] if outer is None else outer._met
        self._around: tuple[int, ...] = () if outer is None else outer._around

    def digest(self, value: Any) -> bytes:
        """Compute the digest of an object and all it refers to, 16 bytes.

        Raises:
            TooManyError: These are more objects than are followed.
        """
        self.put(value)
        place = 0
        while place < len(self._objects):
            self._describe_safely(self._objects[place])
            place += 1
        return digest(self._encoder.content)

    def _describe_safely(self, value: Any) -> None:
        try:
            self._describe(self, value)
        except TooManyError:
            raise
        except Exception:  # attributes of foreign objects may raise anything
            self.report(type_name(type(value)))

    def put(self, value: Any, depth: int = 0) -> None:
        """Put a constant or a tuple itself, another object as a reference to its description."""
        kind = type(value)
        if kind in CONSTANTS:
            self._encoder.put(value)
        elif kind is tuple and depth < _MAX_DEPTH:
            self.tag("tuple", len(value))
            self._put_each(value, depth + 1)
        elif kind is MethodType:
            self.tag("method")
            self.put(value.__func__)
            self.put(value.__self__)
        else:
            self._put_reference(value)

    def _put_reference(self, value: Any) -> None:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
            self._met[0] += 1
            if self._met[0] > _MAX_OBJECTS:
                raise TooManyError
        self._encoder.put_bytes(b"r", b"%x" % number)

    def put_all(self, values: Collection[Any]) -> None:
        """Put values in order, with their number."""
        self._encoder.put_bytes(b"(", b"%x" % len(values))
        self._put_each(values, 0)

    def _put_each(self, values: Collection[Any], depth: int) -> None:
        if len(values) >= _MANY and _PLAIN.issuperset(map(type, values)):
            self._encoder.put_digest("constants", marshal.dumps(list(values), 0))  # without references
            return
        for each in values:
            self.put(each, depth)

    def put_set(self, values: set[Any] | frozenset[Any]) -> None:
        """Put the elements of a set in an order that does not depend on their hashes."""
        if id(values) in self._around or len(self._around) >= _MAX_NESTING:
            self.tag("cycle")
            return
        inner = sorted(self._element_digest(values, each) for each in values)
        self._encoder.put_bytes(b"{", b"".join(inner))

    def _element_digest(self, values: Any, element: Any) -> bytes:
        if type(element) in _PLAIN:
            encoder = Encoder()
            encoder.put(element)
            return digest(encoder.content)
        walk = Walk(self._describe, self)
        walk._around = (*self._around, id(values))
        return walk.digest(element)

    def put_items(self, items: Iterable[tuple[str, Any]]) -> None:
        """Put named values in the order of their names."""
        found = sorted(items, key=lambda item: item[0])
        self._encoder.put_bytes(b"(", b"%x" % len(found))
        for name, value in found:
            self._encoder.put(name)
            self.put(value)

    def tag(self, *values: Any) -> None:
        """Put the kind of the object that is described, and values that follow from it."""
        self._encoder.put_bytes(b"g", b"%x" % len(values))
        for each in values:
            self.put(each)

    def put_digest(self, kind: str, *pieces: Any) -> None:
        """Put the digest of bytes of some kind."""
        self._encoder.put_digest(kind, *pieces)

    def report(self, what: str) -> None:
        """Report something that cannot be identified."""
        self.unknown[what] = None
        self.tag("unknown", what)
