"""A metric of some layers of a network, and what each of them adds to it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from sepconv_cli.conventions import convention
from sepconv_cli.language.model import Budget
from sepconv_cli.lowering.settings import plain_number
from sepconv_cli.metrics import Amounts, Context, Metric, Scope, named_devices
from sepconv_cli.network import BYTES, DType

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device


class Measured(msgspec.Struct, frozen=True):
    """A metric's value for some layers of one sample, and each layer's own.

    `value` is None where a layer isn't comparable, and `why` says so; `notes` name what else a
    convention leaves out. The layers' own values of a peak or a quotient don't add up.
    """

    value: int | float | None
    layers: tuple[tuple[str, int | float], ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()


def measure(scope: Scope, metric: str, dtype: DType, devices: "Sequence[Device]" = ()) -> Measured:
    """A metric over some nodes of a network, bytes in that data type, a latency on a device."""
    amounts = Amounts(Context(convention("macs"), BYTES[dtype], tuple(devices)))
    value = amounts.number(metric, scope)
    why = amounts.why_not(metric, scope)
    if value is None and not why:
        value, why = _nothing(amounts.metric(metric))
    return Measured(
        None if value is None else plain_number(value),
        tuple(_each(amounts, metric, scope)),
        why,
        (*amounts.notes(metric, scope), *_doubts(scope, devices)),
    )


def budget_devices(budget: Budget) -> "tuple[Device, ...]":
    """The device that a budget names, if it names one. Raises SpecError."""
    return named_devices([budget.device], budget.batch) if budget.device else ()


def _doubts(scope: Scope, devices: "Sequence[Device]") -> Iterator[str]:
    """How exact a latency is, and in which layers it is in doubt."""
    if devices:
        from sepconv_cli.latency.doubt import error_sentence, unlike, unlike_sentences

        layers = {node.layer for node in scope.nodes}
        for device in devices:
            yield error_sentence(device)
            found = [each for each in unlike(scope.network, device) if each.layer in layers]
            yield from unlike_sentences(found, device)


def _nothing(metric: Metric) -> tuple[int | None, str]:
    """What a metric is of layers of which none is counted: 0 for a sum, but no quotient."""
    if "device" in metric.needs:
        return None, f"{metric.name} isn't known on that device"
    return (0, "") if metric.combine == "sum" else (None, "nothing of it is counted")


def _each(amounts: Amounts, metric: str, scope: Scope) -> Iterator[tuple[str, int | float]]:
    for layer, own in scope.layers().items():
        value = amounts.number(metric, own)
        if value is not None:
            yield layer, plain_number(value)
