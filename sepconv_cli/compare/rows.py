"""The rows of a comparison: their fields and metrics are the columns of every format.

How the cases come about is lowering/choose.py's, how rows are shown report.py's and formats/'.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.compare.agreement import Disagreement, Traces
from sepconv_cli.conventions import Gap
from sepconv_cli.cost import ReceptiveField
from sepconv_cli.lowering.settings import plain_number
from sepconv_cli.metrics import Amounts, Scope, listed, on_devices
from sepconv_cli.network import Network, Node
from sepconv_cli.trace import TracedNode

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device
    from sepconv_cli.latency.doubt import Unlike
    from sepconv_cli.latency.formula import Holder


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A network or a layer of one, for one sample: `row["macs"]`, `row.ratio("parameters")`.

    Every metric is worked out when it is asked for; `count` is the comparison's convention's, and
    so is `traced_count` where fvcore counts by it. `agrees` is None where only one engine counted.
    """

    amounts: Amounts
    scope: Scope
    standard: Scope | None
    is_analytic: bool
    traced_parameters: int | None
    traced_count: int | None
    agrees: bool | None

    def __getitem__(self, metric: str) -> int | float | None:
        """A metric by formula; None where it isn't counted. Raises UsageError for no metric."""
        if not self.is_analytic:
            self.amounts.metric(metric)
            return None
        value = self.amounts.number(metric, self.scope)
        return None if value is None else plain_number(value)

    def ratio(self, metric: str) -> float | None:
        """A metric's ratio to the standard variant; None where either isn't counted, or is 0."""
        value = self[metric] if self.is_analytic else self._traced(metric)
        if value is None or self.standard is None:
            return None
        standard = self.amounts.number(metric, self.standard)
        return float(value / standard) if standard else None

    def _traced(self, metric: str) -> int | None:
        return {"parameters": self.traced_parameters, "count": self.traced_count}.get(metric)


class LayerRow(Counted, frozen=True, kw_only=True):
    """A layer of the spec; `parts` are the ops that a variant made of it.

    `receptive_field` are the input positions that one output position depends on, for each
    axis, at most so many where it isn't exact; None where that is the whole input.
    `held_by` says of each latency what most of it goes into: arithmetic, memory, or the overhead of
    each op; None where it takes no time, or that can't be told.
    """

    layer: str
    op: str
    input: str
    output: str
    receptive_field: tuple[int, ...] | None
    receptive_field_is_exact: bool | None
    held_by: Mapping[str, str | None] = {}
    parts: tuple["LayerRow", ...] = ()

    def __repr__(self) -> str:
        """What it is, without the whole network that it is counted from."""
        return f"LayerRow({self.layer!r}, {self.op!r}, {self.input!r}, {self.output!r})"

    @property
    def sees(self) -> str | None:
        """The receptive field as `7x7`, or `<= 7x7`; None where it is the whole input."""
        if self.receptive_field is None:
            return None
        at_most = "" if self.receptive_field_is_exact else "<= "
        return at_most + "x".join(map(str, self.receptive_field))


class Row(Counted, frozen=True, kw_only=True):
    """One variant of one network with one choice of settings.

    `gaps` are the layers that the convention doesn't count, `unused_layers` those that lead to no
    output. `unlike` are those, by the device, that are unlike all that it was fitted to.
    """

    network: str
    file: str
    settings: dict[str, float | int | bool]
    variant: str
    input: str
    gaps: tuple[Gap, ...]
    unused_layers: tuple[str, ...]
    unlike: "Mapping[str, Sequence[Unlike]]"
    layers: tuple[LayerRow, ...]

    def __repr__(self) -> str:
        """What it is, without the whole network that it is counted from."""
        return f"Row({self.network!r}, {self.variant!r}, {self.settings!r})"


def numbers(row: Counted) -> dict[str, Any]:
    """What both engines say, by name: every metric with its ratio, and what was traced."""
    numbers: dict[str, Any] = {}
    for metric in listed(row.amounts.context.devices):
        numbers[metric.name] = row[metric.name]
        numbers[f"{metric.name}_ratio"] = row.ratio(metric.name)
    return {
        **numbers,
        "traced_parameters": row.traced_parameters,
        "traced_count": row.traced_count,
        "agrees": row.agrees,
    }


