"""Costs side by side: ratios to the standard variant, and whether both engines agree.

The fields of a row are the columns of every format. Which cases there are is
decided in choose.py, how they are shown in table.py and formats/.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from sepconv_cli.agreement import Disagreement, Traces, disagreements
from sepconv_cli.choose import Case, Options, cases, rule
from sepconv_cli.conventions import Convention, convention
from sepconv_cli.cost import Cost, cost, peak_activations, receptive_fields, total
from sepconv_cli.errors import UsageError
from sepconv_cli.lower import Settings
from sepconv_cli.network import Network, Node
from sepconv_cli.spec.model import Spec
from sepconv_cli.trace import missing, trace

Engine = Literal["auto", "analytic", "trace", "both"]
DType = Literal["float32", "float16", "int8"]
BYTES: dict[DType, int] = {"float32": 4, "float16": 2, "int8": 1}
TRACE_HINT = "pip install 'sepconv[trace]'"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a network or a layer, for one sample; None where one wasn't counted.

    Ratios are to the standard variant. `agrees` is None where only one engine counted.
    """

    parameters: int | None
    macs: int | None
    parameters_ratio: float | None
    macs_ratio: float | None
    activations: int | None
    weight_bytes: int | None
    activation_bytes: int | None
    traced_parameters: int | None
    traced_macs: int | None
    agrees: bool | None


class LayerRow(Figures, frozen=True, kw_only=True):
    """A layer of the spec; `parts` are the ops that a variant made of it.

    `receptive_field` are the input positions that one output position hangs on, for each
    axis; None where that is the whole input.
    """

    layer: str
    op: str
    input: str
    output: str
    receptive_field: tuple[int, ...] | None
    parts: tuple["LayerRow", ...] = ()


class Row(Figures, frozen=True, kw_only=True):
    """One variant of one network with one choice of settings.

    `peak_activation_bytes` is the most that one sample's tensors take at once.
    """

    network: str
    file: str
    settings: dict[str, float | int | bool]
    variant: str
    input: str
    peak_activation_bytes: int | None
    layers: tuple[LayerRow, ...]


class Comparison(msgspec.Struct, frozen=True):
    """All rows of one comparison under one convention, and where the engines disagree."""

    convention: Convention
    dtype: DType
    rows: tuple[Row, ...]
    disagreements: tuple[Disagreement, ...] = ()


def compare(
    spec: Spec | Sequence[Spec],
    *,
    grid: Sequence[Settings] = ({},),
    variants: Sequence[str] = (),
    options: Options | None = None,
    rewrite: Sequence[str] = (),
    engine: Engine = "auto",
    dtype: DType = "float32",
    per_layer: bool = False,
    depth: int | None = None,
    use_cache: bool = True,
) -> Comparison:
    """The costs of a spec's variants side by side.

    `grid` sets parameters, one mapping for each choice; `variants`, `options` and `rewrite`
    choose as on the command line; `per_layer` fills the rows' `layers`, folded to so many
    parts of their names where a `depth` is given. Raises SpecError for a
    spec that can't be built, UsageError for an engine that isn't installed, TraceError
    where fvcore can't count.
    """
    rules = [rule(text) for text in rewrite]
    specs = [spec] if isinstance(spec, Spec) else spec
    planned = [case for one in specs for case in cases(one, grid, variants, options, rules)]
    tracer = tracer_for(engine, use_cache)
    traces = [tracer(case.network) for case in planned] if tracer else []
    return compared(
        planned, traces, dtype, analytic=engine != "trace", per_layer=per_layer, depth=depth
    )


def tracer_for(engine: Engine, use_cache: bool = True) -> Callable[[Network], Traces] | None:
    """How an engine traces a network; None where it doesn't. Raises UsageError."""
    absent = missing() if engine != "analytic" else ()
    if engine == "analytic" or (engine == "auto" and absent):
        return None
    if absent:
        raise UsageError(f"--engine {engine} needs {' and '.join(absent)}", TRACE_HINT)
    return lambda network: trace(network, use_cache)


