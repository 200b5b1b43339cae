"""What of each node takes time on a device: the kind of its work, and how much there is of it."""

from collections.abc import Callable, Hashable
from typing import Any, Literal, cast

import msgspec

from sepconv_cli.arithmetic import below, gcd, identity, maximum, prod
from sepconv_cli.cost.memory import views
from sepconv_cli.network import NOTHING, Network, Node

WorkKind = Literal[
    "dense",
    "point",
    "linear",
    "matmul",
    "attention",
    "depthwise",
    "grouped",
    "batch_norm",
    "norm",
    "elementwise",
    "curve",
    "merge",
    "reduce",
    "pool",
    "softmax",
    "copy",
]
"""Nodes of one kind have one speed. Convolutions are `point` where the kernel is one position,
`depthwise` where each input channel has its own; a `merge` is elementwise on several inputs, a
`curve` an elementwise op with an exponential or another transcendental function in it."""


class Workload(msgspec.Struct, frozen=True, gc=False):
    """What one node does for one sample, as the formula reads it.

    `inner` and `outer` are the axes of the matrix product that it is: the channels of a group that
    are summed over, and those that come out. Both are 1 where there is no such product. `elements`
    are read and written; `weights` are read once for the whole batch. `uneven` is 1 where a matrix
    product doesn't fit the tiles of its kernels, and 0 where it does.
    """

    kind: WorkKind
    macs: int
    inner: int
    outer: int
    elements: int
    weights: int
    uneven: int = 0

    @property
    def key(self) -> Hashable:
        """Equal for nodes that take the same time."""
        numbers = (self.macs, self.inner, self.outer, self.elements, self.weights)
        return (self.kind, *map(identity, (*numbers, self.uneven)))


Unpredicted = str
"""Why nobody can tell how long a node takes."""


def workloads(network: Network) -> list[tuple[Workload, ...] | Unpredicted]:
    """The work of each node, done one after the other; nothing where nothing is moved or worked
    out, a text where it can't be told."""
    still = {index for index, _ in views(network)}
    return [() if index in still else _works(node) for index, node in enumerate(network.nodes)]


def unpredicted(node: Node) -> Unpredicted | None:
    """Why nobody can tell how long a node takes; None where somebody can."""
    op = node.op
    if op.is_opaque:
        return "nobody can tell what it does"
    # Recurrent layers wait for each of their steps.
    is_known = op.name in _AXES_OF or op.name in _SEVERAL
    return f"the formula knows no {op.name}" if op.multiplies and not is_known else None


def _works(node: Node) -> tuple[Workload, ...] | Unpredicted:
    why = unpredicted(node)
    if why is not None:
        return why
    several = _SEVERAL.get(node.op.name)
    if several is not None:
        return several(node)
    work = _workload(node)
    return () if work is None else (work,)


def _workload(node: Node) -> Workload | None:
    """The work of a node that does one thing; None where it ignores what arrives."""
    elements = node.x.elements + node.y.elements
    if node.others:
        elements += sum(x.elements for x in node.others)
    axes_of = _AXES_OF.get(node.op.name)
    if axes_of is None:
        kind = _without_product(node)
        return None if kind is None else Workload(kind, 0, 1, 1, elements, 0)
    kind, inner, outer = axes_of(node)
    weights, uneven = node.op.parameters(node.x), _uneven(node, kind, inner, outer)
    return Workload(kind, _macs(node), inner, outer, elements, weights, uneven)


def _uneven(node: Node, kind: WorkKind, inner: int, outer: int) -> int:
    """Whether a part of the tiles is filling, or the kernel is one for every case.

    Tensor cores multiply channels by eights, kernels for groups fill them up to a power of two,
    and there are kernels of their own for depthwise windows of 3 x 3, 5 x 5 and 7 x 7.
    """
    if kind in ("dense", "point"):
        return maximum(below(gcd(inner, 8), 8), below(gcd(outer, 8), 8))
    if kind == "grouped":
        return below(gcd(inner, 2**30), inner)
    if kind == "depthwise":
        size = cast(Any, node.op).kernel_size
        return 0 if any(all(k == side for k in size) for side in (1, 3, 5, 7)) else 1
    return 0


def _macs(node: Node) -> int:
    work = node.op.work_on(node.inputs, node.y)
    return sum([item.amount for item in work if item.role == "kernel"])


def _without_product(node: Node) -> WorkKind | None:
    """The kind of a node that multiplies no matrices; None where it ignores what arrives."""
    op = node.op
    if op.name in _KINDS:
        return _KINDS[op.name]
    if op.elementwise:
        return "merge" if node.others else "curve" if _is_curve(node) else "elementwise"
    return None if op.window_on(node.inputs) == NOTHING else "copy"


def _is_curve(node: Node) -> bool:
    return any(each.kind == "transcendental" for each in node.op.work_on(node.inputs, node.y))


_KINDS: dict[str, WorkKind] = {
    "batch_norm": "batch_norm",
    "layer_norm": "norm",
    "group_norm": "norm",
    "instance_norm": "norm",
    "rms_norm": "norm",
    "local_response_norm": "norm",
    "glu": "curve",
    "softmax": "softmax",
    "log_softmax": "softmax",
    "max_pool": "pool",
    "avg_pool": "pool",
    "adaptive_max_pool": "reduce",
    "adaptive_avg_pool": "reduce",
    "global_max_pool": "reduce",
    "global_avg_pool": "reduce",
    "reduce": "reduce",
}
"""What an op's properties don't tell. Whatever else is neither elementwise nor a view, copies."""


_Axes = tuple[WorkKind, int, int]
"""The kind of a matrix product, and its inner and outer axis."""


def _convolution(node: Node) -> _Axes:
    op: Any = node.op
    groups, channels, filters = op.groups, node.x.channels, node.y.channels
    if groups == 1:
        return ("point" if prod(op.kernel_size) == 1 else "dense"), channels, filters
    is_depthwise = groups == channels and filters % channels == 0
    if is_depthwise:
        return "depthwise", 1, channels
    return "grouped", channels // groups, filters // groups


def _linear(node: Node) -> _Axes:
    return "linear", node.x.axes[-1], node.y.axes[-1]


def _matmul(node: Node) -> _Axes:
    return "matmul", node.x.axes[-1], node.y.axes[-1]


def _attention(node: Node) -> _Axes:
    keys = node.others[0]
    return "attention", node.x.axes[-1], keys.axes[-2]


def _self_attention(node: Node) -> tuple[Workload, ...]:
    """Four projections of every position, C -> C, and the attention between them."""
    op: Any = node.op
    channels, (length,), elements = node.x.channels, node.x.size, node.x.elements
    weights = node.op.parameters(node.x) // 4
    projection = Workload("linear", channels * elements, channels, channels, 2 * elements, weights)
    # Queries, keys and values are read, and one output is written; scores stay where they are.
    attention = Workload(
        "attention", 2 * length * elements, channels // op.num_heads, length, 4 * elements, 0
    )
    return (*[projection] * 3, attention, projection)


_AXES_OF: dict[str, Callable[[Node], _Axes]] = {
    "conv": _convolution,
    "fixed_conv": _convolution,
    "conv_transpose": _convolution,
    "linear": _linear,
    "matmul": _matmul,
    "scaled_dot_product_attention": _attention,
}
"""The ops that multiply matrices, and how."""

_SEVERAL: dict[str, Callable[[Node], tuple[Workload, ...]]] = {
    "multi_head_attention": _self_attention,
}
"""The ops that are several of such products."""
