"""`FILE.pt2`: a program that torch.export saved, read without torch; nothing in it is run."""

from typing import TYPE_CHECKING

from sepconv_cli.importing.address import ModelOptions, ModelSource
from sepconv_cli.importing.sources._packages import file_state, refuse_building

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported


def _read(address: str, options: ModelOptions) -> "Imported":
    from sepconv_cli.importing.pt2 import from_pt2

    refuse_building(address, options)
    return from_pt2(address, options.by_name)


SOURCE = ModelSource(_read, file_state, is_file=True)
