"""`FILE.onnx`: a network in an ONNX file, read without torch and without its weights."""

from pathlib import Path
from typing import TYPE_CHECKING

from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.importing.sources._packages import file_versions, refuse_call

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported


def _read(address: str, options: ModelOptions) -> "Imported":
    from sepconv_cli.importing.imported import imported
    from sepconv_cli.importing.onnx_file import recorded_from_onnx

    refuse_call(address, options)
    recorded = recorded_from_onnx(Path(address), options.by_name)
    return imported(recorded, (f"imported from {address}",))


SOURCE = ModelSource(_read, lambda path: file_versions(path, "onnx"), is_file=True)
