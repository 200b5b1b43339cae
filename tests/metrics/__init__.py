"""Metrics of small specs, for tests that work them out by hand."""

from sepconv_cli import loads
from sepconv_cli.conventions import convention
from sepconv_cli.lowering.lower import lower
from sepconv_cli.metrics import Amount, Amounts, Context, Scope


def number(metric: str, text: str, bytes_each: int = 4) -> Amount:
    """A metric of a spec as it is written."""
    amounts = Amounts(Context(convention("macs"), bytes_each))
    return amounts.number(metric, Scope(lower(loads(text))))


def each_layer(metric: str, text: str, bytes_each: int = 4) -> list[Amount]:
    """A metric of every layer of a spec."""
    amounts = Amounts(Context(convention("macs"), bytes_each))
    layers = Scope(lower(loads(text))).layers().values()
    return [amounts.number(metric, layer) for layer in layers]


# 5 x 5 positions of 8 channels with 27 products each, and a bias; then 8 x 25 -> 10.
NET = """
input: [3, 7, 7]
layers:
  - conv: {out_channels: 8, kernel_size: 3}
  - batch_norm
  - relu
  - flatten
  - linear: {out_features: 10, bias: false}
"""
