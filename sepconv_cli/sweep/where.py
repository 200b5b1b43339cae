"""`macs <= 300e6 and parameters < 4e6`: a filter in the language of a spec.

On plain numbers it is true or false. On varying ones it is itself a varying number, which is 0
or 1 at each point, so that a filter is evaluated with everything else and doesn't split the grid.
"""

import ast
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sepconv_cli.arithmetic import Varying, below, maximum
from sepconv_cli.errors import UsageError
from sepconv_cli.language.amounts import TIME, amount
from sepconv_cli.language.compiler import COMPARISONS, Compiler, Run
from sepconv_cli.language.expression import Expression, compile_by
from sepconv_cli.language.numbers import ExpressionError, Names, comparable, truth
from sepconv_cli.sweep.metrics import Metrics


def read_where(text: str, metrics: Metrics, parameters: Sequence[str]) -> Expression:
    """The filter in a text, all of its names known. Raises UsageError.

    Where there are devices, `5 ms` and the like are times, in the milliseconds of a latency.
    """
    try:
        found = compile_by(_Filter, _TIME.sub(_milliseconds, text) if metrics.devices else text)
    except ExpressionError as error:
        hint = error.hint or 'such as "macs <= 300e6 and parameters < 4e6"'
        raise UsageError(f"--where: {error.message}", hint) from error
    for name in sorted(found.names):
        metrics.known(name, parameters)
    return Expression(found.text, found.names, lambda names: _answer(found.run(names)))


def budgets(where: Expression | None, name: str) -> list[float]:
    """The numbers that a filter holds a metric against, as in `macs <= 300e6`."""
    if where is None:
        return []
    found = []
    for node in ast.walk(ast.parse(where.text, mode="eval")):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
            if isinstance(side, ast.Name) and side.id == name and isinstance(other, ast.Constant):
                found.append(float(other.value))  # type: ignore[arg-type]
    return found


_TIME = re.compile(r"\b(\d+(?:\.\d+)?)\s*(us|µs|ms|s)\b")


def _milliseconds(found: "re.Match[str]") -> str:
    return str(float(amount(found[0], TIME)))


class _Flag(NamedTuple):
    """True or false at each of many points: a varying number that is 1 or 0."""

    number: Any


class _Filter(Compiler):
    """Comparisons, and what joins them, as flags where they are of varying numbers."""

    def _compare(self, node: ast.Compare) -> Run:
        plain = super()._compare(node)
        operands = [self.compile(operand) for operand in (node.left, *node.comparators)]

        def run(names: Names) -> Any:
            values = [_comparable(operand(names)) for operand in operands]
            if not any(isinstance(value, Varying) for value in values):
                return plain(names)
            flag = 1
            for op, left, right in zip(node.ops, values, values[1:], strict=False):
                flag = flag * _compared(type(op), left, right)
            return _flag(flag)

        return run

    def _boolop(self, node: ast.BoolOp) -> Run:
        operands = [self.compile(operand) for operand in node.values]
        both = isinstance(node.op, ast.And)

        def run(names: Names) -> Any:
            flags = [_bit(operand(names)) for operand in operands]
            found = flags[0]
            for flag in flags[1:]:
                found = found * flag if both else maximum(found, flag)
            return _flag(found)

        return run

    def _ifexp(self, node: ast.IfExp) -> Run:
        test, then, other = (self.compile(part) for part in (node.test, node.body, node.orelse))

        def run(names: Names) -> Any:
            return then(names) if _bit(test(names)) else other(names)

        return run

    def _unaryop(self, node: ast.UnaryOp) -> Run:
        plain = super()._unaryop(node)
        operand = self.compile(node.operand)

        def run(names: Names) -> Any:
            if not isinstance(node.op, ast.Not):
                return plain(names)
            return _flag(1 - _bit(operand(names)))

        return run


def _bit(value: Any) -> Any:
    """1 or 0 for true or false, varying or not. Raises ExpressionError for what is neither."""
    return value.number if isinstance(value, _Flag) else int(truth(value))


def _flag(bit: Any) -> Any:
    return _Flag(bit) if isinstance(bit, Varying) else bool(bit)


def _answer(value: Any) -> Any:
    """A filter's answer as the sweep takes it: varying, or true or false."""
    return value.number if isinstance(value, _Flag) else truth(value)


def _comparable(value: Any) -> Any:
    return value.number if isinstance(value, _Flag) else comparable(value)


def _compared(op: type[ast.cmpop], left: Any, right: Any) -> Any:
    if op is ast.Lt:
        return below(left, right)
    if op is ast.Gt:
        return below(right, left)
    if op is ast.LtE:
        return 1 - below(right, left)
    if op is ast.GtE:
        return 1 - below(left, right)
    apart = maximum(below(left, right), below(right, left))
    return apart if op is ast.NotEq else 1 - apart


assert COMPARISONS.keys() == {ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq}
