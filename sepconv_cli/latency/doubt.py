"""What predictions can't tell: layers unlike all that was fitted, and variants that are too close
to each other."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from sepconv_cli.errors import plural
from sepconv_cli.latency.device import Device
from sepconv_cli.latency.profile import Range
from sepconv_cli.latency.work import WorkKind, Workload, workloads
from sepconv_cli.network import Network
from sepconv_cli.show.table import percent_text

_NAMED = 3
"""So many layers are named in a sentence."""

FAR = 4
"""So many times beyond what was fitted is far outside of it."""


class Unlike(msgspec.Struct, frozen=True):
    """A layer unlike all that a profile was fitted to, and in what."""

    layer: str
    why: str


def unlike(network: Network, device: Device) -> list[Unlike]:
    """The layers of a network that are unlike all that the device's profile was fitted to.

    Of a batch size that wasn't fitted, nothing is said here.
    """
    found: dict[Unlike, None] = {}
    for node, works in zip(network.nodes, workloads(network), strict=True):
        if isinstance(works, str):
            why = f"how long {node.op.name} takes can't be told: {works}"
            found[Unlike(node.layer, why)] = None
            continue
        reasons = filter(None, (_outside(work, device) for work in works))
        found.update(dict.fromkeys(Unlike(node.layer, why) for why in reasons))
    return list(found)


def _outside(work: Workload, device: Device) -> str:
    """In what a node's work is far outside; empty where it isn't."""
    seen, samples = device.profile.seen.get(work.kind), device.fitted_batch
    if seen is None:
        return f"no {kind_in_words(work.kind)} was fitted"
    side = (
        _side("MACs", work.macs * samples, seen.macs)
        or _side("elements", work.elements * samples, seen.elements)
        or _side("channels", work.inner, seen.channels)
        or _side("channels", work.outer, seen.channels)
    )
    return f"far {side} than in any {kind_in_words(work.kind)} that was fitted" if side else ""


def _side(what: str, value: int, bounds: Range | None) -> str:
    if bounds is None or bounds[0] <= value * FAR <= FAR * FAR * bounds[1]:
        return ""
    return f"{'fewer' if value < bounds[0] else 'more'} {what}"


def kind_in_words(kind: WorkKind) -> str:
    """`k x k convolution`."""
    return _WORDS.get(kind, kind.replace("_", " "))


_WORDS = {
    "dense": "k x k convolution",
    "point": "1 x 1 convolution",
    "linear": "linear layer",
    "matmul": "matrix product",
    "depthwise": "depthwise convolution",
    "grouped": "grouped convolution",
    "elementwise": "elementwise op",
    "reduce": "global pool",
}


def unlike_sentences(found: Sequence[Unlike], device: Device) -> Iterator[str]:
    """A sentence for each way of being unlike, with its layers."""
    layers: dict[str, list[str]] = {}
    for each in found:
        layers.setdefault(each.why, []).append(each.layer)
    for why, names in layers.items():
        rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"{device.name} in doubt: {why}: {', '.join(names[:_NAMED])}{rest}."


def error_sentence(device: Device) -> str:
    """How exact the predictions on a device are, and how that is known."""
    errors, fitted = device.profile.errors, device.profile.fitted.networks
    if device.error is None:
        least, most = device.profile.batch_sizes
        return (
            f"{device.name} was measured at batches of {least:,} to {most:,}: how exact it is at "
            f"{device.batch:,}, and what is faster there, isn't known."
        )
    return (
        f"{device.name} is exact to {percent_text(device.error)}, the median error on "
        f"{plural(errors.held_out, 'network')} beside the {fitted:,} that it was fitted to."
    )


class Duel(msgspec.Struct, frozen=True):
    """Two variants' times on a device: `faster` is None where they are about equal.

    `times` is how many times as long the second one takes, at least 1, and `error` by what factor
    that may be off.
    """

    first: str
    second: str
    times: float
    error: float

    @property
    def faster(self) -> str | None:
        """The faster one, where the difference exceeds its error."""
        return self.first if self.times > self.error else None


def duels(found: Iterable[tuple[str, float]], device: Device) -> Iterator[Duel]:
    """Each two of several variants with their times, the faster one first.

    None where the error isn't known: then nobody can tell which is the faster one.
    """
    if device.pair_error is None:
        return
    ordered = sorted(found, key=lambda each: each[1])
    error = 1 + device.pair_error
    for at, (first, least) in enumerate(ordered):
        for second, more in ordered[at + 1 :]:
            yield Duel(first, second, more / least if least else 1.0, error)


class Standing(msgspec.Struct, frozen=True):
    """Variants that are about equal, behind all that are faster than the first of them.

    `times` is how many times as long as the fastest of all the first and the last of them take.
    `near` are those of the standing before that the first of these is about equal to.
    """

    names: tuple[str, ...]
    times: tuple[float, float]
    near: tuple[str, ...] = ()


def standings(duels: Sequence[Duel]) -> list[Standing]:
    """Who comes first, who then, by each two held to each other; nothing where nobody is.

    Being about equal isn't handed on: a variant may be so to one that is faster than a third.
    """
    if not duels:
        return []
    equal = {(duel.first, duel.second) for duel in duels if not duel.faster}
    fastest = duels[0].first
    times = {fastest: 1.0} | {duel.second: duel.times for duel in duels if duel.first == fastest}
    groups: list[list[str]] = []
    for name in times:
        if groups and (groups[-1][0], name) in equal:
            groups[-1].append(name)
        else:
            groups.append([name])
    return [
        Standing(
            tuple(group),
            (times[group[0]], times[group[-1]]),
            tuple(name for name in before if (name, group[0]) in equal),
        )
        for before, group in zip([[], *groups], groups, strict=False)
    ]
