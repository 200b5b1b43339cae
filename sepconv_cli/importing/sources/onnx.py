"""`FILE.onnx`: a network in an ONNX file, read without torch and without its weights."""

from typing import TYPE_CHECKING

from sepconv_cli.files.cache import version_text
from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.importing.sources._packages import file_state, refuse_building

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported


def _read(address: str, options: ModelOptions) -> "Imported":
    from sepconv_cli.importing.onnx_file import from_onnx

    refuse_building(address, options)
    return from_onnx(address, options.by_name)


def _versions(address: str) -> tuple[object, ...]:
    state = file_state(address)
    return (*state, version_text("onnx")) if state else ()


SOURCE = ModelSource(_read, _versions, is_file=True)
