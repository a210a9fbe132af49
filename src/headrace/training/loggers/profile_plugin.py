"""Files for the profile tab of TensorBoard: the pieces of work of a profile, as its plugin reads them.

The plugin (tensorboard-plugin-profile, xprof) reads an XSpace message (`xplane.proto` of OpenXLA) from
`plugins/profile/RUN/HOST.xplane.pb`: planes of lines, one line for each thread, of events with offsets and
durations in picoseconds. Field numbers below are those of that file.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

from headrace.data.profiling import Profile, Span
from headrace.storage import make_folder, write_bytes

__all__ = ["encode_xspace", "write_plugin_files"]

_PLANE = "/host:CPU"
_HOST = socket.gethostname()


def write_plugin_files(profile: Profile, folder: Path) -> Path:
    """Write the pieces of work of a profile into a folder of event files, as a run of its own.

    Returns:
        The file.
    """
    run = folder / "plugins" / "profile" / time.strftime("%Y_%m_%d_%H_%M_%S")
    make_folder(run)
    path = run / f"{_HOST}.xplane.pb"
    write_bytes(path, encode_xspace(profile))
    return path


def encode_xspace(profile: Profile) -> bytes:
    """Encode the pieces of work of a profile as an XSpace message."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(s.name for s in profile.spans), 1)}
    start = min((span.start for span in profile.spans), default=0.0)
    plane = _number(1, 1) + _bytes(2, _PLANE.encode())
    for thread, name in profile.threads.items():
        spans = [span for span in profile.spans if span.thread == thread]
        plane += _bytes(3, _encode_line(thread, name, spans, numbers, start))
    for name, number in numbers.items():
        metadata = _number(1, number) + _bytes(2, name.encode())
        plane += _bytes(4, _number(1, number) + _bytes(2, metadata))
    return _bytes(1, plane) + _bytes(4, _HOST.encode())


def _encode_line(thread: int, name: str, spans: list[Span], numbers: dict[str, int], start: float) -> bytes:
    """Encode a thread; its events are sorted, the outer ones first."""
    line = bytearray(_number(1, thread) + _bytes(2, name.encode()) + _number(3, 0))
    for span in sorted(spans, key=lambda span: (span.start, -span.seconds)):
        offset, duration = round((span.start - start) * 1e12), round(span.seconds * 1e12)
        event = _number(1, numbers[span.name]) + _number(2, offset) + _number(3, duration)
        line += _bytes(4, event)
    return bytes(line)


def _number(field: int, value: int) -> bytes:
    return bytes([field << 3, *_varint(value)])


def _bytes(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2, *_varint(len(value))]) + value


def _varint(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
