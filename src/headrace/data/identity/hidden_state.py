"""Objects and functions whose results depend on something that cannot be identified."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from headrace.data.identity.names import module_name

__all__ = ["find_attribute", "find_hidden_state", "find_readers", "is_hidden_state", "is_stateful"]

_STATEFUL = {
    ("random", "Random"),
    ("os", "_Environ"),
    ("numpy.random.mtrand", "RandomState"),
    ("numpy.random._generator", "Generator"),
    ("numpy.random.bit_generator", "BitGenerator"),
    ("torch._C", "Generator"),
}
_ANY = {"eval", "exec", "globals", "input", "locals", "open", "vars", "__import__"}
_FUNCTIONS = {
    "builtins": _ANY,
    "bz2": {"open", "BZ2File"},
    "fsspec": {"filesystem", "open", "open_files", "url_to_fs"},
    "glob": {"glob", "iglob"},
    "gzip": {"open", "GzipFile"},
    "importlib": {"import_module", "reload"},
    "io": {"open"},
    "_io": {"open"},
    "json": {"load"},
    "lzma": {"open", "LZMAFile"},
    "numpy": {"fromfile", "genfromtxt", "load", "loadtxt", "memmap"},
    "os": {"environ", "getcwd", "getenv", "listdir", "open", "scandir", "stat", "urandom", "walk"},
    "pickle": {"load"},
    "PIL.Image": {"open"},
    "random": {
        "betavariate", "choice", "choices", "gauss", "getrandbits", "normalvariate", "randbytes", "randint",
        "random", "randrange", "sample", "shuffle", "uniform",
    },
    "secrets": {"choice", "randbelow", "randbits", "token_bytes", "token_hex", "token_urlsafe"},
    "requests": {"get", "post", "request", "Session"},
    "sys": {"argv", "modules", "stdin"},
    "time": {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "time", "time_ns"},
    "torch": {
        "bernoulli", "load", "multinomial", "normal", "poisson", "rand", "rand_like", "randint",
        "randint_like", "randn", "randn_like", "randperm",
    },
    "uuid": {"uuid1", "uuid4"},
}  # fmt: skip


# Names of methods, of any object, that read a file, the network or the clock.
_READERS = {
    "fromfile", "genfromtxt", "import_module", "loadtxt", "memmap", "now", "open", "read_bytes", "read_csv",
    "read_excel", "read_feather", "read_json", "read_orc", "read_parquet", "read_pickle", "read_sql",
    "read_table", "read_text", "today", "urlopen", "urlretrieve", "utcnow",
}  # fmt: skip


_WITH_SUBMODULES = {"numpy"}


def is_stateful(value: Any) -> bool:
    """Return whether an object is a random generator, or the environment of the process."""
    return any((module_name(each), each.__qualname__) in _STATEFUL for each in type(value).__mro__)


def is_hidden_state(module: str, name: str, value: Any) -> bool:
    """Return whether an attribute of an installed module reads a state outside of the program's objects."""
    if name in _FUNCTIONS.get(module, ()):
        return True
    return is_stateful(value) or is_stateful(getattr(value, "__self__", None))


def find_readers(attributes: Iterable[str]) -> Iterator[str]:
    """Find the attributes that, by their names, are functions which read a file, the network or the clock."""
    return (f"{name}()" for name in attributes if name in _READERS)


def find_attribute(module: ModuleType, name: str) -> Any:
    """Return an attribute of an installed module, or None.

    Submodules that are imported at their first use, such as `numpy.random`, are imported only where they may
    hold hidden state: others may be large.
    """
    is_lazy = module.__name__ in _WITH_SUBMODULES and name not in vars(module)
    return getattr(module, name, None) if is_lazy else vars(module).get(name)


def find_hidden_state(module: str, names: Iterable[str]) -> Iterator[str]:
    """Find the attributes of an installed module, and of its submodules, that read such a state.

    Args:
        module: The module's name; it need not be imported.
        names: The names of attributes, in any order: "random" and "rand" for `np.random.rand`.
    """
    names = list(names)
    loaded = sys.modules.get(module)
    for name in names:
        value = None if loaded is None else find_attribute(loaded, name)
        if is_hidden_state(module, name, value):
            yield f"{module}.{name}"
        elif isinstance(value, ModuleType) and value.__name__ == f"{module}.{name}":
            yield from find_hidden_state(value.__name__, names)
