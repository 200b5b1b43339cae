"""A convolution in symbols, and what the formulas that count make of it.

M and N are the input and output channels, K the kernel, Di and Do the input's and the
output's size on an axis, m the depth multiplier, M' the channels between two pointwise.
Where the axes differ, a symbol carries the axis: K_h and K_w.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sympy
from msgspec.structs import replace

from sepconv_cli.conventions import convention
from sepconv_cli.network import Node, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants import Variant
from sepconv_cli.variants.depthwise_separable import DepthwiseSeparable

_AXES = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}
MID_CHANNELS = sympy.Symbol("M'", integer=True, positive=True)


class Part(msgspec.Struct, frozen=True):
    """One op of a variant: its parameters and MACs as formulas; None for what isn't counted."""

    name: str
    parameters: Any
    macs: Any


class Symbolic(msgspec.Struct, frozen=True):
    """The parts of one variant, the numbers behind their symbols, and what M' stands for."""

    variant: str
    parts: tuple[Part, ...]
    values: dict[Any, int]
    mid_channels: Any = None


def symbolic(node: Node, variant: Variant) -> Symbolic:
    """A variant of a convolution in symbols."""
    assert isinstance(node.op, Conv)
    conv, x, values, sizes = _in_symbols(node.op, node.x, node.y)
    if isinstance(variant, DepthwiseSeparable) and variant.depth_multiplier > 1:
        multiplier = _symbol("m")
        values[multiplier] = variant.depth_multiplier
        variant = replace(variant, depth_multiplier=multiplier)
    parts = []
    for name, op in variant.rewrite(conv, x) or (("conv", conv),):
        y = op.output_shape(x)
        macs = convention("macs").count(Node(name, name, op, x, y))
        parts.append(Part(name, sympy.sympify(op.parameters(x)), macs))
        x = y
    return _named(variant.name, parts, values, sizes)


def _in_symbols(
    conv: Conv, x: Tensor, y: Tensor
) -> tuple[Conv, Tensor, dict[Any, int], dict[Any, Any]]:
    """The convolution and its input in symbols, their values, and Do for each output size."""
    axes = len(x.size)
    values: dict[Any, int] = {_symbol("M"): x.channels, _symbol("N"): conv.out_channels}
    kernel = _each_axis("K", conv.kernel_size, values)
    inputs = _each_axis("Di", x.size, values)
    outputs = _each_axis("Do", y.size, values)
    # Stride, padding and dilation show only in the output's size, which has a name.
    free = [sympy.symbols(f"{n}:{axes}", integer=True, positive=True) for n in ("S", "P", "L")]
    stride, padding, dilation = (tuple(symbols) for symbols in free)
    renamed = replace(
        conv,
        out_channels=_symbol("N"),
        kernel_size=kernel,
        stride=stride,
        padding=tuple((p, p) for p in padding),
        dilation=dilation,
    )
    shape = Tensor(_symbol("M"), inputs)
    sizes = dict(zip(renamed.output_shape(shape).size, outputs, strict=True))
    return renamed, shape, values, sizes


def _named(
    variant: str, parts: Sequence[Part], values: dict[Any, int], sizes: dict[Any, Any]
) -> Symbolic:
    """The parts with short names for the output's size and the mid channels."""
    formulas = [part.parameters for part in parts]
    mids = {mid for formula in formulas for mid in formula.atoms(sympy.Min)}
    mid = next(iter(mids), None)
    if mid is not None:
        values[MID_CHANNELS] = int(mid.subs(values))
    names = {**sizes, **({mid: MID_CHANNELS} if mid is not None else {})}
    return Symbolic(
        variant,
        tuple(
            Part(part.name, part.parameters.xreplace(names), _replaced(part.macs, names))
            for part in parts
        ),
        values,
        mid,
    )


def _replaced(formula: Any, names: dict[Any, Any]) -> Any:
    return None if formula is None else sympy.sympify(formula).xreplace(names)


def _each_axis(name: str, numbers: Sequence[int], values: dict[Any, int]) -> tuple[Any, ...]:
    """A symbol for each axis, the same one where all numbers are equal."""
    if len(set(numbers)) == 1:
        symbols = [_symbol(name)] * len(numbers)
    else:
        symbols = [_symbol(f"{name}_{axis}") for axis in _AXES[len(numbers)]]
    values.update(zip(symbols, numbers, strict=True))
    return tuple(symbols)


def _symbol(name: str) -> Any:
    return sympy.Symbol(name, integer=True, positive=True)
