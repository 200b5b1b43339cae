"""The most that one sample's tensors take at once, layers run in their order, none in place.

Alive are the inputs and the output of the running op, what it holds inside, and every tensor that a
later op still reads. A layer's level is what is alive while it runs.
"""

from collections.abc import Sequence

from sepconv_cli.cost.memory import levels
from sepconv_cli.metrics._metric import Context, Metric
from sepconv_cli.network import Network


def _levels(network: Network, context: Context) -> Sequence[int]:
    return [context.bytes_each * level for level in levels(network)]


METRIC = Metric(
    name="peak_activation_bytes",
    title="peak bytes",
    unit="bytes",
    meaning="The most that one sample's tensors take at once.",
    form="bytes",
    combine="max",
    network=_levels,
    needs=frozenset({"dtype"}),
    place="wide tables",
    rank=4,
    order=60,
)
