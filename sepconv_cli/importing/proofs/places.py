"""Which parameter of the model is which of the spec: what converting weights needs."""

import msgspec

from sepconv_cli.importing.proofs.proof import Counterpart
from sepconv_cli.network import Op, Tensor


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


# Tensors that aren't learned: buffers of ops that have no other tensor that a model has.
_FIXED = {"constant": "values", "fixed_conv": "weight"}

WeightPlaces = dict[str, tuple[WeightPlace, ...]]


def weight_places(found: Counterpart) -> WeightPlaces:
    """The places of each parameter and buffer that a layer has; several where it is used so."""
    places: WeightPlaces = {}
    for step, node in found.pairs():
        if step.op.is_opaque:
            continue
        names = parameter_names(step.op, node.x)
        for parameter, held in zip(names, step.held, strict=False):
            place = WeightPlace(node.name, parameter, held.name is None, held.turned)
            for name in (held.name,) if held.name else held.learned:
                places[name] = (*places.get(name, ()), place)
    return places


def parameter_names(op: Op, x: Tensor) -> tuple[str, ...]:
    """The parameters and buffers of torch's module for an op, in its order, by its names."""
    if op.name in _FIXED:
        return (_FIXED[op.name],)
    if getattr(op, "made_of", None) is not None:
        return ("values",)
    keeps_statistics = op.name == "batch_norm" or getattr(op, "track_running_stats", False)
    statistics = ("running_mean", "running_var") if keeps_statistics else ()
    return (*op.parameter_shapes(x), *statistics)
