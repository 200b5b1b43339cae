"""`timm:NAME`: a model of timm by its name, built without pretrained weights."""

from typing import TYPE_CHECKING, Any

from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.files.cache import version_text
from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.importing.sources._packages import foreign, imported_module, package, torch_package

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported


def _read(address: str, options: ModelOptions) -> "Imported":
    torch_package(address)
    timm = package("timm", address)
    from sepconv_cli.importing.passes.build import built

    name = address.partition(":")[2]
    known = timm.list_models()
    base = name.partition(".")[0]
    if base not in known:
        message = f"{address}: timm has no model of that name"
        raise UsageError(message, did_you_mean(base, known))
    call = refuse_weights(address, dict(options.call), "pretrained")
    with foreign(f"{address}: building it"):
        module = built(lambda: timm.create_model(name, pretrained=False, **call), options.built_on)
    return imported_module(module, name, options, _usual(module), address)


def refuse_weights(address: str, call: dict[str, Any], *words: str) -> dict[str, Any]:
    """The arguments, unless they ask for weights: nothing is ever downloaded."""
    for word in words:
        if call.pop(word, None):
            raise UsageError(f"{address} is built without weights: --call takes no {word}")
    return call


def _usual(module: Any) -> tuple[int, ...] | None:
    """The input that timm says the model was trained on."""
    about = getattr(module, "pretrained_cfg", None) or getattr(module, "default_cfg", None) or {}
    shape = about.get("input_size")
    return tuple(shape) if shape else None


SOURCE = ModelSource(_read, lambda _: tuple(map(version_text, ("timm", "torch"))))
