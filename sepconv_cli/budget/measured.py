"""A metric of some layers of a network, and what each of them adds to it."""

from collections.abc import Iterator

import msgspec

from sepconv_cli.conventions import convention
from sepconv_cli.lowering.settings import plain_number
from sepconv_cli.metrics import Amounts, Context, Scope
from sepconv_cli.network import BYTES, DType


class Measured(msgspec.Struct, frozen=True):
    """A metric's value for some layers of one sample, and each layer's own.

    `value` is None where a layer isn't comparable, and `why` says so; `notes` name what else a
    convention leaves out. The layers' own values of a peak or a quotient don't add up.
    """

    value: int | float | None
    layers: tuple[tuple[str, int | float], ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()


def measure(scope: Scope, metric: str, dtype: DType) -> Measured:
    """A metric over some nodes of a network, bytes in that data type."""
    amounts = Amounts(Context(convention("macs"), BYTES[dtype]))
    value = amounts.number(metric, scope)
    why = amounts.why_not(metric, scope)
    if value is None and not why:
        # Where nothing is counted, a sum is 0, but a quotient is none.
        adds_up = amounts.metric(metric).combine == "sum"
        value, why = (0, "") if adds_up else (None, "nothing of it is counted")
    return Measured(
        None if value is None else plain_number(value),
        tuple(_each(amounts, metric, scope)),
        why,
        amounts.notes(metric, scope),
    )


def _each(amounts: Amounts, metric: str, scope: Scope) -> Iterator[tuple[str, int | float]]:
    for layer, own in scope.layers().items():
        value = amounts.number(metric, own)
        if value is not None:
            yield layer, plain_number(value)
