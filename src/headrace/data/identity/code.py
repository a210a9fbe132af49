"""What a code object does, apart from where it lies, and which names it looks up.

The digest of a code object covers its instructions with their constants. It does not cover file names, line
numbers, docstrings, the names of local variables, or the order of constants.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from dis import Instruction
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from headrace.data.identity.encode import Encoder

__all__ = ["CodeSummary", "Import", "summarize"]

_IGNORED = {"CACHE", "EXTENDED_ARG", "NOP"}  # they come and go with the layout of the text
_PLACES = {"__doc__", "__qualname__", "__module__", "__firstlineno__", "__static_attributes__"}
_GLOBALS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD"}
_FLAGS = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)


@dataclass(frozen=True)
class Import:
    """An import inside a function.

    Attributes:
        module: The module's name, as it is written.
        level: The number of leading dots.
        names: The names after `from module import`; empty for `import module`.
    """

    module: str
    level: int
    names: tuple[str, ...]


@dataclass
class CodeSummary:
    """What a code object and the code objects inside it do.

    Attributes:
        content: The encoded instructions.
        lookups: The names that are looked up outside the code, each with the attributes taken of it:
            ("np", "random", "rand"). A name may be local to a class body.
        imports: The imports.
        attributes: The names of all attributes.
        assigned: The global names that the code assigns or deletes.
    """

    content: bytes = b""
    lookups: dict[tuple[str, ...], None] = field(default_factory=dict[tuple[str, ...], None])
    imports: dict[Import, None] = field(default_factory=dict[Import, None])
    attributes: dict[str, None] = field(default_factory=dict[str, None])
    assigned: dict[str, None] = field(default_factory=dict[str, None])


_summaries: WeakKeyDictionary[CodeType, CodeSummary] = WeakKeyDictionary()


def summarize(code: CodeType) -> CodeSummary:
    """Summarize a code object; code objects do not change, so each is disassembled once."""
    found = _summaries.get(code)
    if found is None:
        found = _summaries[code] = _summarize(code)
    return found


def _summarize(code: CodeType) -> CodeSummary:
    summary, encoder = CodeSummary(), Encoder()
    arguments = code.co_argcount + code.co_kwonlyargcount
    encoder.put((
        code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & _FLAGS,
        code.co_varnames[:arguments],
    ))  # fmt: skip
    instructions = [each for each in dis.get_instructions(code) if each.opname not in _IGNORED]
    ordinals = _number_offsets(instructions)
    for entry in getattr(dis.Bytecode(code), "exception_entries", ()):
        places = (ordinals.get(offset, -1) for offset in (entry.start, entry.end, entry.target))
        encoder.put((*places, entry.depth, entry.lasti))
    described = list(_without_places(instructions))
    for instruction in described:
        encoder.put(instruction.opname)
        if instruction.opcode in dis.hasconst and instruction.arg is not None:
            _put_constant(encoder, code.co_consts[instruction.arg], summary)
        else:
            _put_argument(encoder, instruction, ordinals)
    _find_names(described, summary)
    summary.content = encoder.content
    return summary


def _number_offsets(instructions: Sequence[Instruction]) -> dict[int, int]:
    """Map every offset up to the end of each instruction to the instruction's ordinal."""
    ordinals: dict[int, int] = {}
    start = 0
    for ordinal, instruction in enumerate(instructions):
        for offset in range(start, instruction.offset + 2, 2):  # jumps may lead to an ignored instruction
            ordinals[offset] = ordinal
        start = instruction.offset + 2
    return ordinals


def _without_places(instructions: Sequence[Instruction]) -> Iterator[Instruction]:
    """Leave out assignments of class bodies that say where the class is defined."""
    following = [*instructions[1:], None]
    previous_is_place = False
    for instruction, after in zip(instructions, following, strict=True):
        is_place = after is not None and after.opname == "STORE_NAME" and after.argval in _PLACES
        if not is_place and not previous_is_place:
            yield instruction
        previous_is_place = is_place


def _put_argument(encoder: Encoder, instruction: Instruction, ordinals: dict[int, int]) -> None:
    value: Any = instruction.argval
    if instruction.opcode in dis.hasname:
        encoder.put(value)
    elif instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
        encoder.put(ordinals.get(value, -1))
    else:
        encoder.put(instruction.arg)


def _put_constant(encoder: Encoder, value: Any, summary: CodeSummary) -> None:
    if not isinstance(value, CodeType):
        encoder.put(value)
        return
    inner = summarize(value)
    encoder.put_digest("code", inner.content)
    for mine, its in (
        (summary.lookups, inner.lookups),
        (summary.imports, inner.imports),
        (summary.attributes, inner.attributes),
        (summary.assigned, inner.assigned),
    ):
        mine.update(its)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _find_names(instructions: Sequence[Instruction], summary: CodeSummary) -> None:
    for place, instruction in enumerate(instructions):
        if instruction.opname in _GLOBALS:
            attributes = _leading_attributes(instructions[place + 1 :])
            summary.lookups[(instruction.argval, *attributes)] = None
        elif instruction.opname in _ATTRIBUTES:
            summary.attributes[instruction.argval] = None
        elif instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            summary.assigned[instruction.argval] = None
        elif instruction.opname == "IMPORT_NAME":
            level, names = (each.argval for each in instructions[place - 2 : place])
            summary.imports[Import(instruction.argval, level or 0, tuple(names or ()))] = None


def _leading_attributes(instructions: Iterable[Instruction]) -> Iterator[str]:
    for instruction in instructions:
        if instruction.opname not in _ATTRIBUTES:
            return
        yield instruction.argval
