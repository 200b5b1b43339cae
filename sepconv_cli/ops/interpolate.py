"""Another size, by copying or weighing neighbours."""

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Literal

from sepconv_cli.errors import Complaint, show
from sepconv_cli.network import Call, Inputs, Op, Reach, Tensor, Window, Work
from sepconv_cli.ops._axes import Axes, check_spatial
from sepconv_cli.ops._shape import ScaleFactors
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
    scale_factor: ScaleFactors | None = None
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
        """Away from the border. A bicubic position that falls on an element reads it alone, but
        is said to read those around it."""
        if self.mode == "area":
            return None
        return tuple([self._reach(scale) for scale in self._scales(inputs[0])])

    def _scales(self, x: Tensor) -> tuple[Fraction, ...]:
        """How many input positions an output position is further on."""
        if self.scale_factor is not None:
            return tuple([1 / factor for factor in self.scale_factor])
        sizes = zip(x.size, self.size or (), strict=True)
        if self.align_corners:
            return tuple([Fraction(n - 1, max(m - 1, 1)) for n, m in sizes])
        return tuple([Fraction(n, m) for n, m in sizes])

    def _reach(self, scale: Fraction) -> Reach:
        """Output position o is a copy of the element that holds o * scale, or with a half
        (o + 1/2) * scale; or it lies at (o + 1/2) * scale - 1/2, or o * scale where corners are
        aligned, and reads what is less than `near` away."""
        step, up = scale.numerator, scale.denominator
        if self.mode == "nearest":
            return Reach(range(1 - up, 1), step, up)
        if self.mode == "nearest-exact":
            return Reach(range(step + 1 - 2 * up, step + 1), 2 * step, 2 * up)
        near = _REACH[self.mode] // 2
        if self.align_corners:
            return Reach(range(1 - near * up, near * up), step, up)
        middle, away = step - up, 2 * near * up
        return Reach(range(middle + 1 - away, middle + away), 2 * step, 2 * up)

    def output_shape(self, x: Tensor) -> Tensor:
        if self.size is not None:
            return Tensor(x.channels, self.size)
        factors = zip(x.size, self.scale_factor or (), strict=True)
        return Tensor(x.channels, tuple([n * factor // 1 for n, factor in factors]))

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
