"""Bytes of the parameters in the data type of `--dtype`: what a device's flash must hold."""

from sepconv_cli.metrics._metric import Metric

METRIC = Metric(
    name="weight_bytes",
    title="weight bytes",
    unit="bytes",
    meaning="Bytes of the parameters.",
    form="bytes",
    of=("parameters",),
    formula=lambda context, parameters: context.bytes_each * parameters,
    needs=frozenset({"dtype"}),
    place="wide tables",
    rank=4,
    order=40,
)
