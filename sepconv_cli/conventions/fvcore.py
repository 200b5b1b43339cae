"""What fvcore's FlopCountAnalysis counts (fvcore 0.1.5, flop_count.py and jit_handles.py).

One for each fused multiply-add of convolutions and linear layers, two for each element
of an affine batch norm (one without the affine map), and one for each input element of
an adaptive average pool over two axes, though not over one or three. Biases, activations
and other pools are not counted.
"""

from sepconv_cli.conventions import Convention
from sepconv_cli.network import Node
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool


def _adaptive_pool(node: Node) -> int | None:
    if isinstance(node.op, GlobalAvgPool) and len(node.x.size) == 2:
        return node.x.elements
    return None


CONVENTION = Convention(
    name="fvcore",
    meaning="fvcore's flops: multiply-adds, batch norm and adaptive average pools",
    unit="MAC",
    weights={("multiply_add", "kernel"): 1, ("multiply_add", "norm"): 1},
    special=_adaptive_pool,
)
