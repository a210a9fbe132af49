"""What a publisher's files hold, and how they are written."""

import gzip
import io
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Rows = list[dict[str, Any]]
FILES = Path(__file__).parents[1] / "files"


@dataclass(frozen=True)
class Published:
    """The files of a dataset.

    Attributes:
        write: Writes them into a folder; returns the rows that they hold, by split.
        keeps_order: Whether the dataset has the order of the files.
    """

    write: Callable[[Path], dict[str, Rows]]
    keeps_order: bool = False


def copy_real(name: str, folder: Path) -> str:
    """Copy a publisher's own file; return its text."""
    shutil.copy(FILES / name, folder)
    data = (FILES / name).read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode()


def pack_tar(path: Path, files: Mapping[str, bytes], compression: str = "gz") -> None:
    """Pack files, with their folders, as GNU tar does."""
    with tarfile.open(path, f"w:{compression}", format=tarfile.GNU_FORMAT) as archive:
        folders = {
            "/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)
        }
        for folder in sorted(folders):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def pack_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Pack files, with their folders, deflated."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in sorted({name.rsplit("/", 1)[0] for name in files if "/" in name}):
            archive.writestr(f"{folder}/", b"")
        for name, data in files.items():
            archive.writestr(name, data)


def write_jpeg(number: int, size: tuple[int, int] = (12, 9)) -> bytes:
    """Write a small JPEG file with a JFIF header, another for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, (*size[::-1], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def write_png(number: int, size: tuple[int, int] = (8, 8)) -> bytes:
    """Write a small PNG file, another for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, (*size[::-1], 4), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def write_idx(array: np.ndarray) -> bytes:
    """Write an idx file, compressed as gzip does it with the name of the file in its header."""
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    buffer = io.BytesIO()
    with gzip.GzipFile("images-idx3-ubyte", "wb", fileobj=buffer) as file:
        file.write(head + array.tobytes())
    return buffer.getvalue()


def write_matlab(arrays: Mapping[str, np.ndarray], *, compressed: bool = True) -> bytes:
    """Write a MATLAB 5 file, arrays in the smallest type that holds them, as `save -v7` and `save -v6` do."""
    head = b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon Dec  5 21:09:26 2011".ljust(124)
    parts = [head + b"\x00\x01IM"]
    for name, array in arrays.items():
        kind = {"uint8": 9, "float64": 6, "uint16": 11}[str(array.dtype)]
        stored = array.astype(np.uint8) if array.max() < 256 else array.astype(np.uint16)
        body = _element(6, struct.pack("<II", kind, 0)) + _element(
            5, struct.pack(f"<{array.ndim}i", *array.shape)
        )
        body += _element(1, name.encode()) + _element(2 * stored.itemsize, stored.tobytes(order="F"))
        element = struct.pack("<II", 14, len(body)) + body
        packed = zlib.compress(element)
        parts.append(struct.pack("<II", 15, len(packed)) + packed if compressed else element)
    return b"".join(parts)


def _element(kind: int, data: bytes) -> bytes:
    if 0 < len(data) <= 4:  # the small format
        return struct.pack("<HH", kind, len(data)) + data.ljust(4, b"\0")
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)
