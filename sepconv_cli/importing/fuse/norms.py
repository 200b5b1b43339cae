"""Norms: their arithmetic, and their weights apart."""

from collections.abc import Iterator

from msgspec.structs import replace

from sepconv_cli.importing.fuse.parts import Fused, StepParts, op_of, products, without_ones
from sepconv_cli.network import Op


def _layer_norm(parts: StepParts, at: int) -> Fused | None:
    """(x - mean) / sqrt(mean((x - mean)^2) + eps)."""
    if not parts.named(at, "divide"):
        return None
    centred, root = parts[at].sources
    found = parts.chain(root, "affine") if parts.named(root, "sqrt") else None
    mean = _mean_before(parts, found[0]) if found else None
    square = parts.before(mean, "power") if mean is not None else None
    if found is None or mean is None or square is None or not parts.only_for(root, at):
        return None
    centre = _centre(parts, centred, square, at)
    if centre is None or parts.op(square).exponent != 2 or parts.op(found[0]).scale != 1:
        return None
    x, first = centre
    shape = _over(parts, mean)
    if shape is None or shape != _over(parts, first):
        return None
    op = op_of("layer_norm", normalized_shape=shape, eps=parts.op(found[0]).shift,
             elementwise_affine=False, bias=False)  # fmt: skip
    return Fused(op, (x,), (centred, root, *found, mean, square, first))


def _centre(parts: StepParts, centred: int, square: int, at: int) -> tuple[int, int] | None:
    """x and its mean, where x - mean is squared and divided, and nothing else."""
    if not parts.named(centred, "subtract") or parts[square].sources != (centred,):
        return None
    x, mean = parts[centred].sources
    readers = parts.readers(centred)
    if readers != {square, at} or not _is_mean(parts, mean) or not parts.only_for(mean, centred):
        return None
    return (x, mean) if parts[mean].sources == (x,) else None


def _mean_before(parts: StepParts, at: int) -> int | None:
    found = parts.before(at, "reduce", "global_avg_pool")
    return found if found is not None and _is_mean(parts, found) else None


def _is_mean(parts: StepParts, at: int) -> bool:
    if parts.named(at, "global_avg_pool"):
        return True
    return parts.named(at, "reduce") and parts.op(at).function == "mean" and parts.op(at).keepdim


def _over(parts: StepParts, mean: int) -> tuple[int, ...] | None:
    """The last axes, where a mean is over these."""
    x = parts.y(parts[mean].sources[0]).axes
    axes = range(1, len(x)) if parts.named(mean, "global_avg_pool") else parts.op(mean).axes
    return x[axes[0] :] if tuple(axes) == tuple(range(axes[0], len(x))) else None


def _rms_norm(parts: StepParts, at: int) -> Fused | None:
    """x / sqrt(mean(x^2) + eps), or x times 1 / sqrt."""
    for x, root, gone in _by_a_root(parts, at):
        found = parts.chain(root, "affine")
        mean = _mean_before(parts, found[0]) if found else None
        square = parts.before(mean, "power") if mean is not None else None
        if not found or mean is None or square is None or parts[square].sources != (x,):
            continue
        shape = _over(parts, mean)
        if shape is None or parts.op(square).exponent != 2 or parts.op(found[0]).scale != 1:
            continue
        op = op_of(
            "rms_norm",
            normalized_shape=shape,
            eps=parts.op(found[0]).shift,
            elementwise_affine=False,
        )
        return Fused(op, (x,), (*gone, root, *found, mean, square))
    return None


def _by_a_root(parts: StepParts, at: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """What is divided by a square root: x, the root, and a step between them."""
    if parts.named(at, "divide"):
        x, root = parts[at].sources
        if parts.named(root, "sqrt") and parts.only_for(root, at):
            yield x, root, ()
    for x, factor in products(parts, at):
        if not parts.only_for(factor, at):
            continue
        if parts.named(factor, "rsqrt"):
            yield x, factor, ()
        under = parts.before(factor, "sqrt")
        if parts.named(factor, "power") and parts.op(factor).exponent == -1 and under is not None:
            yield x, under, (factor,)


def _norm_weights(parts: StepParts, at: int) -> Fused | None:
    """A norm over the last axes, and a learned factor or summand for each of their elements."""
    norm = parts.before(at, "layer_norm", "rms_norm")
    if norm is None or not parts.named(at, "learned_scale", "learned_shift"):
        return None
    op, step = parts.op(norm), parts[norm]
    shape = op.normalized_shape or step.y.axes
    if without_ones(parts.op(at).shape) != without_ones(shape):
        return None
    scaled = parts.named(at, "learned_scale") and not op.elementwise_affine
    if scaled:
        made: Op = replace(op, elementwise_affine=True)
    elif (
        parts.named(at, "learned_shift")
        and op.name == "layer_norm"
        and op.elementwise_affine
        and not op.bias
    ):
        made = replace(op, bias=True)
    else:
        return None
    return Fused(made, step.sources, (norm,), (*step.held, *parts[at].held))


def _group_norm(parts: StepParts, at: int) -> Fused | None:
    """Groups as the channels of an instance norm, between two reshapes."""
    found = parts.chain(at, "instance_norm", "reshape") if parts.named(at, "reshape") else None
    if not found or parts.op(found[0]).affine:
        return None
    (x,) = parts[found[1]].sources
    groups = parts[found[1]].y.channels
    if parts.y(x) != parts[at].y or parts.y(x).channels % groups:
        return None
    return Fused(
        op_of("group_norm", num_groups=groups, eps=parts.op(found[0]).eps, affine=False),
        (x,),
        tuple(found),
    )


def _channel_weights(parts: StepParts, at: int) -> Fused | None:
    """A norm of channels, and a learned factor and summand for each channel."""
    found = parts.chain(at, "learned_scale") if parts.named(at, "learned_shift") else None
    norm = parts.before(found[0], "group_norm", "instance_norm") if found else None
    if found is None or norm is None or parts.op(norm).affine:
        return None
    y = parts[norm].y
    each = (y.channels, *(1,) * len(y.size))
    if any(without_ones(parts.op(one).shape) != each for one in (at, found[0])):
        return None
    held = (*parts[found[0]].held, *parts[at].held)
    return Fused(replace(parts.op(norm), affine=True), parts[norm].sources, (norm, *found), held)


NORM_RULES = (_layer_norm, _rms_norm, _norm_weights, _group_norm, _channel_weights)
