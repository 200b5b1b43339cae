"""Predicted milliseconds of a whole batch on a device, from the network alone.

The device's profile has the numbers; the formula is latency/formula.py's. A layer's milliseconds
add up to those of the network: what runs at the same time isn't known. Where the time of a layer
can't be told, that of the network can't either.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sepconv_cli.metrics._metric import Metric

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device

METRIC = Metric(
    name="latency",
    title="ms",
    unit="ms",
    meaning="Predicted milliseconds of a batch on the device that `--device` names.",
    form="time",
    exact=False,
    network=lambda network, context: [None] * len(network.nodes),
    needs=frozenset({"device"}),
    place="every table",
    order=25,
)


def latencies(devices: "Sequence[Device]") -> tuple[Metric, ...]:
    """The latency on each device as a metric: `latency`, or `latency_NAME` where there are several.

    A dash or a dot of a device's name is an underscore in the metric's.
    """
    if len(devices) == 1:
        return (_on(devices[0], METRIC.name, METRIC.title),)
    return tuple(_on(device, _named(device), f"{device.name} ms") for device in devices)


def _on(device: "Device", name: str, title: str) -> Metric:
    from sepconv_cli.latency.work import unpredicted

    return replace(
        METRIC,
        name=name,
        title=title,
        network=lambda network, context: device.milliseconds(network),
        why_not=unpredicted,
    )


def _named(device: "Device") -> str:
    plain = device.name.replace("-", "_").replace(".", "_")
    return f"{METRIC.name}_{plain}"
