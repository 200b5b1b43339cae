"""What a kernel saw at each of its positions, summed where it was."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import slide
from sepconv_cli.ops._shape import LengthPair, MarginPair


class Fold(Op, frozen=True, kw_only=True):
    """Sums of overlapping blocks (torch.nn.Fold): C prod(kernel_size) x L -> C x output_size.

    It undoes `unfold`, but for elements that several blocks hold, which it adds up.
    """

    output_size: LengthPair
    kernel_size: LengthPair
    dilation: LengthPair = (1, 1)
    padding: MarginPair = (0, 0)
    stride: LengthPair = (1, 1)

    uncounted = frozenset({"aten::col2im"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        blocks = prod(self._positions())
        if len(x.size) != 1 or x.size[0] != blocks or x.channels % prod(self.kernel_size):
            yield Complaint(
                f"fold needs a multiple of {prod(self.kernel_size)} channels and {blocks} "
                f"positions, but {x} arrives"
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(x.channels // prod(self.kernel_size), self.output_size)

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "pool", x.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        call = {
            "output_size": self.output_size,
            "kernel_size": self.kernel_size,
            "dilation": self.dilation,
            "padding": self.padding,
            "stride": self.stride,
        }
        return (("Fold", call),)

    def _positions(self) -> tuple[int, ...]:
        sides = tuple((padding, padding) for padding in self.padding)
        return slide(self.output_size, sides, self.kernel_size, self.dilation, self.stride)
