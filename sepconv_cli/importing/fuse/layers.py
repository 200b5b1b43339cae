"""Layers: a bias apart, channels that are shuffled, attention."""

from math import isclose, prod
from typing import NamedTuple

from msgspec.structs import replace

from sepconv_cli.importing.fuse.parts import Fused, StepParts, op_of, without_ones


def _bias(parts: StepParts, at: int) -> Fused | None:
    """A layer without a bias, and a learned number added for each of its channels."""
    layer = parts.before(at, "linear", "conv", "conv_transpose")
    if not parts.named(at, "learned_shift") or layer is None or parts.op(layer).bias:
        return None
    channels = parts[layer].y.axes[-1 if parts.named(layer, "linear") else 0]
    after = 0 if parts.named(layer, "linear") else len(parts[layer].y.axes) - 1
    if without_ones(parts.op(at).shape) != (channels, *(1,) * after):
        return None
    step = parts[layer]
    return Fused(replace(step.op, bias=True), step.sources, (layer,), (*step.held, *parts[at].held))


def _channel_shuffle(parts: StepParts, at: int) -> Fused | None:
    """Groups of channels as an axis of their own, which changes places with the channels."""
    found = parts.chain(at, "permute", "reshape") if parts.named(at, "reshape") else None
    if not found or parts.op(found[0]).axes[:2] != (1, 0):
        return None
    (x,) = parts[found[1]].sources
    groups, *rest = parts[found[1]].y.axes
    kept = parts.op(found[0]).axes[2:] == tuple(range(2, len(rest) + 1))
    same = parts.y(x) == parts[at].y and tuple(rest[1:]) == parts.y(x).size and rest[1:]
    if not kept or not same:
        return None
    return Fused(op_of("channel_shuffle", groups=groups), (x,), tuple(found))


class _Scaled(NamedTuple):
    """What is multiplied by a factor, the steps that do it, and the step that reads it."""

    factor: float
    at: int
    gone: tuple[int, ...]
    reader: int


def _attention(parts: StepParts, at: int) -> Fused | None:
    """softmax(q k^T scale) v, whichever of the factors is scaled."""
    shares = _shares(parts, at)
    if shares is None:
        return None
    product = _scaled(parts, parts[shares].sources[0], shares)
    if not parts.named(product.at, "matmul") or not parts.only_for(product.at, product.reader):
        return None
    query, key = (_scaled(parts, each, product.at) for each in parts[product.at].sources)
    turned = _turned(parts, key)
    if turned is None:
        return None
    all_of = (product, query, key, turned)
    gone = [each for scaled in all_of for each in scaled.gone]
    scale = prod(each.factor for each in all_of)
    usual = isclose(scale, parts.y(query.at).axes[-1] ** -0.5, rel_tol=1e-4)
    op = op_of("scaled_dot_product_attention", scale=None if usual else scale)
    changed = {} if turned.gone else {turned.at: op_of("permute", axes=_back(parts, turned.at))}
    sources = (query.at, turned.at, parts[at].sources[1])
    return Fused(op, sources, (shares, product.at, *gone), changed=changed)


def _shares(parts: StepParts, at: int) -> int | None:
    """The softmax over the last axis that a product of matrices has as its first."""
    if not parts.named(at, "matmul"):
        return None
    shares = parts[at].sources[0]
    if not parts.named(shares, "softmax") or not parts.only_for(shares, at):
        return None
    return shares if parts.op(shares).axis == len(parts[shares].y.axes) - 1 else None


def _scaled(parts: StepParts, at: int, reader: int) -> _Scaled:
    if not _is_scale(parts, at, reader):
        return _Scaled(1.0, at, (), reader)
    return _Scaled(parts.op(at).scale, parts[at].sources[0], (at,), at)


def _is_scale(parts: StepParts, at: int, reader: int) -> bool:
    return parts.named(at, "affine") and not parts.op(at).shift and parts.only_for(at, reader)


def _turned(parts: StepParts, key: _Scaled) -> _Scaled | None:
    """The keys before their last two axes change places; or the step that does more than that."""
    if not parts.named(key.at, "permute") or not parts.only_for(key.at, key.reader):
        return None
    axes = _back(parts, key.at)
    if axes != tuple(range(len(axes))):
        return _Scaled(1.0, key.at, (), key.reader)
    before = _scaled(parts, parts[key.at].sources[0], key.at)
    return before._replace(gone=(key.at, *before.gone))


def _back(parts: StepParts, at: int) -> tuple[int, ...]:
    """The axes of a permutation with the last two in each other's place."""
    *lead, row, column = parts.op(at).axes
    return (*lead, column, row)


LAYER_RULES = (_bias, _channel_shuffle, _attention)
