"""What fvcore's FlopCountAnalysis counts (fvcore 0.1.5, flop_count.py and jit_handles.py).

One for each fused multiply-add of convolutions and linear layers, and two for each element
of an affine batch norm (one without the affine map). The other norms are 5 for each element
("just a rough estimate"), 4 without the affine map. Over two axes, though not over one or
three, an adaptive average pool is one for each input element, and upsampling one for each
output element, or four where it is bilinear. Biases, activations and other pools are not
counted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sepconv_cli.conventions import Convention
from sepconv_cli.network import Node

_Rule = Callable[[Node], int | None]


def _adaptive_pool(node: Node) -> int | None:
    return node.x.elements if len(node.x.size) == 2 else None


def _norm(affine: str) -> _Rule:
    """The rule for a norm whose affine map hangs on the field of that name."""
    return lambda node: node.x.elements * (5 if getattr(node.op, affine) else 4)


def _upsample(node: Node) -> int | None:
    op: Any = node.op
    weight = {"nearest": 1, "bilinear": 4}[op.mode]
    return weight * node.y.elements if len(node.x.size) == 2 else None


_RULES: Mapping[str, _Rule] = {
    "adaptive_avg_pool": _adaptive_pool,
    "global_avg_pool": _adaptive_pool,
    "group_norm": _norm("affine"),
    "instance_norm": _norm("affine"),
    "layer_norm": _norm("elementwise_affine"),
    "upsample": _upsample,
}


def _special(node: Node) -> int | None:
    rule = _RULES.get(node.op.name)
    return rule(node) if rule else None


CONVENTION = Convention(
    name="fvcore",
    meaning="fvcore's flops: multiply-adds, norms, adaptive average pools and upsampling",
    unit="MAC",
    weights={("multiply_add", "kernel"): 1, ("multiply_add", "norm"): 1},
    special=_special,
)