Holders = Callable[[Sequence[int]], "Holder | None"]
"""What most of the time of some nodes goes into."""

TracedCount = Callable[[TracedNode], int | None]
"""What a trace says of a node in the comparison's convention."""


class Sides(msgspec.Struct, frozen=True):
    """What both engines say of one network, beside the standard variant of it."""

    amounts: Amounts
    network: Network
    standard: Network
    is_analytic: bool
    traced: Traces | None
    differing: Mapping[int, Sequence[Disagreement]]
    fields: Sequence[ReceptiveField | None]
    traced_count: TracedCount | None
    held: "Mapping[str, Holders]"

    def counted(self, scope: Scope, standard: Scope | None) -> dict[str, Any]:
        """What is counted of some nodes of the network, beside those of the standard variant."""
        parameters, count = self._measured(scope)
        return {
            "amounts": self.amounts,
            "scope": scope,
            "standard": standard,
            "is_analytic": self.is_analytic,
            "traced_parameters": parameters,
            "traced_count": count,
            "agrees": self._agrees(scope),
        }

    def _measured(self, scope: Scope) -> tuple[int | None, int | None]:
        """Parameters and count by tracing; None for what it doesn't say."""
        if self.traced is None:
            return None, None
        nodes = [self.traced[index] for index in scope.indices]
        counts = [self.traced_count(node) for node in nodes] if self.traced_count else [None]
        known = [count for count in counts if count is not None]
        parameters = sum(node.parameters for node in nodes)
        return parameters, sum(known) if known or not counts else None

    def _agrees(self, scope: Scope) -> bool | None:
        """Whether both engines say the same; None where one of them says nothing."""
        if not self.is_analytic or self.traced is None:
            return None
        return not any(index in self.differing for index in scope.indices)


def layer_rows(sides: Sides, depth: int | None) -> tuple[LayerRow, ...]:
    """A row for each layer of the spec, with the parts that a variant made of it."""
    written = Scope(sides.standard).layers(depth)
    rows = []
    for layer, scope in Scope(sides.network).layers(depth).items():
        row = _layer(sides, layer, scope, written[layer])
        if len(scope.nodes) > 1 and all(node.layer == layer for node in scope.nodes):
            parts = [Scope(sides.network, (index,)) for index in scope.indices]
            row = replace(
                row, parts=tuple(_layer(sides, part.nodes[0].name, part, None) for part in parts)
            )
        rows.append(row)
    return tuple(rows)


def _layer(sides: Sides, name: str, scope: Scope, standard: Scope | None) -> LayerRow:
    nodes = scope.nodes
    field = sides.fields[scope.indices[-1]]
    return LayerRow(
        layer=name,
        op=_ops(nodes),
        input=str(nodes[0].x),
        output=str(nodes[-1].y),
        receptive_field=field.size if field else None,
        receptive_field_is_exact=field.exact if field else None,
        held_by={name: holder(scope.indices) for name, holder in sides.held.items()},
        **sides.counted(scope, standard),
    )


def holders(network: Network, devices: "Sequence[Device]") -> "dict[str, Holders]":
    """What holds the nodes of a network, by the name of each device's latency."""

    def on(device: "Device") -> Holders:
        times = device.times(network)
        return lambda where: held_by([times[index] for index in where])

    if not devices:
        return {}
    from sepconv_cli.latency.formula import held_by

    named = zip(on_devices(devices), devices, strict=True)
    return {metric.name: on(device) for metric, device in named}


def doubts(network: Network, devices: "Sequence[Device]") -> "dict[str, Sequence[Unlike]]":
    """The layers of a network that are unlike all that was fitted, by the device."""
    if not devices:
        return {}
    from sepconv_cli.latency.doubt import unlike

    return {device.name: unlike(network, device) for device in devices}


def _ops(nodes: Sequence[Node]) -> str:
    """The ops of a layer, or how many there are of a fold."""
    names = [node.op.name for node in nodes]
    return " + ".join(names) if len(names) <= 5 else f"{len(names)} ops"
