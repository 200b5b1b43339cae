"""The rows of a comparison: their fields are the columns of every format.

How the cases come about is choose.py's, how rows are shown table.py's and formats/'.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.compare.agreement import Disagreement, Traces
from sepconv_cli.conventions import Gap
from sepconv_cli.cost import Cost, ReceptiveField, total
from sepconv_cli.network import Node
from sepconv_cli.trace import TracedNode


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a network or a layer, for one sample; None where one wasn't counted.

    `count` is in the comparison's convention, and so is `traced_count` where fvcore counts by it.
    Ratios are to the standard variant. `agrees` is None where only one engine counted.
    """

    parameters: int | None
    count: int | None
    parameters_ratio: float | None
    count_ratio: float | None
    activations: int | None
    weight_bytes: int | None
    activation_bytes: int | None
    traced_parameters: int | None
    traced_count: int | None
    agrees: bool | None


class LayerRow(Figures, frozen=True, kw_only=True):
    """A layer of the spec; `parts` are the ops that a variant made of it.

    `receptive_field` are the input positions that one output position depends on, for each
    axis, at most so many where it isn't exact; None where that is the whole input.
    """

    layer: str
    op: str
    input: str
    output: str
    receptive_field: tuple[int, ...] | None
    receptive_field_is_exact: bool | None
    parts: tuple["LayerRow", ...] = ()

    @property
    def sees(self) -> str | None:
        """The receptive field as `7x7`, or `<= 7x7`; None where it is the whole input."""
        if self.receptive_field is None:
            return None
        at_most = "" if self.receptive_field_is_exact else "<= "
        return at_most + "x".join(map(str, self.receptive_field))


class Row(Figures, frozen=True, kw_only=True):
    """One variant of one network with one choice of settings.

    `peak_activation_bytes` is the most that one sample's tensors take at once; `gaps` are the
    layers that the convention doesn't count, `unused_layers` those that lead to no output.
    """

    network: str
    file: str
    settings: dict[str, float | int | bool]
    variant: str
    input: str
    peak_activation_bytes: int | None
    gaps: tuple[Gap, ...]
    unused_layers: tuple[str, ...]
    layers: tuple[LayerRow, ...]


class _Count(msgspec.Struct, frozen=True):
    """What one engine says of some nodes; None for what it doesn't say."""

    parameters: int | None = None
    count: int | None = None
    activations: int | None = None


TracedCount = Callable[[TracedNode], int | None]
"""What a trace says of a node in the comparison's convention."""


class Sides(msgspec.Struct, frozen=True):
    """What both engines say of the nodes of one network, in their order."""

    nodes: Sequence[Node]
    costs: Sequence[Cost] | None
    traced: Traces | None
    differing: Mapping[int, Sequence[Disagreement]]
    bytes_each: int
    fields: Sequence[ReceptiveField | None]
    traced_count: TracedCount | None

    def counted(self, where: Sequence[int]) -> _Count:
        """The sum by formula over the nodes at these indices."""
        if self.costs is None:
            return _Count()
        cost = total([self.costs[index] for index in where])
        return _Count(cost.parameters, cost.count, cost.activations)

    def measured(self, where: Sequence[int]) -> _Count:
        """The sum by tracing over the nodes at these indices."""
        if self.traced is None:
            return _Count()
        nodes = [self.traced[index] for index in where]
        counted = self.traced_count
        cost = total(Cost(node.parameters, counted(node) if counted else None) for node in nodes)
        return _Count(cost.parameters, cost.count)

    def agrees(self, where: Sequence[int]) -> bool | None:
        """Whether both engines say the same; None where one of them says nothing."""
        if self.costs is None or self.traced is None:
            return None
        return not any(index in self.differing for index in where)

    def figures(self, where: Sequence[int], standard: Cost) -> dict[str, Any]:
        """The columns for the nodes at these indices, beside the standard's cost."""
        counted, measured = self.counted(where), self.measured(where)
        shown = measured if self.costs is None else counted
        return {
            "parameters": counted.parameters,
            "count": counted.count,
            "parameters_ratio": _ratio(shown.parameters, standard.parameters),
            "count_ratio": _ratio(shown.count, standard.count),
            "activations": counted.activations,
            "weight_bytes": _times(counted.parameters, self.bytes_each),
            "activation_bytes": _times(counted.activations, self.bytes_each),
            "traced_parameters": measured.parameters,
            "traced_count": measured.count,
            "agrees": self.agrees(where),
        }


def layer_rows(
    sides: Sides, written: Sequence[tuple[str, Cost]], depth: int | None
) -> tuple[LayerRow, ...]:
    """A row for each layer of the spec, with the parts that a variant made of it."""
    standard: dict[str, list[Cost]] = {}
    for layer, cost_ in written:
        standard.setdefault(_fold(layer, depth), []).append(cost_)
    grouped: dict[str, list[int]] = {}
    for index, node in enumerate(sides.nodes):
        grouped.setdefault(_fold(node.layer, depth), []).append(index)
    rows = []
    for layer, where in grouped.items():
        row = _layer(sides, layer, where, total(standard[layer]))
        is_one = all(sides.nodes[index].layer == layer for index in where)
        if is_one and len(where) > 1:
            parts = [_layer(sides, sides.nodes[index].name, [index], Cost()) for index in where]
            row = replace(row, parts=tuple(parts))
        rows.append(row)
    return tuple(rows)


def _fold(layer: str, depth: int | None) -> str:
    """The first parts of a name: `unit_1.residual.conv` to a depth of 1 is `unit_1`."""
    return ".".join(layer.split(".")[:depth])


def _layer(sides: Sides, name: str, where: Sequence[int], standard: Cost) -> LayerRow:
    nodes = [sides.nodes[i] for i in where]
    field = sides.fields[where[-1]]
    return LayerRow(
        layer=name,
        op=_ops(nodes),
        input=str(nodes[0].x),
        output=str(nodes[-1].y),
        receptive_field=field.size if field else None,
        receptive_field_is_exact=field.exact if field else None,
        **sides.figures(where, standard),
    )


def _ops(nodes: Sequence[Node]) -> str:
    """The ops of a layer, or how many there are of a fold."""
    names = [node.op.name for node in nodes]
    return " + ".join(names) if len(names) <= 5 else f"{len(names)} ops"


def _ratio(value: int | None, standard: int | None) -> float | None:
    return value / standard if value is not None and standard else None


def _times(value: int | None, factor: int) -> int | None:
    return None if value is None else value * factor
