"""What of a network can be measured: the metrics by name, and what each layer adds to them."""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from sepconv_cli.conventions import convention, gaps, sentences
from sepconv_cli.cost.memory import peak_activations
from sepconv_cli.network import Network, Node
from sepconv_cli.registry import names

DType = Literal["float32", "float16", "int8"]
BYTES: dict[DType, int] = {"float32": 4, "float16": 2, "int8": 1}

Figure = Literal[
    "parameters", "activations", "weight_bytes", "activation_bytes", "peak_activation_bytes"
]
FIGURES: tuple[Figure, ...] = get_args(Figure)
PEAK = "peak_activation_bytes"


class Measured(msgspec.Struct, frozen=True):
    """A metric's value for some layers of one sample, and what each of them adds.

    `value` is None where a layer isn't comparable, and `why` says so; `notes` name what else a
    convention leaves out. The layers' parts of a peak are what each one puts out, which doesn't
    add up.
    """

    value: int | None
    layers: tuple[tuple[str, int], ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()


def metric_names() -> tuple[str, ...]:
    """Every metric: the figures, and every convention's count."""
    return (*FIGURES, *names("conventions"))


def unit_of(metric: str) -> str:
    """What a metric counts in: bytes, MACs, FLOPs, or nothing in particular."""
    if metric in FIGURES:
        return "bytes" if metric.endswith("_bytes") else ""
    return f"{convention(metric).unit}s"


def measure(network: Network, metric: str, nodes: Iterable[Node], dtype: DType) -> Measured:
    """A metric over some nodes of a network; its peak is that of the whole network."""
    chosen = list(nodes)
    if metric in FIGURES:
        layers = _added([(node, _figure(node, metric, BYTES[dtype])) for node in chosen])
        if metric == PEAK:
            return Measured(BYTES[dtype] * peak_activations(network), layers)
        return Measured(sum(amount for _, amount in layers), layers)
    rule = convention(metric)
    layers = _added([(node, rule.count(node) or 0) for node in chosen])
    found = gaps(chosen, rule)
    why = next((f"{gap.layer}: {gap.reason}" for gap in found if gap.reason), "")
    notes = sentences([gap for gap in found if gap.reason is None], rule)
    value = None if why else sum(amount for _, amount in layers)
    return Measured(value, layers, why, tuple(notes))


def _figure(node: Node, metric: str, size: int) -> int:
    """What one node adds to a figure; elements of so many bytes."""
    match metric:
        case "parameters":
            return node.op.parameters(node.x)
        case "activations":
            return node.op.activations_on(node.inputs, node.y)
        case "weight_bytes":
            return size * node.op.parameters(node.x)
        case "activation_bytes":
            return size * node.op.activations_on(node.inputs, node.y)
    return size * node.y.elements


def _added(amounts: Iterable[tuple[Node, int]]) -> tuple[tuple[str, int], ...]:
    """The amounts of each layer of the spec, those of its parts added up."""
    layers: dict[str, int] = {}
    for node, amount in amounts:
        layers[node.layer] = layers.get(node.layer, 0) + amount
    return tuple(layers.items())
