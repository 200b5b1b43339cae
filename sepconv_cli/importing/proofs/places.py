"""Which parameter of the model is which of the spec: what converting weights needs."""

from collections.abc import Iterator
from typing import Any

import msgspec

from sepconv_cli.importing.proofs.proof import Counterpart
from sepconv_cli.network import Op


class WeightPlace(msgspec.Struct, frozen=True):
    """Where a parameter or buffer of the model went: a layer of the spec, and its name there.

    The name is that of torch's module for the op, such as `weight`. `is_made` where the layer's
    is worked out of several, or of this one in another form; `turned` where the model has a
    matrix the other way round: inputs, then outputs.
    """

    layer: str
    parameter: str
    is_made: bool = False
    turned: bool = False


_WEIGHT_ALONE = frozenset(
    {"learned", "learned_scale", "learned_shift", "prelu", "embedding", "rms_norm"}
)

WeightPlaces = dict[str, tuple[WeightPlace, ...]]


def weight_places(found: Counterpart) -> WeightPlaces:
    """The places of each parameter and buffer that a layer has; several where it is used so."""
    places: WeightPlaces = {}
    for step, node in found.pairs():
        if step.op.is_opaque:
            continue
        for parameter, held in zip(parameter_names(step.op), step.held, strict=False):
            place = WeightPlace(node.name, parameter, held.name is None, held.turned)
            for name in (held.name,) if held.name else held.learned:
                places[name] = (*places.get(name, ()), place)
    return places


def parameter_names(op: Op) -> tuple[str, ...]:
    """The parameters and buffers of torch's module for an op, in its order, by its names."""
    if op.name in ("lstm", "gru", "rnn"):
        return tuple(_recurrent(op))
    if op.name == "multi_head_attention":
        kinds = ("weight", "bias") if _has(op, "bias") else ("weight",)
        parts = ("query", "key", "value", "output")
        return tuple(f"{part}.{kind}" for part in parts for kind in kinds)
    if op.name == "constant":
        return ("values",)
    if op.name in _WEIGHT_ALONE:
        return ("weight",) if _has(op, "elementwise_affine") else ()
    learned = ("weight", "bias") if _has(op, "affine", "elementwise_affine") else ()
    if op.name == "batch_norm" or getattr(op, "track_running_stats", False):
        return (*learned, "running_mean", "running_var")
    return learned[: 1 + _has(op, "bias")]


def _has(op: Op, *fields: str) -> bool:
    """What an op has no field for, it has."""
    return all(getattr(op, field, True) for field in fields)


def _recurrent(op: Any) -> Iterator[str]:
    for layer in range(op.num_layers):
        for end in ("", "_reverse") if op.bidirectional else ("",):
            for kind in ("weight", "bias") if op.bias else ("weight",):
                yield from (f"{kind}_{gate}_l{layer}{end}" for gate in ("ih", "hh"))
