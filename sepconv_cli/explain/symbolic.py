"""A convolution in symbols, and what the formulas that count make of it.

M and N are the input and output channels, K the kernel, Di and Do the input's and the
output's size on an axis; what else has a symbol is said by the variant. Where the axes differ, a
symbol carries the axis, K_h and K_w, and a kernel of 1 has none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sympy
from msgspec.structs import replace

from sepconv_cli.conventions import convention
from sepconv_cli.network import Node, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants import Parts, Variant

_AXES = {1: ("l",), 2: ("h", "w"), 3: ("d", "h", "w")}
_REFUSED = (ArithmeticError, AttributeError, TypeError, ValueError)
"""What Python raises where a formula asks a symbol for what only a number can tell."""


class Formulas(msgspec.Struct, frozen=True):
    """One op of a variant: its parameters and MACs as formulas; None for what isn't counted.

    `size` is that of its output, in numbers.
    """

    name: str
    parameters: Any
    macs: Any
    size: tuple[int, ...]


class Named(msgspec.Struct, frozen=True):
    """A symbol with its number and its meaning, and its formula where it stands for one."""

    symbol: Any
    value: int
    meaning: str
    definition: Any = None


class Symbolic(msgspec.Struct, frozen=True):
    """The parts of one variant and the symbols in them; no symbols where they are in numbers."""

    variant: Variant
    parts: tuple[Formulas, ...]
    names: tuple[Named, ...] = ()

    @property
    def values(self) -> dict[Any, int]:
        """The number behind each symbol."""
        return {named.symbol: named.value for named in self.names}


class _Layer(msgspec.Struct, frozen=True):
    """A convolution in symbols, what arrives at it, its symbols, and short forms of formulas."""

    conv: Conv
    x: Tensor
    names: tuple[Named, ...]
    short: dict[Any, Any]


def symbolic(node: Node, variant: Variant) -> Symbolic:
    """A variant of a convolution in symbols, whose formulas give what is counted.

    Where they don't take symbols, they are the numbers that are counted.
    """
    assert isinstance(node.op, Conv)
    parts = variant.rewrite(node.op, node.x)
    numbers = tuple(_formulas(parts or (("conv", node.op),), node.x))
    try:
        found = _in_symbols(_layer(node.op, node.x, node.y), variant, parts is None, numbers)
    except _REFUSED:
        return Symbolic(variant, numbers)
    return found if _gives(found, numbers) else Symbolic(variant, numbers)


def _in_symbols(
    layer: _Layer, variant: Variant, stays: bool, numbers: Sequence[Formulas]
) -> Symbolic:
    conv, x, names = layer.conv, layer.x, layer.names
    parts: Parts | None = None
    if not stays:
        options = _options(variant)
        names += tuple(options.values())
        variant_ = replace(variant, **{name: named.symbol for name, named in options.items()})
        parts = variant_.rewrite(conv, x)
        names += tuple(_quantities(variant_, conv, x, names))
    short = layer.short | {
        named.definition: named.symbol for named in names if named.definition is not None
    }
    written = _formulas(parts or (("conv", conv),), x)
    found = [
        Formulas(part.name, _short(part.parameters, short), _short(part.macs, short), known.size)
        for part, known in zip(written, numbers, strict=True)
    ]
    return Symbolic(variant, tuple(found), names)


def _formulas(parts: Parts, x: Tensor) -> Iterator[Formulas]:
    """What the formulas that count say of each part, on numbers or on symbols."""
    for name, op in parts:
        y = op.output_shape(x)
        macs = convention("macs").count(Node(name, name, op, x, y))
        counted = None if macs is None else sympy.sympify(macs)
        yield Formulas(name, sympy.sympify(op.parameters(x)), counted, y.size)
        x = y


def _gives(found: Symbolic, numbers: Iterable[Formulas]) -> bool:
    """Whether the numbers put into the formulas are these, part by part."""
    values = found.values
    for part, known in zip(found.parts, numbers, strict=True):
        for ours, theirs in ((part.parameters, known.parameters), (part.macs, known.macs)):
            if (None if ours is None else ours.subs(values)) != theirs:
                return False
    return True


def _options(variant: Variant) -> dict[str, Named]:
    """The options that formulas call by a symbol."""
    return {
        option: Named(_symbol(symbol), getattr(variant, option), option.replace("_", " "))
        for option, symbol in variant.options_in_symbols().items()
    }


def _quantities(variant: Variant, conv: Conv, x: Tensor, names: Sequence[Named]) -> Iterator[Named]:
    """What the variant works out on its way; one that is a symbol itself needs no other name."""
    values = {named.symbol: named.value for named in names}
    for quantity in variant.quantities(conv, x):
        formula = sympy.sympify(quantity.value)
        if not formula.is_Atom:
            number = int(formula.subs(values))
            yield Named(_symbol(quantity.symbol), number, quantity.meaning, formula)


def _short(formula: Any, short: Mapping[Any, Any]) -> Any:
    """A formula with short names in it; groups divide channels, so nothing is rounded down."""
    if formula is None:
        return None
    return formula.xreplace(short).replace(sympy.floor, lambda inside: inside)


def _layer(conv: Conv, x: Tensor, y: Tensor) -> _Layer:
    """The convolution and its input in symbols, and Do for each size of its output."""
    axes = len(x.size)
    channels = (
        Named(_symbol("M"), x.channels, "input channels"),
        Named(_symbol("N"), conv.out_channels, "output channels"),
    )
    kernel, inputs, outputs = (
        _each_axis(name, numbers, meaning)
        for name, numbers, meaning in (
            ("K", conv.kernel_size, "kernel"),
            ("Di", x.size, "input size"),
            ("Do", y.size, "output size"),
        )
    )
    # Stride, padding and dilation show only in the output's size, which has a name.
    free = [sympy.symbols(f"{n}:{axes}", integer=True, positive=True) for n in ("S", "P", "L")]
    stride, padding, dilation = (tuple(symbols) for symbols in free)
    renamed = replace(
        conv,
        out_channels=_symbol("N"),
        kernel_size=tuple(named.symbol if named.value != 1 else 1 for named in kernel),
        stride=stride,
        padding=tuple((p, p) for p in padding),
        dilation=dilation,
    )
    shape = Tensor(_symbol("M"), tuple(named.symbol for named in inputs))
    sizes = [named.symbol for named in outputs]
    short = dict(zip(renamed.output_shape(shape).size, sizes, strict=True))
    return _Layer(
        renamed,
        shape,
        channels + _distinct([*(each for each in kernel if each.value != 1), *inputs, *outputs]),
        short,
    )


def _each_axis(name: str, numbers: Sequence[int], meaning: str) -> tuple[Named, ...]:
    """A symbol for each axis, the same one where all numbers are equal."""
    same = len(set(numbers)) == 1
    suffixes = [""] * len(numbers) if same else [f"_{axis}" for axis in _AXES[len(numbers)]]
    return tuple(
        Named(_symbol(f"{name}{suffix}"), number, meaning)
        for suffix, number in zip(suffixes, numbers, strict=True)
    )


def _distinct(names: Iterable[Named]) -> tuple[Named, ...]:
    """Each symbol once."""
    return tuple({named.symbol: named for named in names}.values())


def _symbol(name: str) -> Any:
    return sympy.Symbol(name, integer=True, positive=True)
