"""Multiplications of one step of training for one sample: forward, and both gradients.

Each multiplication of two factors is done again for the gradient of either. That is three times
the forward pass, less the gradient to the input of layers before which nothing is learned, since
nobody asks for that one. The update of the weights is not among them.
"""

from collections.abc import Sequence

from sepconv_cli.metrics._metric import Context, Metric
from sepconv_cli.network import Network


def _steps(
    network: Network,
    _: Context,
    macs: Sequence[int | None],
    parameters: Sequence[int],
) -> Sequence[int | None]:
    # Whether anything is learned up to each tensor, the network's input being the first.
    learned = [False]
    amounts: list[int | None] = []
    for node, forward, own in zip(network.nodes, macs, parameters, strict=True):
        sources = node.sources
        before = learned[-1] if sources is None else any(learned[at + 1] for at in sources)
        learned.append(before or own != 0 or node.shared != 0)
        if forward is None or before:
            amounts.append(None if forward is None else 3 * forward)
        else:
            amounts.append(2 * forward + node.op.inner_products(node.x))
    return amounts


METRIC = Metric(
    name="training_macs",
    title="training MACs",
    unit="MACs",
    meaning="Multiplications of a training step: forward, gradient to inputs, gradient to weights.",
    of=("macs", "parameters"),
    network=_steps,
    order=100,
)
