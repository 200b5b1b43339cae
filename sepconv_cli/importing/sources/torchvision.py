"""`torchvision:NAME`: a model of torchvision by its name, built without pretrained weights."""

from inspect import signature
from typing import TYPE_CHECKING, Any

from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.files.cache import version_text
from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.importing.sources._packages import foreign, imported_module, package, torch_package
from sepconv_cli.importing.sources.timm import refuse_weights

_FRAMES = 16
_NO_WEIGHTS = ("weights", "weights_backbone")

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported


def _read(address: str, options: ModelOptions) -> "Imported":
    torch_package(address)
    package("torchvision", address)
    models = package("torchvision.models", address)
    from sepconv_cli.importing.passes.build import built

    name = address.partition(":")[2]
    known = models.list_models()
    if name not in known:
        message = f"{address}: torchvision has no model of that name"
        raise UsageError(message, did_you_mean(name, known))
    builder = models.get_model_builder(name)
    call = refuse_weights(address, dict(options.call), *_NO_WEIGHTS)
    # What isn't said to have no weights downloads those of its backbone.
    unsaid = dict.fromkeys(set(_NO_WEIGHTS) & set(signature(builder).parameters))
    with foreign(f"{address}: building it"):
        module = built(lambda: builder(**unsaid, **call), options.built_on)
    return imported_module(module, name, options, _usual(models, name), address)


def _usual(models: Any, name: str) -> tuple[int, ...] | None:
    """The input that its published weights were trained on, as their transforms say."""
    weights = next(iter(models.get_model_weights(name)), None)
    said = getattr(getattr(weights, "transforms", None), "keywords", {})
    size = said.get("crop_size") or said.get("resize_size")
    if not size:
        return None
    sides = (size, size) if isinstance(size, int) else tuple(size)
    sides = sides * 2 if len(sides) == 1 else sides
    is_video = ".video." in models.get_model_builder(name).__module__
    return (3, _FRAMES, *sides) if is_video else (3, *sides)


SOURCE = ModelSource(_read, lambda _: tuple(map(version_text, ("torchvision", "torch"))))
