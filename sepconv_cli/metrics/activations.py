"""Elements that convolutions, linear layers and matrix products put out.

This is the definition of fvcore's ActivationCountAnalysis. They rank measured speed better than
multiplications do.
"""

from sepconv_cli.metrics._metric import Metric

METRIC = Metric(
    name="activations",
    title="activations",
    unit="",
    meaning="Elements that convolutions and linear layers put out.",
    node=lambda node, context: node.op.activations_on(node.inputs, node.y),
    place="every table",
    rank=3,
    order=30,
)
