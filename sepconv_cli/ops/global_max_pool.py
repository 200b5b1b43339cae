"""The largest element of all positions."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import check_spatial


class GlobalMaxPool(Op, frozen=True, kw_only=True):
    """The maximum of all positions (torch.nn.AdaptiveMaxPool with 1): C x size -> C x 1 (each).

    The axes stay, with a length of 1; `flatten` takes them away.
    """

    uncounted = frozenset(
        {"aten::adaptive_max_pool1d", "aten::adaptive_max_pool2d", "aten::adaptive_max_pool3d"}
    )

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "global_max_pool")

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(x.channels, (1,) * len(x.size))

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("compare", "pool", x.elements - y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return ((f"AdaptiveMaxPool{len(x.size)}d", {"output_size": 1}),)
