"""`torch:package.module:Name`: a class, a function or a module of the user's own.

Its code is run, so that only a command line may name it. The working folder is searched first, as
`python -m` does.
"""

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.importing.sources._packages import foreign, imported_module, torch_package

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported


def _read(address: str, options: ModelOptions) -> "Imported":
    module_name, colon, name = address.partition(":")[2].partition(":")
    if not (colon and module_name and name):
        raise UsageError(f"{address}: expected torch:MODULE:NAME", "torch:mypackage.models:Net")
    torch_package(address)
    found = _attribute(_module(module_name, address), name, address)
    return imported_module(_built(found, address, options), name, options, None, address)


def _module(name: str, address: str) -> ModuleType:
    here = os.getcwd()  # noqa: PTH109
    if here not in sys.path:
        sys.path.insert(0, here)
    with foreign(f"{address}: importing {name}", f"modules are looked for in {here} first"):
        return import_module(name)


def _attribute(module: ModuleType, name: str, address: str) -> Any:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            known = [each for each in vars(module) if callable(getattr(module, each))]
            hint = did_you_mean(part, [each for each in known if not each.startswith("_")])
            raise UsageError(f"{address}: {module.__name__} has no {part}", hint)
        found = getattr(found, part)
    return found


def _built(found: Any, address: str, options: ModelOptions) -> Any:
    from sepconv_cli.importing.passes.build import built, is_module

    if is_module(found):
        if options.call:
            raise UsageError(f"{address} is a module already, which --call can't build")
        return found
    if not callable(found):
        raise UsageError(
            f"{address} is a {type(found).__name__}, and no torch module",
            "name an nn.Module, its class, or a function that gives one",
        )
    with foreign(f"{address}: building it", "its arguments: --call 'NAME=VALUE, ...'"):
        module = built(lambda: found(**dict(options.call)), options.built_on)
    if not is_module(module):
        raise UsageError(
            f"{address} gives a {type(module).__name__}, and no torch module",
            "name an nn.Module, its class, or a function that gives one",
        )
    return module


SOURCE = ModelSource(_read, None, runs_code=True)
