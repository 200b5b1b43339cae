"""Several inputs as one, end to end along an axis."""

from sepconv_cli.network import Call, Inputs, Tensor, Window
from sepconv_cli.ops._axes import NonNegative
from sepconv_cli.ops._merge import Merge
from sepconv_cli.ops._shape import replaced


class Concat(Merge, frozen=True, kw_only=True):
    """Inputs end to end along an axis, 0 being the channels (torch.cat, dim=1).

    On every other axis they have one length.
    """

    axis: NonNegative = 0

    def fits(self, inputs: Inputs) -> bool:
        at = self.axis
        first = inputs[0]
        return at < len(first.axes) and all(
            len(x.axes) == len(first.axes) and replaced(x, at, 1) == replaced(first, at, 1)
            for x in inputs
        )

    def window(self) -> Window | None:
        return None if self.axis else super().window()

    def shape_of(self, inputs: Inputs) -> Tensor:
        return replaced(inputs[0], self.axis, sum(x.axes[self.axis] for x in inputs))

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Concat", {"axis": self.axis}),)
