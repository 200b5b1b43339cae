"""What a comparison says of latencies beside their numbers: how exact they are, which variant is
faster, and which layers are unlike all that was fitted."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from sepconv_cli.compare.rows import Row
from sepconv_cli.errors import plural
from sepconv_cli.latency.device import Device
from sepconv_cli.latency.doubt import Duel, Unlike, duels, unlike
from sepconv_cli.lowering.settings import shown
from sepconv_cli.metrics import on_devices

_NAMED = 3
"""So many layers are named in a sentence."""


def latency_data(rows: Sequence[Row], devices: Sequence[Device]) -> dict[str, Any]:
    """The devices, each two variants held to each other, and unlike layers, as a document."""
    metrics = [metric.name for metric in on_devices(devices)]
    return {
        "devices": [
            {"metric": name, **device.about} for name, device in zip(metrics, devices, strict=True)
        ],
        "latency_pairs": [
            {**_names(group[0], device), **msgspec.to_builtins(duel), "faster": duel.faster}
            for group, device, found in _held(rows, devices)
            for duel in found
        ],
        "latency_unlike": [
            {**_names(row, device), "variant": row.variant, **msgspec.to_builtins(each)}
            for row in rows
            for device in devices
            for each in unlike(row.scope.network, device)
        ],
    }


def latency_errors(devices: Sequence[Device]) -> dict[str, str]:
    """The error of each device, `7 %`, by the metric; a dash where it wasn't measured."""
    names = [metric.name for metric in on_devices(devices)]
    return {name: _percent(device.error) for name, device in zip(names, devices, strict=True)}


def latency_notes(rows: Sequence[Row], devices: Sequence[Device]) -> Iterator[str]:
    """What is to be said below the rows of a network."""
    for device in devices:
        yield _error_note(device)
    for group, device, found in _held(rows, devices):
        where = " ".join(filter(None, (f"On {device.name}", shown(group[0].settings))))
        if found:
            yield f"{where}: {_faster(found)}."
    for device in devices:
        yield from _unlike_notes(rows, device)


def _held(
    rows: Sequence[Row], devices: Sequence[Device]
) -> Iterator[tuple[list[Row], Device, list[Duel]]]:
    """The variants of each network and choice of settings, held to each other on each device."""
    metrics = [metric.name for metric in on_devices(devices)]
    for _, grouped in groupby(rows, lambda row: (row.network, row.file, row.settings)):
        group = list(grouped)
        for name, device in zip(metrics, devices, strict=True):
            times = [(row.variant, row[name]) for row in group]
            known = [(variant, time) for variant, time in times if time is not None]
            yield group, device, list(duels(known, device))


def _names(row: Row, device: Device) -> dict[str, Any]:
    return {"network": row.network, "settings": row.settings, "device": device.name}


def _percent(error: float | None) -> str:
    return "-" if error is None else f"{100 * error:.2g} %"


def _error_note(device: Device) -> str:
    """What the number behind ± is."""
    errors, fitted = device.profile.errors, device.profile.fitted.networks
    if device.error is None:
        least, most = device.profile.batch_sizes
        return (
            f"{device.name} was measured at batches of {least:,} to {most:,}: how exact it is at "
            f"{device.batch:,} isn't known."
        )
    return (
        f"± is the median error on {plural(errors.held_out, 'network')} that {device.name} wasn't "
        f"fitted to; it was fitted to {fitted:,}."
    )


def _faster(found: Sequence[Duel]) -> str:
    """`a is faster than b and c, about equal to d`, for each but the slowest."""
    parts = []
    for first, grouped in groupby(found, lambda duel: duel.first):
        each = list(grouped)
        slower = [f"{duel.second} ({duel.times:.2g} times)" for duel in each if duel.faster]
        equal = [duel.second for duel in each if not duel.faster]
        said = [f"faster than {_listed(slower)}"] if slower else []
        said += [f"about equal to {_listed(equal)}"] if equal else []
        parts.append(f"{first} is {', '.join(said)}")
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unlike_notes(rows: Sequence[Row], device: Device) -> Iterator[str]:
    """A sentence for each way of being unlike, with the layers, and the variants if not all are."""
    found: dict[str, dict[Unlike, set[str]]] = {}
    for row in rows:
        for each in unlike(row.scope.network, device):
            found.setdefault(each.why, {}).setdefault(each, set()).add(row.variant)
    every = {row.variant for row in rows}
    for why, layers in found.items():
        variants = set().union(*layers.values())
        of = "" if variants == every else f", in {_listed(sorted(variants))}"
        yield f"{device.name} in doubt: {why}: {_some([each.layer for each in layers])}{of}."


def _some(names: Sequence[str]) -> str:
    """The first of many names."""
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest
