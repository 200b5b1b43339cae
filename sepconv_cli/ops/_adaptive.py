"""What adaptive_avg_pool and adaptive_max_pool share: windows that fit an output size."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import gcd, prod
from sepconv_cli.errors import Complaint
from sepconv_cli.network import Op, Tensor, Window
from sepconv_cli.ops._axes import Axes, check_spatial


class AdaptivePool(Op, frozen=True, kw_only=True):
    """A pool whose output has this size, whatever arrives."""

    output_size: Axes

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, self.name)

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(x.channels, self.output_size)

    def reads(self, x: Tensor) -> int:
        """The elements in all windows, each as often as a window holds it.

        Of n elements, window i of m holds those from floor(i n / m) up to ceil((i + 1) n / m):
        neighbours share one element, except where i n / m is whole.
        """
        axes = zip(x.size, self.output_size, strict=True)
        return x.channels * prod([n + m - gcd(n, m) for n, m in axes])
