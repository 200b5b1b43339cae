"""onnxruntime's own operators that are others put together, as those others.

https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md. What isn't here stays
opaque.
"""

from collections.abc import Callable
from typing import Any

import onnx
from onnx import helper

CONTRIBUTED = "com.microsoft"

_Row = tuple[str, list[str], str, dict[str, Any]]
"""An operator, what it reads, what it puts out, and its attributes."""


def contributed_parts(node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
    """ONNX's own operators that a node comes to; None where it isn't one of onnxruntime's."""
    if node.domain != CONTRIBUTED or node.op_type not in _ROWS or not node.output:
        return None
    try:
        given = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        rows = _ROWS[node.op_type](_Given(node, given))
        return None if rows is None else [_node(node, *row) for row in rows]
    except (AttributeError, LookupError, TypeError, ValueError):
        # Attributes of other kinds than they should be: nobody has checked them.
        return None


class _Given:
    """A node, and names for what is between its parts."""

    def __init__(self, node: onnx.NodeProto, attributes: dict[str, Any]) -> None:
        self.inputs, self.attributes, self.y = list(node.input), attributes, node.output[0]
        self.others = list(node.output[1:])

    def part(self, number: int) -> str:
        """The name of a tensor inside."""
        return f"{self.y}/{number}"

    def input(self, at: int) -> str:
        """An input's name; empty where it's missing."""
        return self.inputs[at] if at < len(self.inputs) else ""


def _node(around: onnx.NodeProto, op: str, inputs: list[str], y: str, given: Any) -> onnx.NodeProto:
    made = helper.make_node(op, inputs, [y], name=around.name, **given)
    made.metadata_props.extend(around.metadata_props)
    return made


_PARAMETERS: dict[str, tuple[str, ...]] = {
    "Relu": (),
    "Sigmoid": (),
    "Tanh": (),
    "LeakyRelu": ("alpha",),
    "HardSigmoid": ("alpha", "beta"),
}


def _activated(op: str, inputs: int) -> Callable[[_Given], list[_Row] | None]:
    """An operator of so many inputs; one more that is added; an activation at the end."""

    def rows(g: _Given) -> list[_Row] | None:
        activation = g.attributes.get("activation", b"").decode(errors="replace")
        if activation not in _PARAMETERS:
            return None
        own = {name: each for name, each in g.attributes.items() if "activation" not in name}
        numbers = g.attributes.get("activation_params", [])
        named = dict(zip(_PARAMETERS[activation], numbers, strict=False))
        for name in _PARAMETERS[activation]:
            if f"activation_{name}" in g.attributes:
                named[name] = g.attributes[f"activation_{name}"]
        found: list[_Row] = [(op, g.inputs[:inputs], g.part(1), own)]
        if g.input(inputs):
            found.append(("Add", [g.part(1), g.input(inputs)], g.part(2), {}))
        return [*found, (activation, [found[-1][2]], g.y, named)]

    return rows


def _gelu(g: _Given, **attributes: Any) -> list[_Row]:
    if not g.input(1):
        return [("Gelu", g.inputs[:1], g.y, attributes)]
    return [("Add", g.inputs[:2], g.part(1), {}), ("Gelu", [g.part(1)], g.y, attributes)]


def _quick_gelu(g: _Given) -> list[_Row]:
    return [("Swish", g.inputs[:1], g.y, {"alpha": g.attributes.get("alpha", 1.702)})]


def _skip_layer_norm(g: _Given) -> list[_Row] | None:
    """A sum and the layer norm of it; the sum is its fourth output."""
    if any(g.others[:2]):
        return None
    found: list[_Row] = [("Add", g.inputs[:2], g.part(1), {})]
    if g.input(4):
        found.append(("Add", [g.part(1), g.input(4)], g.part(2), {}))
    total = found[-1][2]
    norm = [total, g.input(2), *filter(None, [g.input(3)])]
    epsilon = {"epsilon": g.attributes.get("epsilon", 1e-12)}
    found.append(("LayerNormalization", norm, g.y, epsilon))
    if g.others[2:] and g.others[2]:
        found.append(("Identity", [total], g.others[2], {}))
    return found


def _matmul(g: _Given) -> list[_Row] | None:
    plain = g.attributes.get("alpha", 1.0) == 1
    if not plain or any(each for name, each in g.attributes.items() if name != "alpha"):
        return None
    return [("MatMul", g.inputs[:2], g.y, {})]


_ROWS: dict[str, Callable[[_Given], list[_Row] | None]] = {
    "FusedConv": _activated("Conv", 3),
    "FusedGemm": _activated("Gemm", 3),
    "FusedMatMul": _matmul,
    "Gelu": _gelu,
    "BiasGelu": _gelu,
    "FastGelu": lambda g: _gelu(g, approximate="tanh"),
    "QuickGelu": _quick_gelu,
    "SkipLayerNormalization": _skip_layer_norm,
}
