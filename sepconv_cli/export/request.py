"""What a network is to be written with."""

from typing import Literal

import msgspec

WeightsName = Literal["random", "zeros"]


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The network's name, its batch (None leaves the size open), its weights, and the format's
    version; None is the oldest that has all that is needed."""

    name: str
    batch: int | None = 1
    weights: WeightsName = "random"
    opset: int | None = None
