"""Learnable parameters: weights, biases, and the two of each channel of a norm.

Running statistics of batch norm are no parameters.
"""

from sepconv_cli.metrics._metric import Metric

METRIC = Metric(
    name="parameters",
    title="parameters",
    unit="",
    meaning="Learnable parameters.",
    node=lambda node, context: node.op.parameters(node.x),
    place="every table",
    ratio=True,
    order=10,
)
