"""The explanation of a spec's convolutions as a report: a table for MACs, one for parameters."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from math import prod
from typing import Any

import sympy

from sepconv_cli.errors import UsageError, plural
from sepconv_cli.explain.symbolic import MID_CHANNELS, Part, Symbolic, symbolic
from sepconv_cli.explain.text import Show, definition, rounded_up, text
from sepconv_cli.lowering.choose import Case
from sepconv_cli.network import Node
from sepconv_cli.ops.conv import Conv
from sepconv_cli.show.table import Cell, Column, Report, Table
from sepconv_cli.variants import eligible
from sepconv_cli.variants.standard import Standard

_MEANINGS = {
    "M": "input channels",
    "N": "output channels",
    "K": "kernel",
    "Di": "input size",
    "Do": "output size",
    "m": "depth multiplier",
}
_QUANTITIES = {
    "macs": "MACs (multiplications of convolutions and linear layers)",
    "parameters": "parameters",
}
_COLUMNS = (
    Column("variant", "left"),
    Column("part", "left"),
    Column("formula", "left"),
    Column("with numbers", "left", rank=1),
    Column("result"),
)
Rows = tuple[tuple[Cell, ...], ...]


def explain(cases: Sequence[Case], pattern: str = "*") -> Report:
    """The convolutions that variants rewrite and whose layer's name fits the pattern.

    The cases are variants of one network. Layers that are alike are explained once.
    Raises UsageError where no layer fits.
    """
    tables: list[Table] = []
    for names, node in _distinct(cases[0].standard.nodes, pattern).items():
        sides = [symbolic(node, case.variant) for case in cases]
        tables.extend(_table(cases[0], names, node, sides, what) for what in _QUANTITIES)
    if not tables:
        raise UsageError(
            f"{cases[0].spec.name} has no convolution to explain"
            + (f" whose layer fits {pattern}" if pattern != "*" else ""),
            "variants rewrite convolutions in one group with a kernel over 1",
        )
    records = [_record(table, row) for table in tables for group in table.groups for row in group]
    unused = list(cases[0].standard.unused)
    data = {"convention": "macs", "unused_layers": unused, "rows": records}
    return Report(data, records, tables)


def _distinct(nodes: Sequence[Node], pattern: str) -> dict[tuple[str, ...], Node]:
    """The layers to be explained, those that are alike under all of their names."""
    names: dict[tuple[Any, ...], list[str]] = {}
    first: dict[tuple[Any, ...], Node] = {}
    for node in nodes:
        op = node.op
        if isinstance(op, Conv) and eligible(node, op) and fnmatchcase(node.layer, pattern):
            names.setdefault((op, node.x), []).append(node.layer)
            first.setdefault((op, node.x), node)
    return {tuple(layers): first[key] for key, layers in names.items()}


def _table(
    case: Case, names: tuple[str, ...], node: Node, sides: Sequence[Symbolic], quantity: str
) -> Table:
    assert isinstance(node.op, Conv)
    layers = (
        names[0] if len(names) == 1 else f"{names[0]} and {plural(len(names) - 1, 'layer')} alike"
    )
    shapes = f"{node.x} -> {node.y}"
    what = _QUANTITIES[quantity]
    whole = _sum(sides_of(sides, "standard") or symbolic(node, Standard()), quantity)
    return Table(
        f"{case.spec.name}   {layers}   {shapes}   {what}",
        _legend(sides),
        _COLUMNS,
        tuple(_rows(side, quantity, whole) for side in sides),
        _notes(node, sides, quantity),
    )


def sides_of(sides: Sequence[Symbolic], variant: str) -> Symbolic | None:
    """The side of that variant."""
    return next((side for side in sides if side.variant == variant), None)


def _legend(sides: Sequence[Symbolic]) -> str:
    """What each symbol stands for and its number here."""
    values = {symbol: value for side in sides for symbol, value in side.values.items()}
    listed = [
        f"{symbol} = {value} {_MEANINGS[symbol.name.split('_')[0]]}"
        for symbol, value in values.items()
        if symbol != MID_CHANNELS
    ]
    for side in sides:
        if side.mid_channels is not None:
            meaning = definition(rounded_up(side.mid_channels), str)
            listed.append(f"M' = {meaning} = {side.values[MID_CHANNELS]}")
    return ", ".join(listed)


def _rows(side: Symbolic, quantity: str, whole: Any) -> Rows:
    """A line for each part, then their sum, and its ratio to the standard convolution."""
    parts = [(part.name, formula) for part in side.parts if (formula := _of(part, quantity))]
    lines = [(name, formula, f"{_result(formula, side):,}") for name, formula in parts]
    total = _sum(side, quantity)
    if len(parts) > 1:
        lines.append(("sum", sympy.factor(total), f"{_result(total, side):,}"))
    if side.variant != "standard":
        share = sympy.expand(sympy.cancel(total / whole))
        lines.append(("ratio", share, f"{float(share.subs(side.values)):.4g}"))
    put_in = _put_in(side)
    return tuple(
        (
            Cell("" if index else side.variant),
            Cell(name),
            Cell(text(formula, str)),
            Cell(text(formula, put_in)),
            Cell(result),
        )
        for index, (name, formula, result) in enumerate(lines)
    )


def _of(part: Part, quantity: str) -> Any:
    return part.macs if quantity == "macs" else part.parameters


def _sum(side: Symbolic, quantity: str) -> Any:
    return sum((_of(part, quantity) or 0 for part in side.parts), sympy.Integer(0))


def _result(formula: Any, side: Symbolic) -> int:
    return int(formula.subs(side.values))


def _put_in(side: Symbolic) -> Show:
    return lambda symbol: str(side.values[symbol])


def _notes(node: Node, sides: Sequence[Symbolic], quantity: str) -> tuple[str, ...]:
    """What the two resolutions do to the blueprints' ratio."""
    blueprints = [side.variant for side in sides if side.variant.startswith("blueprint")]
    if quantity != "macs" or not blueprints or node.x.size == node.y.size:
        return ()
    inputs, outputs = prod(node.x.size), prod(node.y.size)
    return (
        f"{' and '.join(blueprints)}: pointwise runs at the input's resolution, with "
        f"{inputs:,} positions for {outputs:,} of the output ({inputs / outputs:.2f} times); "
        "depthwise_separable's runs at the output's.",
    )


def _record(table: Table, row: tuple[Cell, ...]) -> dict[str, str]:
    cells = {column.title: cell.text for column, cell in zip(table.columns, row, strict=True)}
    return {"layer": table.title, **cells}
