"""More positions, copied or interpolated."""

from collections.abc import Iterator
from typing import Literal

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Reach, Tensor, Window, Work
from sepconv_cli.ops._axes import Axes, check_plane, check_spatial, copies


class Upsample(Op, frozen=True, kw_only=True):
    """scale_factor times the size (torch.nn.Upsample): C x size -> C x (scale_factor * size).

    `nearest` copies elements. `bilinear`, over two axes, sums four of them by weight.
    """

    scale_factor: Axes
    mode: Literal["nearest", "bilinear"] = "nearest"

    # fvcore counts `nearest` over two axes, too; a copy multiplies nothing.
    uncounted = frozenset({"aten::upsample_nearest1d", "aten::upsample_nearest3d"})

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "upsample")
        if x.size and self.mode == "bilinear":
            yield from check_plane(x, "mode bilinear", field="mode")

    def window(self) -> Window | None:
        """Output position o is a copy of o // scale, or lies at (o + 1/2) / scale - 1/2 between
        two, of which it reads those that are less than 1 away."""
        if self.mode == "nearest":
            return tuple([copies(scale) for scale in self.scale_factor])
        return tuple([Reach(range(-(3 * n // 2 - 1), n // 2 + 1), up=n) for n in self.scale_factor])

    def output_shape(self, x: Tensor) -> Tensor:
        axes = zip(x.size, self.scale_factor, strict=True)
        return Tensor(x.channels, tuple([n * factor for n, factor in axes]))

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        if self.mode == "bilinear":
            yield Work("multiply_add", "pool", 4 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        factors = self.scale_factor
        # One number where it is the same for all axes, as people write it.
        factor = factors[0] if len(set(factors)) == 1 else factors
        return (("Upsample", {"scale_factor": factor, "mode": self.mode}),)
