"""Steps that an exporter took apart, as the one op that they were.

A bias apart from its layer, sigmoid and product for SiLU, a layer norm in nine parts. What comes
out computes the same; nothing is put together that others read the parts of.
"""

from collections.abc import Callable, Iterator, Sequence
from math import isclose, sqrt
from typing import Any

import msgspec
from msgspec.structs import replace

from sepconv_cli.importing.steps import Held, Recorded, Step
from sepconv_cli.network import Op
from sepconv_cli.registry import record


class Fused(msgspec.Struct, frozen=True):
    """An op in the place of several steps: what it reads, its weights, and the steps that go."""

    op: Op
    sources: tuple[int, ...]
    gone: tuple[int, ...]
    held: tuple[Held, ...] = ()
    changed: dict[int, Op] = {}


def fused(recorded: Recorded) -> Recorded:
    """The same network in as few steps as the rules find."""
    parts = Parts(recorded)
    for at in range(len(recorded.steps)):
        while any(parts.put_together(rule(parts, at), at) for rule in RULES):
            pass
    return parts.rest()


class Parts:
    """Steps while they are put together, each at its own index until the end."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._steps = list(recorded.steps)
        self._gone: set[int] = set()
        self._readers: dict[int, list[int]] = {}
        for at, step in enumerate(self._steps):
            self._read(at, step.sources)
        self._read(-1, recorded.outputs)

    def __getitem__(self, at: int) -> Step:
        return self._steps[at]

    def op(self, at: int) -> Any:
        """The op at an index; the model's input is none."""
        return self._steps[at].op if at >= 0 else None

    def named(self, at: int, *names: str) -> bool:
        """Whether the op at an index has one of these names."""
        return at >= 0 and self._steps[at].op.name in names

    def only_for(self, at: int, reader: int) -> bool:
        """Whether one step alone reads what a step puts out."""
        return at >= 0 and self.readers(at) == {reader}

    def readers(self, at: int) -> set[int]:
        """The steps that read what a step puts out; -1 is whoever reads the model's output."""
        return set(self._readers.get(at, ()))

    def before(self, at: int, *names: str) -> int | None:
        """What a step reads as its only input, where it has that name and no other reader."""
        if at < 0 or len(self._steps[at].sources) != 1:
            return None
        (source,) = self._steps[at].sources
        return source if self.named(source, *names) and self.only_for(source, at) else None

    def chain(self, at: int, *names: str) -> list[int] | None:
        """The steps back from one, each the only input of the one after it, by these names."""
        found: list[int] = []
        for name in names:
            last = self.before(found[-1] if found else at, name)
            if last is None:
                return None
            found.append(last)
        return found

    def put_together(self, found: Fused | None, at: int) -> bool:
        """Put an op in the place of a step and of others."""
        if found is None:
            return False
        for each in (at, *found.gone):
            for source in self._steps[each].sources:
                self._readers[source] = [
                    reader for reader in self._readers[source] if reader != each
                ]
        self._gone.update(found.gone)
        self._steps[at] = replace(
            self._steps[at], op=found.op, sources=found.sources, held=found.held
        )
        self._read(at, found.sources)
        for each, op in found.changed.items():
            shapes = tuple(self.y(source) for source in self._steps[each].sources)
            self._steps[each] = replace(self._steps[each], op=op, y=op.shape_of(shapes))
        return True

    def y(self, at: int) -> Any:
        """The shape that a step puts out, or the model's input."""
        return self._steps[at].y if at >= 0 else self._recorded.input

    def rest(self) -> Recorded:
        """The steps that are left, under new indices."""
        kept = [at for at in range(len(self._steps)) if at not in self._gone]
        numbers = {at: new for new, at in enumerate(kept)}
        steps = tuple(
            replace(step, sources=tuple(numbers.get(each, each) for each in step.sources))
            for step in (self._steps[at] for at in kept)
        )
        outputs = tuple(numbers.get(each, each) for each in self._recorded.outputs)
        return replace(self._recorded, steps=steps, outputs=outputs)

    def _read(self, reader: int, sources: Sequence[int]) -> None:
        for source in sources:
            self._readers.setdefault(source, []).append(reader)


def _op(name: str, **fields: Any) -> Op:
    found: Op = record("ops", name)(**fields)
    return found


