"""Read the sets of tensors that a file of weights holds; what the file is instead is named."""

from __future__ import annotations

import pickle
import pickletools
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from headrace.errors import ModelError
from headrace.storage import check_seal, find_file_kind
from headrace.suggestions import suggest

__all__ = ["Tensors", "read_tensors"]

Tensors = dict[str, Tensor]

_DEEPEST = 3  # levels of dicts around a state dict
_HEADER_PICKLES = 4  # of the format before zip archives: magic number, version, system, tensors
_CUT = ("the file is cut short or damaged", "download or save it again")


def read_tensors(path: Path) -> dict[str, Tensors]:
    """Read a safetensors file or one of `torch.save`, under any suffix; no code in it is executed.

    Returns:
        Sets of tensors by the keys that lead to them: "" for a state dict at the top level, "model" or
        "checkpoint.model" for one inside of dicts.

    Raises:
        ModelError: The file does not exist, is of another kind, is damaged, or does not hold a state dict.
    """
    _check_exists(path)
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise ModelError(
            f"cannot be read: {error.strerror}", path=str(path), hint="check the path"
        ) from error
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 100 << 20:
        return {"": _read_safetensors(path)}
    if head.startswith(b"PK"):
        _check_zip(path)
    elif not (head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05") or len(head) < 16:
        kind = find_file_kind(path)
        what = f"expected weights, got {kind.what}" if kind else "not a safetensors file or one of torch.save"
        raise ModelError(what, path=str(path), hint=kind.hint if kind else "download or save it again")
    return _read_torch(path)


def _check_exists(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        names = [each.name for each in sorted(path.iterdir()) if each.is_file()]
        hint = f"name the file: {', '.join(names[:4])}" if names else "name the file of the weights"
        raise ModelError("expected a file of weights, got a folder", path=str(path), hint=hint)
    folder = path.parent
    near = (
        suggest(path.name, [each.name for each in folder.iterdir()]) if folder.is_dir() else "check the path"
    )
    raise ModelError("no such file", path=str(path), hint=near)


def _read_safetensors(path: Path) -> Tensors:
    try:
        data = path.read_bytes()
        check_seal(data, str(path))
        return load(data)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{_CUT[0]} ({reason})", path=str(path), hint=_CUT[1]) from error


def _check_zip(path: Path) -> None:
    """Check that a zip archive is one of `torch.save`."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise ModelError(_CUT[0], path=str(path), hint=_CUT[1]) from error
    if any(name.endswith("/constants.pkl") for name in names):
        what = "expected weights, got a TorchScript program"
        raise ModelError(what, path=str(path), hint="save `torch.jit.load(path).state_dict()`")
    if any(name.endswith(".h5") for name in names):
        raise ModelError(
            "expected weights, got a Keras model", path=str(path), hint="convert its weights to safetensors"
        )
    if not any(name.endswith("/data.pkl") for name in names):
        what = f"expected weights, got a zip archive of {', '.join(names[:3]) or 'no files'}"
        raise ModelError(what, path=str(path), hint="unpack it, and name the file of the weights")


def _read_torch(path: Path) -> dict[str, Tensors]:
    try:
        with path.open("rb") as file:  # by its path, torch would go by the suffix
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if _is_cut(path):
            raise ModelError(_CUT[0], path=str(path), hint=_CUT[1]) from error
        raise ModelError(
            "expected tensors only, got other objects", path=str(path), hint="save only the state dict"
        ) from error
    except Exception as error:  # damaged bytes fail anywhere in the unpickler
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ModelError(f"{_CUT[0]} ({reason})", path=str(path), hint=_CUT[1]) from error
    found = dict(_find_tensors(content, ""))
    if not found:
        raise ModelError("not a state dict", path=str(path), hint="save `model.state_dict()`")
    return found


def _is_cut(path: Path) -> bool:
    """Return whether a file ends inside a pickle: a name cut short looks like that of another object."""
    if zipfile.is_zipfile(path):
        return False
    with path.open("rb") as file:
        for _ in range(_HEADER_PICKLES):
            try:
                for _ in pickletools.genops(file):
                    pass
            except ValueError:
                return file.tell() == path.stat().st_size
            if file.tell() == path.stat().st_size:
                break
    return False


def _find_tensors(content: Any, key: str) -> Iterator[tuple[str, Tensors]]:
    """Yield the dicts that hold tensors only, of names; dicts of dicts are searched."""
    if not isinstance(content, Mapping) or not content:
        return
    named = cast("Mapping[Any, Any]", content)
    if all(isinstance(name, str) and isinstance(value, Tensor) for name, value in named.items()):
        yield key, dict(named)
    elif key.count(".") < _DEEPEST:
        for name, value in named.items():
            if isinstance(name, str):
                yield from _find_tensors(value, f"{key}.{name}" if key else name)
