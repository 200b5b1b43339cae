"""Learnable parameters: weights, biases, and the two of each channel of a norm.

Running statistics of batch norm are no parameters. What several layers share counts once, at the
first of them.
"""

from sepconv_cli.metrics._metric import Metric

METRIC = Metric(
    name="parameters",
    title="parameters",
    unit="",
    meaning="Learnable parameters.",
    node=lambda node, context: node.own_parameters if node.ties else node.op.parameters(node.x),
    place="every table",
    ratio=True,
    order=10,
)
