"""Multiplications for each byte that is moved: `macs` over `moved_bytes`.

The roofline model (Williams, Waterman & Patterson, "Roofline", CACM 2009) holds it against a
device's multiplications for each byte of its memory's bandwidth: below that, memory is what takes
the time. Depthwise layers have little of it, which is why they are cheap to count and slow to run.
"""

from sepconv_cli.arithmetic import divide
from sepconv_cli.metrics._metric import Amount, Context, Metric


def _intensity(_: Context, macs: int, moved: int) -> Amount:
    quotient: Amount = None if moved == 0 else divide(macs, moved)
    return quotient


METRIC = Metric(
    name="arithmetic_intensity",
    title="MACs/byte",
    unit="MACs/byte",
    meaning="Multiplications for each byte of weights, inputs and outputs.",
    form="ratio",
    combine="quotient",
    of=("macs", "moved_bytes"),
    formula=_intensity,
    needs=frozenset({"dtype"}),
    order=90,
)
