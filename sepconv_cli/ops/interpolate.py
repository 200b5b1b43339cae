"""Another size, by copying or weighing neighbours."""

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Any, Literal

from sepconv_cli.arithmetic import divide, settled
from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Call, Inputs, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import Axes, check_spatial
from sepconv_cli.ops._shape import Factors
from sepconv_cli.ops.adaptive_avg_pool import AdaptiveAvgPool

_AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_REACH = {"linear": 2, "bilinear": 2, "bicubic": 4, "trilinear": 2}
"""How many neighbours are weighed on each axis; one is copied."""


class Interpolate(Op, frozen=True, kw_only=True):
    """A `size`, or `scale_factor` times the size (torch.nn.functional.interpolate): C x size'.

    Sizes are rounded down. `linear` is for one axis, `bilinear` and `bicubic` for two, `trilinear`
    for three. `area` takes means, as adaptive_avg_pool does.
    """

    size: Axes | None = None
    scale_factor: Factors | None = None
    mode: Literal[
        "nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"
    ] = "nearest"
    align_corners: bool = False

    # A copy multiplies nothing. fvcore has no handle for most of the others, whose weighed sums
    # are no products of learned numbers.
    uncounted = frozenset(
        {
            *(f"aten::upsample_nearest{axes}d" for axes in (1, 3)),
            *(f"aten::_upsample_nearest_exact{axes}d" for axes in (1, 2, 3)),
            *(f"aten::adaptive_avg_pool{axes}d" for axes in (1, 3)),
            "aten::upsample_linear1d",
            "aten::upsample_bicubic2d",
            "aten::upsample_trilinear3d",
            "aten::mul",
        }
    )

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield from check_spatial(x, "interpolate")
        if (self.size is None) == (self.scale_factor is None):
            yield Complaint("interpolate needs either size or scale_factor")
            return
        axes = _AXES.get(self.mode)
        if x.size and axes not in (None, len(x.size)):
            message = f"mode {self.mode} is for {axes} spatial axes, but {x} has {len(x.size)}"
            yield Complaint(message, "mode")
        if self.align_corners and axes is None:
            yield Complaint(f"mode {self.mode} has no corners to align", "align_corners")
        yield from self._check_factors(x)

    def _check_factors(self, x: Tensor) -> Iterator[Complaint]:
        """torch multiplies floating-point numbers, which may round down to one position fewer."""
        for length, factor in zip(x.size, self.scale_factor or (), strict=False):
            exact = length * factor // 1
            if exact < 1:
                yield Complaint(f"nothing is left of a length of {length}", "scale_factor")
            elif _is_inexact(factor) and exact != floor(length * float(factor)):
                yield Complaint(
                    f"{length} times {show(factor)} is another size in floating point",
                    field="scale_factor",
                    hint=f"write the size: {show(exact)}",
                )

    def window_on(self, inputs: Inputs) -> Window | None:
        if self.mode == "area":
            return None
        (x,) = inputs
        sizes = zip(x.size, self.output_shape(x).size, strict=True)
        steps: tuple[Any, ...] = tuple([divide(n, m) for n, m in sizes])
        return (_REACH.get(self.mode, 1),) * len(steps), steps

    def output_shape(self, x: Tensor) -> Tensor:
        if self.size is not None:
            return Tensor(x.channels, self.size)
        factors = zip(x.size, self.scale_factor or (), strict=True)
        return Tensor(x.channels, tuple([settled(n * factor // 1) for n, factor in factors]))

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        if self.mode == "area":
            yield from AdaptiveAvgPool(output_size=y.size).work(x, y)
        elif self.mode in _REACH:
            weighed = _REACH[self.mode] ** _AXES[self.mode]
            yield Work("multiply_add", "pool", weighed * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        factors = tuple(float(factor) for factor in self.scale_factor or ())
        call = {
            "size": self.size,
            # One number where it is the same for all axes, as people write it.
            "scale_factor": factors[0] if len(set(factors)) == 1 else factors or None,
            "mode": self.mode,
            # torch takes no answer where there are no corners.
            "align_corners": self.align_corners if self.mode in _AXES else None,
        }
        return (("Upsample", call),)


def _is_inexact(factor: Fraction) -> bool:
    return Fraction(float(factor)) != factor
