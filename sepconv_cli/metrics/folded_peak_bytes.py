"""The most that one sample's tensors take at once in a runtime of microcontrollers.

Batch norm and activations are folded into the convolution or linear layer before them, elementwise
ops (an addition of branches among them) write over an input that is read no more, and flatten moves
nothing. Everything else is as in `peak_activation_bytes`: no convolution writes over its input, and
no scratch memory of a kernel is counted.

TensorFlow Lite Micro's greedy planner needs the same for a network whose peak is in a convolution.
Where the peak is in an addition it needs one tensor more, since it writes to none that it reads.
ST prints 272.96 KiB of activations for MobileNetV1 0.25 at 224x224 in int8, where this is
294.00 KiB: the first pointwise convolution reads 112x112x8 bytes and writes 112x112x16.
Together these don't fit into ST's figure, so its kernels must write over a part of what they have
read.
"""

from collections.abc import Sequence

from sepconv_cli.cost.folded import folded_levels
from sepconv_cli.metrics._metric import Context, Metric
from sepconv_cli.network import Network


def _levels(network: Network, context: Context) -> Sequence[int]:
    return [context.bytes_each * level for level in folded_levels(network)]


METRIC = Metric(
    name="folded_peak_bytes",
    title="folded peak bytes",
    unit="bytes",
    meaning="Peak bytes where norms and activations are folded, and elementwise ops done in place.",
    form="bytes",
    combine="max",
    network=_levels,
    needs=frozenset({"dtype"}),
    order=70,
)
