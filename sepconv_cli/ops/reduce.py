"""One number for all positions on some axes."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Reach, Tensor, Window, Work
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._shape import AxisNumbers, check_axes


class Reduce(Op, frozen=True, kw_only=True):
    """The mean, sum, largest, smallest, norm or variance over axes (torch.mean, sum, amax ...).

    The axes stay with a length of 1, or go where `keepdim` is false. `norm` is the root of the
    sum of squares. `variance` divides by the number of elements without the `correction`, 1 as
    in torch.var.
    """

    function: Literal["mean", "sum", "max", "min", "norm", "variance"]
    axes: AxisNumbers
    keepdim: bool = True
    correction: NonNegative = 1

    uncounted = frozenset(
        {
            "aten::mean",
            "aten::sum",
            "aten::amax",
            "aten::amin",
            "aten::linalg_vector_norm",
            "aten::var",
        }
    )

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_axes(x, "axes", self.axes)
        if not self.keepdim and len(set(self.axes)) >= len(x.axes):
            yield Complaint(
                f"no axis of {x} is left", field="axes", hint="with keepdim they stay, of length 1"
            )

    def window(self) -> Window | None:
        return (Reach(),) if self.axes == (0,) and self.keepdim else None

    def output_shape(self, x: Tensor) -> Tensor:
        if self.keepdim:
            return Tensor.of([1 if at in self.axes else n for at, n in enumerate(x.axes)])
        return Tensor.of([n for at, n in enumerate(x.axes) if at not in self.axes])

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        between = x.elements - y.elements
        match self.function:
            case "max" | "min":
                yield Work("compare", "pool", between)
            case "norm":
                yield Work("multiply_add", "pool", x.elements)
                yield Work("transcendental", "pool", y.elements)
            case "sum":
                yield Work("add", "pool", between)
            case "mean":
                yield Work("add", "pool", between)
                yield Work("divide", "pool", y.elements)
            case "variance":
                # The mean; each element without it; squares summed and divided.
                yield Work("add", "pool", between + x.elements)
                yield Work("multiply_add", "pool", x.elements)
                yield Work("divide", "pool", 2 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "function": self.function,
            "axes": self.axes,
            "keepdim": self.keepdim,
            "correction": self.correction,
        }
        return (("Reduce", call),)
