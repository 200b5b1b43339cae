"""The mean of windows that make an output of a given size."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Tensor, Work
from sepconv_cli.ops._adaptive import AdaptivePool


class AdaptiveAvgPool(AdaptivePool, frozen=True, kw_only=True):
    """The mean of windows (torch.nn.AdaptiveAvgPool1d, 2d, 3d): C x size -> C x output_size."""

    # fvcore counts the pool over two axes and leaves out those over one and three.
    uncounted = frozenset({"aten::adaptive_avg_pool1d", "aten::adaptive_avg_pool3d"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("add", "pool", self.reads(x) - y.elements)
        yield Work("divide", "pool", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return ((f"AdaptiveAvgPool{len(x.size)}d", {"output_size": self.output_size}),)