def _bias(parts: Parts, at: int) -> Fused | None:
    """A layer without a bias, and a learned number added for each of its channels."""
    layer = parts.before(at, "linear", "conv", "conv_transpose")
    if not parts.named(at, "learned_shift") or layer is None or parts.op(layer).bias:
        return None
    channels = parts[layer].y.axes[-1 if parts.named(layer, "linear") else 0]
    after = 0 if parts.named(layer, "linear") else len(parts[layer].y.axes) - 1
    if _without_ones(parts.op(at).shape) != (channels, *(1,) * after):
        return None
    step = parts[layer]
    return Fused(replace(step.op, bias=True), step.sources, (layer,), (*step.held, *parts[at].held))


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without leading axes of 1."""
    at = next((at for at, length in enumerate(shape) if length != 1), len(shape) - 1)
    return shape[at:]


_GATES = {"sigmoid": "silu", "hard_sigmoid": "hard_swish"}


def _gated(parts: Parts, at: int) -> Fused | None:
    """x times a function of x."""
    for x, gate in _products(parts, at):
        if not parts.only_for(gate, at):
            continue
        if parts.named(gate, *_GATES) and parts[gate].sources == (x,):
            return Fused(_op(_GATES[parts.op(gate).name]), (x,), (gate,))
        soft = parts.before(gate, "softplus")
        if parts.named(gate, "tanh") and soft is not None and parts[soft].sources == (x,):
            return Fused(_op("mish"), (x,), (gate, soft))
    return None


def _products(parts: Parts, at: int) -> Iterator[tuple[int, int]]:
    """The two factors of a product, either first."""
    if parts.named(at, "multiply") and len(parts[at].sources) == 2:
        left, right = parts[at].sources
        yield from ((left, right), (right, left))


def _gelu(parts: Parts, at: int) -> Fused | None:
    """x (1 + erf(x / sqrt(2))) / 2, wherever the half stands; and the same of tanh."""
    half = parts.before(at, "multiply") if _is_affine(parts, at, scale=0.5) else None
    product = at if half is None else half
    for x, factor in _products(parts, product):
        if not parts.only_for(factor, product) or not _is_affine(parts, factor, shift=1):
            continue
        gone = [] if half is None else [half]
        if half is None:
            if not (_is_affine(parts, x, scale=0.5) and parts.only_for(x, product)):
                continue
            gone.append(x)
            (x,) = parts[x].sources
        for kind, inner in (("none", _erf), ("tanh", _tanh)):
            found = inner(parts, factor, x)
            if found is not None:
                return Fused(_op("gelu", approximate=kind), (x,), (*gone, factor, *found))
    return None


def _is_affine(parts: Parts, at: int, scale: float = 1, shift: float = 0) -> bool:
    if not parts.named(at, "affine"):
        return False
    op = parts.op(at)
    return isclose(op.scale, scale, rel_tol=1e-5) and isclose(op.shift, shift, rel_tol=1e-5)


def _erf(parts: Parts, at: int, x: int) -> list[int] | None:
    found = parts.chain(at, "erf", "affine")
    if found and _is_affine(parts, found[-1], scale=sqrt(0.5)) and parts[found[-1]].sources == (x,):
        return found
    return None


def _tanh(parts: Parts, at: int, x: int) -> list[int] | None:
    """tanh(sqrt(2 / pi) (x + 0.044715 x^3))."""
    found = parts.chain(at, "tanh", "affine", "add")
    if not found or not _is_affine(parts, found[1], scale=0.7978845608):
        return None
    others = [each for each in parts[found[2]].sources if each != x]
    if len(others) != 1 or not parts.only_for(others[0], found[2]):
        return None
    cube = parts.before(others[0], "power")
    if not _is_affine(parts, others[0], scale=0.044715) or cube is None:
        return None
    cubed = parts.op(cube).exponent == 3 and parts[cube].sources == (x,)
    return [*found, others[0], cube] if cubed else None


def _layer_norm(parts: Parts, at: int) -> Fused | None:
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
    op = _op("layer_norm", normalized_shape=shape, eps=parts.op(found[0]).shift,
             elementwise_affine=False, bias=False)  # fmt: skip
    return Fused(op, (x,), (centred, root, *found, mean, square, first))


def _centre(parts: Parts, centred: int, square: int, at: int) -> tuple[int, int] | None:
    """x and its mean, where x - mean is squared and divided, and nothing else."""
    if not parts.named(centred, "subtract") or parts[square].sources != (centred,):
        return None
    x, mean = parts[centred].sources
    readers = parts.readers(centred)
    if readers != {square, at} or not _is_mean(parts, mean) or not parts.only_for(mean, centred):
        return None
    return (x, mean) if parts[mean].sources == (x,) else None


def _mean_before(parts: Parts, at: int) -> int | None:
    found = parts.before(at, "reduce", "global_avg_pool")
    return found if found is not None and _is_mean(parts, found) else None


def _is_mean(parts: Parts, at: int) -> bool:
    if parts.named(at, "global_avg_pool"):
        return True
    return parts.named(at, "reduce") and parts.op(at).function == "mean" and parts.op(at).keepdim


def _over(parts: Parts, mean: int) -> tuple[int, ...] | None:
    """The last axes, where a mean is over these."""
    x = parts.y(parts[mean].sources[0]).axes
    axes = range(1, len(x)) if parts.named(mean, "global_avg_pool") else parts.op(mean).axes
    return x[axes[0] :] if tuple(axes) == tuple(range(axes[0], len(x))) else None


def _rms_norm(parts: Parts, at: int) -> Fused | None:
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
        op = _op(
            "rms_norm",
            normalized_shape=shape,
            eps=parts.op(found[0]).shift,
            elementwise_affine=False,
        )
        return Fused(op, (x,), (*gone, root, *found, mean, square))
    return None


def _by_a_root(parts: Parts, at: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """What is divided by a square root: x, the root, and a step between them."""
    if parts.named(at, "divide"):
        x, root = parts[at].sources
        if parts.named(root, "sqrt") and parts.only_for(root, at):
            yield x, root, ()
    for x, factor in _products(parts, at):
        if not parts.only_for(factor, at):
            continue
        if parts.named(factor, "rsqrt"):
            yield x, factor, ()
        under = parts.before(factor, "sqrt")
        if parts.named(factor, "power") and parts.op(factor).exponent == -1 and under is not None:
            yield x, under, (factor,)


def _norm_weights(parts: Parts, at: int) -> Fused | None:
    """A norm over the last axes, and a learned factor or summand for each of their elements."""
    norm = parts.before(at, "layer_norm", "rms_norm")
    if norm is None or not parts.named(at, "learned_scale", "learned_shift"):
        return None
    op, step = parts.op(norm), parts[norm]
    shape = op.normalized_shape or step.y.axes
    if _without_ones(parts.op(at).shape) != _without_ones(shape):
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


def _group_norm(parts: Parts, at: int) -> Fused | None:
    """Groups as the channels of an instance norm, between two reshapes."""
    found = parts.chain(at, "instance_norm", "reshape") if parts.named(at, "reshape") else None
    if not found or parts.op(found[0]).affine:
        return None
    (x,) = parts[found[1]].sources
    groups = parts[found[1]].y.channels
    if parts.y(x) != parts[at].y or parts.y(x).channels % groups:
        return None
    return Fused(
        _op("group_norm", num_groups=groups, eps=parts.op(found[0]).eps, affine=False),
        (x,),
        tuple(found),
    )


def _channel_weights(parts: Parts, at: int) -> Fused | None:
    """A norm of channels, and a learned factor and summand for each channel."""
    found = parts.chain(at, "learned_scale") if parts.named(at, "learned_shift") else None
    norm = parts.before(found[0], "group_norm", "instance_norm") if found else None
    if found is None or norm is None or parts.op(norm).affine:
        return None
    y = parts[norm].y
    each = (y.channels, *(1,) * len(y.size))
    if any(_without_ones(parts.op(one).shape) != each for one in (at, found[0])):
        return None
    held = (*parts[found[0]].held, *parts[at].held)
    return Fused(replace(parts.op(norm), affine=True), parts[norm].sources, (norm, *found), held)


def _channel_shuffle(parts: Parts, at: int) -> Fused | None:
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
    return Fused(_op("channel_shuffle", groups=groups), (x,), tuple(found))


def _attention(parts: Parts, at: int) -> Fused | None:
    """softmax(q k^T scale) v, the scale before or after the product."""
    if not parts.named(at, "matmul"):
        return None
    shares, value = parts[at].sources
    if not parts.named(shares, "softmax") or not parts.only_for(shares, at):
        return None
    if parts.op(shares).axis != len(parts[shares].y.axes) - 1:
        return None
    (scores,) = parts[shares].sources
    scale, scores, gone = _scaled(parts, scores, shares)
    if not parts.named(scores, "matmul") or not parts.only_for(
        scores, gone[-1] if gone else shares
    ):
        return None
    query, key = parts[scores].sources
    by_query, query, more = _scaled(parts, query, scores)
    by_key, key, most = _scaled(parts, key, scores)
    turned = _turned(parts, key, most[-1] if most else scores)
    if turned is None:
        return None
    key, last, changed = turned
    by_last, key, ends = _scaled(parts, key, last[-1]) if last else (1.0, key, [])
    total = scale * by_query * by_key * by_last
    usual = isclose(total, parts.y(query).axes[-1] ** -0.5, rel_tol=1e-4)
    op = _op("scaled_dot_product_attention", scale=None if usual else total)
    return Fused(
        op, (query, key, value), (shares, scores, *gone, *more, *most, *last, *ends), (), changed
    )


def _scaled(parts: Parts, at: int, reader: int) -> tuple[float, int, list[int]]:
    """A factor, what is multiplied by it, and the step that does it; 1 where there is none."""
    op = parts.op(at)
    if not parts.named(at, "affine") or op.shift or not parts.only_for(at, reader):
        return 1.0, at, []
    return op.scale, parts[at].sources[0], [at]


def _turned(parts: Parts, at: int, reader: int) -> tuple[int, list[int], dict[int, Op]] | None:
    """The keys before their last two axes change places, the step that goes, and one that stays."""
    if not parts.named(at, "permute") or not parts.only_for(at, reader):
        return None
    *lead, row, column = parts.op(at).axes
    axes = (*lead, column, row)
    if axes == tuple(range(len(axes))):
        return parts[at].sources[0], [at], {}
    return at, [], {at: _op("permute", axes=axes)}


Rule = Callable[[Parts, int], Fused | None]

RULES: tuple[Rule, ...] = (
    _bias,
    _gated,
    _gelu,
    _layer_norm,
    _rms_norm,
    _norm_weights,
    _group_norm,
    _channel_weights,
    _channel_shuffle,
    _attention,
)
