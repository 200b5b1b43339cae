"""The largest element of windows that make an output of a given size."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Tensor, Work
from sepconv_cli.ops._adaptive import AdaptivePool


class AdaptiveMaxPool(AdaptivePool, frozen=True, kw_only=True):
    """The maximum of windows (torch.nn.AdaptiveMaxPool1d, 2d, 3d): C x size -> C x output_size."""

    uncounted = frozenset(
        {"aten::adaptive_max_pool1d", "aten::adaptive_max_pool2d", "aten::adaptive_max_pool3d"}
    )

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "pool", self.reads(x) - y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return ((f"AdaptiveMaxPool{len(x.size)}d", {"output_size": self.output_size}),)
