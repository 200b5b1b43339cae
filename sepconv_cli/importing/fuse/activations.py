"""Activations: x times a function of x, and the error function in its parts."""

from math import sqrt

from sepconv_cli.importing.fuse.parts import Fused, StepParts, is_affine, op_of, products

_GATES = {"sigmoid": "silu", "hard_sigmoid": "hard_swish"}


def _gated(parts: StepParts, at: int) -> Fused | None:
    """x times a function of x."""
    for x, gate in products(parts, at):
        if not parts.only_for(gate, at):
            continue
        if parts.named(gate, *_GATES) and parts[gate].sources == (x,):
            return Fused(op_of(_GATES[parts.op(gate).name]), (x,), (gate,))
        soft = parts.before(gate, "softplus")
        if parts.named(gate, "tanh") and soft is not None and parts[soft].sources == (x,):
            return Fused(op_of("mish"), (x,), (gate, soft))
    return None


def _gelu(parts: StepParts, at: int) -> Fused | None:
    """x (1 + erf(x / sqrt(2))) / 2, wherever the half stands; and the same of tanh."""
    half = parts.before(at, "multiply") if is_affine(parts, at, scale=0.5) else None
    product = at if half is None else half
    for x, factor in products(parts, product):
        if not parts.only_for(factor, product) or not is_affine(parts, factor, shift=1):
            continue
        gone = [] if half is None else [half]
        if half is None:
            if not (is_affine(parts, x, scale=0.5) and parts.only_for(x, product)):
                continue
            gone.append(x)
            (x,) = parts[x].sources
        for kind, inner in (("none", _erf), ("tanh", _tanh)):
            found = inner(parts, factor, x)
            if found is not None:
                return Fused(op_of("gelu", approximate=kind), (x,), (*gone, factor, *found))
    return None


def _erf(parts: StepParts, at: int, x: int) -> list[int] | None:
    found = parts.chain(at, "erf", "affine")
    if found and is_affine(parts, found[-1], scale=sqrt(0.5)) and parts[found[-1]].sources == (x,):
        return found
    return None


def _tanh(parts: StepParts, at: int, x: int) -> list[int] | None:
    """tanh(sqrt(2 / pi) (x + 0.044715 x^3))."""
    found = parts.chain(at, "tanh", "affine", "add")
    if not found or not is_affine(parts, found[1], scale=0.7978845608):
        return None
    others = [each for each in parts[found[2]].sources if each != x]
    if len(others) != 1 or not parts.only_for(others[0], found[2]):
        return None
    cube = parts.before(others[0], "power")
    if not is_affine(parts, others[0], scale=0.044715) or cube is None:
        return None
    cubed = parts.op(cube).exponent == 3 and parts[cube].sources == (x,)
    return [*found, others[0], cube] if cubed else None


ACTIVATION_RULES = (_gated, _gelu)
