"""What a profile says of the networks that are measured, to stand beside."""

from collections.abc import Iterator, Sequence

import msgspec

from sepconv_cli.latency.device import Device
from sepconv_cli.latency.doubt import error_sentence, unlike, unlike_sentences
from sepconv_cli.network import Network


class Prediction(msgspec.Struct, frozen=True):
    """What a profile says of a network: milliseconds of a batch, and its median error.

    None where the profile can't tell, or where the error isn't known.
    """

    device: str
    milliseconds: float | None
    error: float | None


def predictions(networks: Sequence[Network], device: Device) -> list[Prediction]:
    """A prediction for each network."""
    return [Prediction(device.name, _sum(network, device), device.error) for network in networks]


def _sum(network: Network, device: Device) -> float | None:
    """Where a layer's time can't be told, that of the network can't either."""
    times = device.milliseconds(network)
    known = [time for time in times if time is not None]
    return sum(known) if len(known) == len(times) else None


def prediction_notes(networks: Sequence[Network], device: Device) -> Iterator[str]:
    """How exact the predictions are, and what they don't know."""
    yield error_sentence(device)
    found = [each for network in networks for each in unlike(network, device)]
    yield from unlike_sentences(list(dict.fromkeys(found)), device)
