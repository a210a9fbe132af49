"""Installed packages, which are identified by name and version instead of by their code."""

from __future__ import annotations

import builtins
import importlib.util
import os
import site
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType

from headrace.data.identity.encode import digest

__all__ = ["find_owner", "is_installed_file", "library_digest", "module_owner", "package_label"]

_FROZEN = ("built-in", "frozen")


@cache
def _installed_folders() -> tuple[str, ...]:
    """The folders of the standard library and of installed packages."""
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += [*site.getsitepackages(), site.getusersitepackages()]
    found = {folder for path in paths if path for folder in (path, os.path.realpath(path))}
    return tuple(sorted(folder + os.sep for folder in found))


@cache
def is_installed_file(path: str) -> bool:
    """Return whether a source or library file belongs to Python, to an installed package, or to Headrace."""
    if path.startswith("<frozen "):
        return True
    return (
        path.startswith((*_installed_folders(), _own_folder())) or os.sep + "site-packages" + os.sep in path
    )


@cache
def _own_folder() -> str:
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep  # noqa: PTH100, PTH120


def find_owner(module: ModuleType | None) -> str | None:
    """Return the name and version of the installed package that a module belongs to; None for user code."""
    if module is None:
        return None
    name = module.__name__
    if name in sys.builtin_module_names:
        return package_label(name)
    file = getattr(module, "__file__", None)
    if file is None:
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        return package_label(name) if origin in _FROZEN else _owner_of_namespace(module)
    return package_label(name) if is_installed_file(file) else None


def module_owner(name: str) -> str | None:
    """Return the owner of a module by its name, whether it is imported or not; None for user code."""
    module = sys.modules.get(name)
    if module is not None or name == "__main__":
        return find_owner(module)
    top = name.partition(".")[0]
    if top in sys.modules:
        return find_owner(sys.modules[top])
    spec = importlib.util.find_spec(top) if top else None
    if spec is None:
        return None
    places = (
        [spec.origin] if spec.origin else [each + os.sep for each in spec.submodule_search_locations or ()]
    )
    is_installed = all(each in _FROZEN or is_installed_file(each) for each in places)
    return package_label(name) if is_installed else None


def library_digest(name: str | None) -> bytes | None:
    """Compute the digest of the file of a compiled module; None for modules written in Python."""
    file = getattr(sys.modules.get(name or ""), "__file__", None)
    if file is None or not file.endswith(tuple(EXTENSION_SUFFIXES)):
        return None
    status = os.stat(file)  # noqa: PTH116
    return _read_library(file, status.st_size, status.st_mtime_ns)


@cache
def _read_library(file: str, _size: int, _modified: int) -> bytes:
    with open(file, "rb") as opened:  # noqa: PTH123
        return digest(opened.read())


def _owner_of_namespace(module: ModuleType) -> str | None:
    """Return the owner of a package without a file, by the folders that it lies in."""
    folders = list(getattr(module, "__path__", ()))
    is_installed = bool(folders) and all(is_installed_file(str(each) + os.sep) for each in folders)
    return package_label(module.__name__) if is_installed else None


@cache
def package_label(module: str) -> str:
    """Return the top-level package of a module with its version: `numpy 2.3.5`, `python 3.11`."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == builtins.__name__:
        return f"python {sys.version_info[0]}.{sys.version_info[1]}"
    return f"{top} {_find_version(top)}"


def _find_version(top: str) -> str:
    from importlib import metadata  # with its parsers of mail headers, as long as half of NumPy

    try:
        return metadata.version(top)
    except metadata.PackageNotFoundError:
        names = _distributions().get(top, ())
        versions = [f"{name} {metadata.version(name)}" for name in sorted(set(names))]
        return ", ".join(versions) or str(getattr(sys.modules.get(top), "__version__", ""))


@cache
def _distributions() -> Mapping[str, Sequence[str]]:
    from importlib import metadata

    return metadata.packages_distributions()  # reads the file lists of all packages
