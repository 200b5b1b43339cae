"""Several inputs as one, side by side along a new axis."""

from sepconv_cli.network import Call, Inputs, Tensor, Window
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._merge import Merge


class Stack(Merge, frozen=True, kw_only=True):
    """Inputs of one shape side by side along a new axis (torch.stack), before axis `axis`."""

    axis: NonNegative = 0

    def fits(self, inputs: Inputs) -> bool:
        return self.axis <= len(inputs[0].axes) and all(x == inputs[0] for x in inputs)

    def shape_of(self, inputs: Inputs) -> Tensor:
        axes = inputs[0].axes
        return Tensor.of([*axes[: self.axis], len(inputs), *axes[self.axis :]])

    def window(self) -> Window | None:
        return None

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Stack", {"axis": self.axis}),)
