"""The matrix product of two inputs."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Inputs, Tensor, Window, Work
from sepconv_cli.ops._merge import Merge
from sepconv_cli.ops._shape import broadcast, broadcasts


class Matmul(Merge, frozen=True, kw_only=True):
    """Matrix products over the last two axes (torch.matmul): n x k and k x m -> n x m.

    The axes before them, if there are any, are taken along each other as in `add`.
    """

    most = 2
    multiplies = True

    # An input whose axes are missing in front gets them.
    uncounted = frozenset({"aten::broadcast_to"})

    def fits(self, inputs: Inputs) -> bool:
        left, right = inputs
        if min(len(left.axes), len(right.axes)) < 2:
            return False
        return left.axes[-1] == right.axes[-2] and broadcasts(leading(inputs))

    def window(self) -> Window | None:
        return None

    def shape_of(self, inputs: Inputs) -> Tensor:
        left, right = inputs
        _, *lead = broadcast(*leading(inputs)).axes
        return Tensor.of([*lead, left.axes[-2], right.axes[-1]])

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        yield Work("multiply_add", "kernel", y.elements * inputs[0].axes[-1])

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Matmul", {}),)


def leading(inputs: Inputs) -> Inputs:
    """The axes before the last two, behind one of length 1 where there are none."""
    most = max(len(x.axes) for x in inputs)
    return tuple(Tensor.of([*(1,) * (most - len(x.axes) + 1), *x.axes[:-2]]) for x in inputs)
