"""Bytes of the activations in the data type of `--dtype`."""

from sepconv_cli.metrics._metric import Metric

METRIC = Metric(
    name="activation_bytes",
    title="activation bytes",
    unit="bytes",
    meaning="Bytes of the activations.",
    form="bytes",
    of=("activations",),
    formula=lambda context, activations: context.bytes_each * activations,
    needs=frozenset({"dtype"}),
    place="wide tables",
    rank=5,
    order=50,
)
