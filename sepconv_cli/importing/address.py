"""Addresses of models: `timm:resnet50`, `torch:package.module:Net`, `model.onnx`.

The folder sources/ lists the kinds: `NAME:` stands in front of an address, or a file's name ends
in `.NAME`. Nothing here imports torch, or what the models are written in.
"""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sepconv_cli.registry import get, names

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported

_SOURCES = "importing/sources"
RESOLUTION = "resolution"
"""The parameter that the size of a model's input is."""


class AskedInput(msgspec.Struct, frozen=True):
    """The shape of one sample of an input; one without a name is in its place.

    Where it is `whole`, its numbers are whole ones, such as indices.
    """

    name: str
    shape: tuple[int, ...]
    whole: bool = False


class ModelOptions(msgspec.Struct, frozen=True):
    """What is asked of every model that is read: inputs, arguments of its class, the device.

    `resolutions` are the sizes of the input that the spec has to hold at. `verify` compares
    outputs too.
    """

    inputs: tuple[AskedInput, ...] = ()
    call: tuple[tuple[str, Any], ...] = ()
    device: str = "meta"
    verify: bool = False
    resolutions: tuple[int, ...] = ()
    use_cache: bool = True

    @property
    def built_on(self) -> str:
        """The device to build a model on: running it needs values, where modules work them out."""
        return "cpu" if self.verify else self.device

    @property
    def by_name(self) -> "Mapping[str, tuple[int, ...]] | tuple[int, ...] | None":
        """The shapes as the readers of files take them."""
        if len(self.inputs) == 1 and not self.inputs[0].name:
            return self.inputs[0].shape
        return {each.name: each.shape for each in self.inputs} or None


USUAL = ModelOptions()


class ModelSource(msgspec.Struct, frozen=True):
    """A kind of address: `read` makes a spec of a model, which depends on the `versions` given.

    `versions` is None for what can change without its name or a file's date doing so. Where it
    `runs_code` of the user's, only the command line may name it.
    """

    read: "Callable[[str, ModelOptions], Imported]"
    versions: Callable[[str], tuple[object, ...]] | None
    is_file: bool = False
    runs_code: bool = False


def model_source(address: str) -> ModelSource | None:
    """The kind of address that a text is; None for the path of a spec.

    A file that is there is a file, however it is called.
    """
    head, colon, _ = address.partition(":")
    known = names(_SOURCES)
    if colon and head in known and not os.path.lexists(address):
        found = _entry(head)
        if not found.is_file:
            return found
    ending = address.rpartition(".")[2].lower()
    if ending != address and ending in known:
        found = _entry(ending)
        return found if found.is_file else None
    return None


def is_model_file(path: str) -> bool:
    """Whether a path is that of a file that holds a model, if there is one."""
    source = model_source(path)
    return source is not None and source.is_file


def _entry(name: str) -> ModelSource:
    found: ModelSource = get(_SOURCES, name).SOURCE
    return found
