"""What lies at given places of a plane, between its elements too."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.network import Call, Inputs, Tensor, Window, Work
from sepconv_cli.ops._merge import Merge

_NEIGHBOURS = {"nearest": 0, "bilinear": 4, "bicubic": 16}
"""How many elements are weighed for each that comes out; one is copied."""


class GridSample(Merge, frozen=True, kw_only=True):
    """The channels of a plane at the places that the second input names
    (torch.nn.functional.grid_sample): ... x C x H x W and ... x h x w x 2 -> ... x C x h x w.

    A place is x and y, from -1 to 1. What lies outside is taken for zero, the border, or reflected.
    The weights of neighbours, one set for all channels, aren't counted.
    """

    mode: Literal["nearest", "bilinear", "bicubic"] = "bilinear"
    padding_mode: Literal["zeros", "border", "reflection"] = "zeros"
    align_corners: bool = False

    most = 2

    def fits(self, inputs: Inputs) -> bool:
        plane, places = (x.axes for x in inputs)
        if len(plane) < 3 or len(places) != len(plane):
            return False
        return places[-1] == 2 and plane[:-3] == places[:-3]

    def window(self) -> Window | None:
        return None

    def shape_of(self, inputs: Inputs) -> Tensor:
        plane, places = (x.axes for x in inputs)
        return Tensor.of([*plane[:-2], *places[-3:-1]])

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        weighed = _NEIGHBOURS[self.mode]
        if weighed:
            yield Work("multiply_add", "pool", weighed * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "mode": self.mode,
            "padding_mode": self.padding_mode,
            "align_corners": self.align_corners,
        }
        return (("GridSample", call),)
