"""A folder is a registry: the file's name is the name that the user types.

`names` lists a folder without importing anything, `get` imports one file on use.
A file whose name starts with an underscore is a helper and not an entry.
"""

import re
from functools import cache
from importlib import import_module
from os import scandir
from pathlib import Path
from types import ModuleType
from typing import Any

from sepconv_cli.errors import UsageError, did_you_mean

_PACKAGE = Path(__file__).parent

# Tools have dashes in their names, which a Python file can't have.
_SEPARATOR = {"conventions": "-", "trace/tools": "-"}


@cache
def names(folder: str) -> tuple[str, ...]:
    """The entries of a folder of this package, in alphabetical order."""
    stems = (entry.name[:-3] for entry in scandir(_PACKAGE / folder) if entry.name.endswith(".py"))
    typed = (stem.replace("_", _SEPARATOR.get(folder, "_")) for stem in stems if stem[0] != "_")
    return tuple(sorted(typed))


def get(folder: str, name: str) -> ModuleType:
    """The module of one entry. Raises UsageError where there is none of that name."""
    typed = name.replace("_", _SEPARATOR.get(folder, "_"))
    if typed not in names(folder):
        kind = folder.rpartition("/")[2].removesuffix("s")
        raise UsageError(f"no {kind} is called {name}", did_you_mean(typed, names(folder)))
    package = folder.replace("/", ".")
    return import_module(f"sepconv_cli.{package}.{typed.replace('-', '_')}")


@cache
def record(folder: str, name: str) -> type[Any]:
    """The record an entry defines: the class called like the file, in camel case."""
    found: type[Any] = getattr(get(folder, name), camel_case(name))
    return found


def camel_case(name: str) -> str:
    """`batch_norm` -> `BatchNorm`."""
    return "".join(part.capitalize() for part in name.split("_"))


def snake_case(name: str) -> str:
    """`BatchNorm` -> `batch_norm`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