def compared(
    planned: Sequence[Case],
    traces: Sequence[Traces] = (),
    dtype: DType = "float32",
    *,
    analytic: bool = True,
    per_layer: bool = False,
    depth: int | None = None,
) -> Comparison:
    """The rows of these cases. There may be fewer traces than cases, while they arrive."""
    macs = convention("macs")
    memo: dict[int, Cost] = {}
    size = BYTES[dtype]
    measured_against: Network | None = None
    rows: list[Row] = []
    found: list[Disagreement] = []
    for case, traced in zip_longest(planned, traces):
        if case.standard is not measured_against:
            measured_against = case.standard
            written = [(node.layer, _cost(node, macs, memo)) for node in measured_against.nodes]
            whole = total(cost for _, cost in written)
        costs = [_cost(node, macs, memo) for node in case.network.nodes]
        differing = disagreements(case, costs, traced) if traced and analytic else {}
        found.extend(item for items in differing.values() for item in items)
        fields = receptive_fields(case.network) if per_layer else []
        sides = _Sides(
            case.network.nodes, costs if analytic else None, traced, differing, size, fields
        )
        rows.append(
            Row(
                network=case.spec.name,
                file=case.spec.source.name,
                settings={name: plain(value) for name, value in case.settings.items()},
                variant=case.variant.name,
                input=str(case.network.input),
                peak_activation_bytes=size * peak_activations(case.network) if analytic else None,
                layers=_layers(sides, written, depth) if per_layer else (),
                **sides.figures(range(len(costs)), whole),
            )
        )
    return Comparison(macs, dtype, tuple(rows), tuple(found))


def plain(value: object) -> float | int | bool:
    """A setting as every format can write it."""
    return value if isinstance(value, int) else float(value)  # type: ignore[arg-type]


def _cost(node: Node, rule: Convention, memo: dict[int, Cost]) -> Cost:
    """The cost of a node; variants share the nodes that they leave as they are."""
    found = memo.get(id(node))
    if found is None:
        found = memo[id(node)] = cost(node, rule)
    return found


class _Count(msgspec.Struct, frozen=True):
    """What one engine says of some nodes; None for what it doesn't say."""

    parameters: int | None = None
    macs: int | None = None
    activations: int | None = None


class _Sides(msgspec.Struct, frozen=True):
    """What both engines say of the nodes of one network, in their order."""

    nodes: Sequence[Node]
    costs: Sequence[Cost] | None
    traced: Traces | None
    differing: Mapping[int, Sequence[Disagreement]]
    bytes_each: int
    fields: Sequence[tuple[int, ...] | None]

    def counted(self, where: Sequence[int]) -> _Count:
        """The sum by formula over the nodes at these indices."""
        if self.costs is None:
            return _Count()
        cost = total(self.costs[index] for index in where)
        return _Count(cost.parameters, cost.count, cost.activations)

    def measured(self, where: Sequence[int]) -> _Count:
        """The sum by tracing over the nodes at these indices."""
        if self.traced is None:
            return _Count()
        cost = total(Cost(self.traced[i].parameters, self.traced[i].macs) for i in where)
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
            "macs": counted.macs,
            "parameters_ratio": _ratio(shown.parameters, standard.parameters),
            "macs_ratio": _ratio(shown.macs, standard.count),
            "activations": counted.activations,
            "weight_bytes": _times(counted.parameters, self.bytes_each),
            "activation_bytes": _times(counted.activations, self.bytes_each),
            "traced_parameters": measured.parameters,
            "traced_macs": measured.macs,
            "agrees": self.agrees(where),
        }


def _layers(
    sides: _Sides, written: Sequence[tuple[str, Cost]], depth: int | None
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


def _layer(sides: _Sides, name: str, where: Sequence[int], standard: Cost) -> LayerRow:
    nodes = [sides.nodes[i] for i in where]
    return LayerRow(
        layer=name,
        op=_ops(nodes),
        input=str(nodes[0].x),
        output=str(nodes[-1].y),
        receptive_field=sides.fields[where[-1]],
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
