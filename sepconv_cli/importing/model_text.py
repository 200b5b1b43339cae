"""An address -> the text of a spec, which is kept: the next time nothing heavy is imported."""

from hashlib import sha256

import msgspec

from sepconv_cli.files.cache import read_entry, stamp, write_entry
from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.version import __version__

_FOLDER = "models"
# What a text depends on: how it is made, and what an op takes for granted.
_ROOMS = ("importing", "language", "lowering", "ops")


class ModelText(msgspec.Struct, frozen=True):
    """The text of a spec that was made of a model, and what is said of it.

    It is `whole` where nothing is opaque, and everything that was to be proven is.
    """

    text: str
    said: tuple[str, ...]
    whole: bool


def model_text(source: ModelSource, address: str, options: ModelOptions) -> ModelText:
    """The spec of the model at an address, from the cache where it is known. Raises SpecError."""
    versions = source.versions(address) if source.versions and options.use_cache else ()
    if not versions:
        return _made(source, address, options)
    key = _key(address, options, versions)
    found = _kept(key)
    if found is None:
        found = _made(source, address, options)
        write_entry(_FOLDER, key, msgspec.json.encode(found))
    return found


def _made(source: ModelSource, address: str, options: ModelOptions) -> ModelText:
    from sepconv_cli.importing.model_import import import_model

    return import_model(source, address, options)


def _key(address: str, options: ModelOptions, versions: tuple[object, ...]) -> str:
    known = (__version__, stamp(_ROOMS), address, options, versions)
    return sha256(repr(known).encode()).hexdigest()


def _kept(key: str) -> ModelText | None:
    body = read_entry(_FOLDER, key)
    try:
        return msgspec.json.decode(body, type=ModelText) if body else None
    except msgspec.MsgspecError:
        return None
