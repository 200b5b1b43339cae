"""The mean over all positions."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import check_spatial


class GlobalAvgPool(Op, frozen=True, kw_only=True):
    """The mean over all positions (torch.nn.AdaptiveAvgPool with 1): C x size -> C x 1 (each axis).

    The axes stay, with a length of 1; `flatten` takes them away.
    """

    # fvcore counts the pool over two axes and leaves out those over one and three.
    uncounted = frozenset({"aten::adaptive_avg_pool1d", "aten::adaptive_avg_pool3d"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "global_avg_pool")

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(x.channels, (1,) * len(x.size))

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "pool", x.elements - y.elements)
        yield Work("divide", "pool", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return ((f"AdaptiveAvgPool{len(x.size)}d", {"output_size": 1}),)
