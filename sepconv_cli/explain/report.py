"""The explanation of a spec's convolutions as a report: a table for MACs, one for parameters."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from math import prod
from typing import Any

import sympy

from sepconv_cli.errors import UsageError, plural
from sepconv_cli.explain.symbolic import Formulas, Named, Symbolic, symbolic
from sepconv_cli.explain.text import Show, definition, formula_text, rounded_up
from sepconv_cli.lowering.choose import Case
from sepconv_cli.network import Node
from sepconv_cli.ops.conv import Conv
from sepconv_cli.show.table import Cell, Column, Report, Table
from sepconv_cli.variants import REWRITTEN, eligible
from sepconv_cli.variants.standard import Standard

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
            REWRITTEN,
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
            key = (op, node.x, node.shared)
            names.setdefault(key, []).append(node.layer)
            first.setdefault(key, node)
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
    whole = symbolic(node, Standard())
    return Table(
        f"{case.spec.name}   {layers}   {shapes}   {what}",
        _legend(sides),
        _COLUMNS,
        tuple(_rows(side, quantity, whole) for side in sides),
        _notes(node, sides, quantity),
    )


def _legend(sides: Sequence[Symbolic]) -> str:
    """What each symbol stands for and its number here, those that stand for formulas last."""
    meant: dict[Named, list[str]] = {}
    for side in sides:
        for named in side.names:
            meant.setdefault(named, []).append(side.variant.name)
    symbols = [named.symbol for named in meant]
    several = {named for named in meant if symbols.count(named.symbol) > 1}
    in_order = sorted(meant, key=lambda named: named.definition is not None)
    return ", ".join(
        _meaning(named) + (f" ({', '.join(meant[named])})" if named in several else "")
        for named in in_order
    )


def _meaning(named: Named) -> str:
    if named.definition is None:
        return f"{named.symbol} = {named.value} {named.meaning}"
    return f"{named.symbol} = {definition(rounded_up(named.definition), str)} = {named.value}"


def _rows(side: Symbolic, quantity: str, whole: Symbolic) -> Rows:
    """A line for each part, then their sum, and its ratio to the standard convolution."""
    parts = [(part.name, formula) for part in side.parts if (formula := _of(part, quantity))]
    lines = [(name, formula, f"{_result(formula, side):,}") for name, formula in parts]
    total = _sum(side, quantity)
    if len(parts) > 1:
        lines.append(("sum", sympy.factor(total), f"{_result(total, side):,}"))
    if not side.variant.keeps:
        base = _sum(whole, quantity)
        share = sympy.expand(sympy.cancel(total / (base if side.names else _result(base, whole))))
        lines.append(("ratio", share, f"{float(share.subs(side.values)):.4g}"))
    put_in = _put_in(side)
    return tuple(
        (
            Cell("" if index else side.variant.name),
            Cell(name),
            Cell(formula_text(formula, str)),
            Cell(formula_text(formula, put_in)),
            Cell(result),
        )
        for index, (name, formula, result) in enumerate(lines)
    )


def _of(part: Formulas, quantity: str) -> Any:
    return part.macs if quantity == "macs" else part.parameters


def _sum(side: Symbolic, quantity: str) -> Any:
    return sum((_of(part, quantity) or 0 for part in side.parts), sympy.Integer(0))


def _result(formula: Any, side: Symbolic) -> int:
    return int(formula.subs(side.values))


def _put_in(side: Symbolic) -> Show:
    return lambda symbol: str(side.values[symbol])


def _notes(node: Node, sides: Sequence[Symbolic], quantity: str) -> tuple[str, ...]:
    """Which parts run at a higher resolution than the output's, and which formulas are numbers."""
    outputs = prod(node.y.size)
    notes = []
    for side in sides if quantity == "macs" else ():
        wider: dict[tuple[int, ...], list[str]] = {}
        for part in side.parts:
            if part.macs is not None and prod(part.size) > outputs:
                wider.setdefault(part.size, []).append(part.name)
        notes += [_resolution(node, side, names, size) for size, names in wider.items()]
    if node.shared and quantity == "parameters":
        notes.append("These are the parameters of an earlier layer, and count there alone.")
    return (*notes, *(_in_numbers(side) for side in sides if not side.names))


def _resolution(node: Node, side: Symbolic, names: Sequence[str], size: tuple[int, ...]) -> str:
    where = "the input's resolution" if size == node.x.size else "x".join(map(str, size))
    positions, outputs = prod(size), prod(node.y.size)
    return (
        f"{side.variant.name}: {' and '.join(names)} {'run' if len(names) > 1 else 'runs'} at "
        f"{where}, with {positions:,} positions for {outputs:,} of the output "
        f"({positions / outputs:.2f} times)."
    )


def _in_numbers(side: Symbolic) -> str:
    return f"{side.variant.name}: in numbers, since its formulas can't be written in symbols here."


def _record(table: Table, row: tuple[Cell, ...]) -> dict[str, str]:
    cells = {column.title: cell.text for column, cell in zip(table.columns, row, strict=True)}
    return {"layer": table.title, **cells}
