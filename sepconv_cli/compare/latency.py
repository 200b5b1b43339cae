"""What a comparison says of latencies beside their numbers: how exact they are, which variant is
faster, and which layers are unlike all that was fitted."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from sepconv_cli.compare.rows import Row
from sepconv_cli.latency.device import Device
from sepconv_cli.latency.doubt import (
    Duel,
    Standing,
    duels,
    error_sentence,
    standings,
    unlike_sentences,
)
from sepconv_cli.lowering.settings import shown
from sepconv_cli.metrics import about_devices, on_devices
from sepconv_cli.show.table import percent_text, ratio


def latency_data(rows: Sequence[Row], devices: Sequence[Device]) -> dict[str, Any]:
    """The devices, each two variants held to each other, and unlike layers, as a document."""
    return {
        **about_devices(devices),
        "latency_pairs": [
            {**_names(group[0], device), **msgspec.to_builtins(duel), "faster": duel.faster}
            for group, device, found in _held(rows, devices)
            for duel in found
        ],
        "latency_unlike": [
            {**_names(row, device), "variant": row.variant, **msgspec.to_builtins(each)}
            for row in rows
            for device in devices
            for each in row.unlike[device.name]
        ],
    }


def latency_errors(devices: Sequence[Device]) -> dict[str, str]:
    """The error of each device, `7 %`, by the metric; a dash where it wasn't measured."""
    names = [metric.name for metric in on_devices(devices)]
    return {name: percent_text(device.error) for name, device in zip(names, devices, strict=True)}


def latency_notes(rows: Sequence[Row], devices: Sequence[Device]) -> Iterator[str]:
    """What is to be said below the rows of a network."""
    for device in devices:
        yield error_sentence(device)
    for group, device, found in _held(rows, devices):
        where = " ".join(filter(None, (f"On {device.name}", shown(group[0].settings))))
        if found:
            yield f"{where}{_in_order(standings(found))}."
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


def _in_order(found: Sequence[Standing]) -> str:
    """`, fastest first: a; b and c about equal, 1.2 to 1.3 times as long; d, 1.6 times`."""
    if len(found) == 1:
        return f", {_listed(found[0].names)} are about equal"
    return f", fastest first: {'; '.join(map(_standing, found))}"


def _standing(each: Standing) -> str:
    least, most = map(ratio, each.times)
    said = [_listed(each.names) + (" about equal" if len(each.names) > 1 else "")]
    if each.times[0] > 1:
        said.append(f"{least if least == most else f'{least} to {most}'} times as long")
    said += [f"about equal to {_listed(each.near)} too"] if each.near else []
    return ", ".join(said)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unlike_notes(rows: Sequence[Row], device: Device) -> Iterator[str]:
    """The sentences of the variants; those that hold for all of them once."""
    said: dict[str, list[str]] = {}
    for row in rows:
        for sentence in unlike_sentences(row.unlike[device.name], device):
            said.setdefault(sentence, []).append(row.variant)
    every = {row.variant for row in rows}
    for sentence, variants in said.items():
        known = list(dict.fromkeys(variants))
        yield sentence if set(known) == every else f"{_listed(known)}: {sentence}"
