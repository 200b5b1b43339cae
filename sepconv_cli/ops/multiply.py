"""The product of several inputs, element by element."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Inputs, Tensor, Work
from sepconv_cli.ops._merge import Merge


class Multiply(Merge, frozen=True, kw_only=True):
    """The product of inputs (torch.mul): the first one's shape.

    The others have that shape too, or a size of 1 on every axis: then one number for each
    channel is multiplied into all of its positions, as in squeeze-and-excitation.
    """

    elementwise = True

    def fits(self, inputs: Inputs) -> bool:
        x = inputs[0]
        points = Tensor(x.channels, (1,) * len(x.size))
        return all(other in (x, points) for other in inputs[1:])

    def work_on(self, inputs: Inputs, y: Tensor) -> Iterator[Work]:
        yield Work("multiply", "merge", (len(inputs) - 1) * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Multiply", {}),)
