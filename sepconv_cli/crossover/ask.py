"""The cases of a spec as a contest of its variants."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from sepconv_cli.conventions import convention
from sepconv_cli.cost.per_layer import Cost, Shape, Yardstick, as_written, shapes
from sepconv_cli.crossover.contest import Contest, yardstick
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.lowering.choose import Case
from sepconv_cli.metrics import metric
from sepconv_cli.network import Network
from sepconv_cli.variants import REWRITTEN

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device


def contest(
    planned: Sequence[Case],
    layer: str,
    counting: str,
    by: str,
    devices: "tuple[Device, ...]" = (),
) -> Contest:
    """The contest in the layers that fit a pattern; in times where there is a device.

    Raises UsageError where none does, and where nobody knows how exact the times are.
    """
    for device in devices:
        _refuse_inexact(device)
    counted_by = convention(counting)
    network = planned[0].standard
    found = shapes(network, lambda name: fnmatchcase(name, layer))
    every = shapes(network, lambda name: True)
    if not found:
        names = [name for listed in every.values() for name in listed]
        if not names:
            message = f"{planned[0].spec.name} has no convolution that variants rewrite"
            raise UsageError(message, REWRITTEN)
        raise UsageError(
            f"no convolution that variants rewrite fits --layer {layer}", did_you_mean(layer, names)
        )
    if devices:
        by = "latency"
    compared = yardstick(counted_by, by, devices)
    is_macs = by == "count" and counted_by.name == "macs"
    return Contest(
        network=planned[0].spec.name,
        shapes=found,
        variants=tuple(case.variant for case in planned),
        by=compared,
        unit=counted_by.title if by == "count" else metric(by).title,
        symbols="macs" if is_macs else "parameters" if by == "parameters" else None,
        rest=_rest(network, found, compared) if found == every else None,
        unused=network.unused,
        device=devices[0] if devices else None,
        macs=yardstick(convention("macs"), "count") if devices else None,
    )


def _refuse_inexact(device: "Device") -> None:
    """A contest says which is faster, and that can't be told without an error."""
    if device.pair_error is None:
        least, most = device.profile.batch_sizes
        raise UsageError(
            f"which variant is faster on {device.name} at a batch of {device.batch:,} isn't known",
            f"it was measured at batches of {least:,} to {most:,}",
        )


def picture(asked: Contest, path: Path) -> None:
    """Draw the costs of a layer. Raises UsageError where there are several."""
    if len(asked.shapes) > 1:
        raise UsageError("--plot draws one layer", "choose it with --layer")
    from sepconv_cli.crossover.plot import draw_contest
    from sepconv_cli.show.chart import check_picture

    check_picture(path)
    draw_contest(asked, next(iter(asked.shapes)), path)


def _rest(network: Network, found: dict[Shape, list[str]], by: Yardstick) -> Cost | None:
    """What the layers cost that stay as they are; None where not all is counted."""
    whole = by(network)
    if whole is None:
        return None
    return whole - sum(len(names) * as_written(shape, by) for shape, names in found.items())
