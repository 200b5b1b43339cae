"""Which metrics there are. Their names are found without importing them, on use one by one."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sepconv_cli.conventions import Convention, convention
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.language.quantities import metric_names
from sepconv_cli.metrics._metric import Metric
from sepconv_cli.metrics.count import counted
from sepconv_cli.registry import get, names

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device

Devices = Sequence["Device"]


@cache
def metric(name: str) -> Metric:
    """The metric of that name: a file's, or a convention's count. Raises UsageError."""
    if name in names("metrics"):
        found: Metric = get("metrics", name).METRIC
        return found
    if name.replace("_", "-") in names("conventions"):
        return counted(convention(name))
    raise UsageError(f"no metric is called {name}", did_you_mean(name, metric_names()))


def listed(devices: Devices = ()) -> tuple[Metric, ...]:
    """The metrics that any network has, in their order, and those that are of a device."""
    return _ordered((*_of_any_network(), *on_devices(devices))) if devices else _of_any_network()


def in_tables(wide: bool = False, devices: Devices = ()) -> tuple[Metric, ...]:
    """The metrics that every table has without being asked, or those of wide tables too."""
    places = ("every table", "wide tables") if wide else ("every table",)
    return tuple(one for one in listed(devices) if one.place in places)


def on_devices(devices: Devices) -> tuple[Metric, ...]:
    """What is to be told of each device, in their order."""
    if not devices:
        return ()
    found: tuple[Metric, ...] = get("metrics", "latency").latencies(devices)
    return found


def about_devices(devices: Devices) -> dict[str, Any]:
    """The devices as documents have them, each with its metric; nothing where there are none."""
    metrics = on_devices(devices)
    found = [
        {"metric": metric.name, **device.about}
        for metric, device in zip(metrics, devices, strict=True)
    ]
    return {"devices": found} if found else {}


def named_devices(names: Sequence[str], batch: int | None = None) -> "tuple[Device, ...]":
    """The devices of these names or paths, given batches of that size. Raises SpecError.

    Where none is named, nothing about devices is imported.
    """
    if not names:
        if batch is not None:
            raise UsageError("a batch is for a device, and none is named", "such as --device NAME")
        return ()
    from sepconv_cli.latency.device import devices

    return devices(names, batch)


@cache
def _of_any_network() -> tuple[Metric, ...]:
    return _ordered(one for one in map(metric, names("metrics")) if "device" not in one.needs)


def _ordered(found: Iterable[Metric]) -> tuple[Metric, ...]:
    return tuple(sorted(found, key=lambda one: (one.order, one.name)))


def title_of(metric: Metric, convention: Convention) -> str:
    """What stands over a metric's column, `count` being the convention's."""
    return convention.title if metric.name == "count" else metric.title
