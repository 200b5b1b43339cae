"""Two states of networks: what changed in each, layer by layer.

Layers are told apart by what they are and what arrives, so that one that is put in between
doesn't make all that follow look changed, though it shifts their numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from sepconv_cli.conventions import gaps, sentences
from sepconv_cli.diff.pairs import Pair
from sepconv_cli.errors import SpecError
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.options import Options
from sepconv_cli.lowering.settings import Settings, plain_number
from sepconv_cli.metrics import Amounts, Context, Scope, in_tables, listed
from sepconv_cli.network import Network, Op

Change = Literal["added", "removed", "moved", "changed"]
ChangeKind = Literal["added", "removed", "broken", "changed", "same"]
Numbers = Mapping[str, int | float | None]
"""Every metric's number, by its name; None where it isn't counted."""


class Side(msgspec.Struct, frozen=True):
    """A layer on one side: its name, its ops, where it stands, and its numbers."""

    name: str
    ops: str
    output: str
    at: int
    numbers: Numbers
    fields: tuple[Op, ...]
    signature: tuple[object, ...]


class LayerChange(msgspec.Struct, frozen=True):
    """What became of a layer; one side is None where it was added or removed."""

    change: Change
    old: Side | None
    new: Side | None


class NetworkChange(msgspec.Struct, frozen=True):
    """What became of a variant of a network, with one choice of settings.

    A side has no numbers where there is no such network, or where it can't be built, which `why`
    explains. `notes` name what the convention leaves out of the new one, `unused` are its layers
    that lead to no output.
    """

    pair: Pair
    variant: str
    settings: Settings
    old: Numbers | None
    new: Numbers | None
    layers: tuple[LayerChange, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The network's name."""
        spec = self.pair.new or self.pair.old
        return spec.name if spec else self.pair.new_file or self.pair.old_file or ""

    @property
    def kind(self) -> ChangeKind:
        """What became of it as a whole."""
        if self.why:
            return "broken"
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.layers or self.old != self.new else "same"


def changes(
    pair: Pair, variants: Mapping[str, Options], grid: Sequence[Settings], context: Context
) -> Iterator[NetworkChange]:
    """What became of each variant, with its options, and setting of a spec.

    Raises SpecError for the new one.
    """
    counting, amounts = context.convention, Amounts(context)
    for settings in grid:
        for variant, options in variants.items():
            after = _network(pair.new, variant, options, settings)
            try:
                before, why = _network(pair.old, variant, options, settings), pair.why
            except SpecError as error:
                before, why = None, f"{pair.old_file}: {error.problems[0].message}"
            yield NetworkChange(
                pair,
                variant,
                settings,
                None if before is None else _numbers(Scope(before), amounts),
                None if after is None else _numbers(Scope(after), amounts),
                _layers(before, after, amounts) if before and after else (),
                why,
                tuple(sentences(gaps(after.nodes, counting), counting)) if after else (),
                after.unused if after else (),
            )


def _numbers(scope: Scope, amounts: Amounts) -> Numbers:
    found = {
        metric.name: amounts.number(metric.name, scope)
        for metric in listed(amounts.context.devices)
    }
    return {name: None if value is None else plain_number(value) for name, value in found.items()}


def _layers(before: Network, after: Network, amounts: Amounts) -> tuple[LayerChange, ...]:
    return layer_changes(layers(before, amounts), layers(after, amounts))


def _network(
    spec: Spec | None, variant: str, options: Options, settings: Settings
) -> Network | None:
    if spec is None:
        return None
    (case,) = cases(spec, [settings], [variant], options)
    return case.network


def layers(network: Network, amounts: Amounts) -> list[Side]:
    """The layers of a network in their order, each with its numbers."""
    found = Scope(network).layers().items()
    return [_side(name, scope, at, amounts) for at, (name, scope) in enumerate(found)]


def layer_changes(old: Sequence[Side], new: Sequence[Side]) -> tuple[LayerChange, ...]:
    """What was changed, added, removed or moved, in the order of the new network."""
    kept, added, removed = _matched(old, new)
    pairs = [LayerChange("changed", was, now) for was, now in kept if _differ(was, now)]
    for now in list(added):
        was = next((side for side in removed if side.signature == now.signature), None)
        if was is not None:
            added.remove(now)
            removed.remove(was)
            pairs.append(LayerChange("moved", was, now))
    found = [
        *pairs,
        *(LayerChange("added", None, now) for now in added),
        *(LayerChange("removed", was, None) for was in removed),
    ]
    return tuple(sorted(found, key=_position))


def _side(name: str, scope: Scope, at: int, amounts: Amounts) -> Side:
    nodes = scope.nodes
    return Side(
        name=name,
        ops=" + ".join(node.op.name for node in nodes),
        output=str(nodes[-1].y),
        at=at,
        numbers=_numbers(scope, amounts),
        fields=tuple(node.op for node in nodes),
        signature=tuple((node.op, node.inputs) for node in nodes),
    )


def _matched(
    old: Sequence[Side], new: Sequence[Side]
) -> tuple[list[tuple[Side, Side]], list[Side], list[Side]]:
    """Which layers are the same or took another's place, which are new, and which are gone."""
    matcher = SequenceMatcher(
        None, [side.signature for side in old], [side.signature for side in new], autojunk=False
    )
    kept: list[tuple[Side, Side]] = []
    added: list[Side] = []
    removed: list[Side] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        same = tag == "equal"
        pairs = list(zip(old[i:j], new[k:m], strict=True)) if same else _paired(old[i:j], new[k:m])
        kept.extend(pairs)
        removed.extend(side for side in old[i:j] if all(side is not was for was, _ in pairs))
        added.extend(side for side in new[k:m] if all(side is not now for _, now in pairs))
    return kept, added, removed


def _paired(old: Sequence[Side], new: Sequence[Side]) -> list[tuple[Side, Side]]:
    """Of two stretches that differ: those of the same name and ops, then those of the same ops."""
    pairs: list[tuple[Side, Side]] = []
    for same in (lambda a, b: (a.name, a.ops) == (b.name, b.ops), lambda a, b: a.ops == b.ops):
        for now in new:
            if any(now is taken for _, taken in pairs):
                continue
            free = (was for was in old if all(was is not taken for taken, _ in pairs))
            was = next((was for was in free if same(was, now)), None)
            if was is not None:
                pairs.append((was, now))
    return pairs


def _differ(was: Side, now: Side) -> bool:
    """Whether a layer is another one; that something else arrives is no change of its own."""
    names = [metric.name for metric in in_tables()]
    return was.fields != now.fields or any(was.numbers[name] != now.numbers[name] for name in names)


def _position(change: LayerChange) -> tuple[int, int]:
    side = change.new or change.old
    assert side
    return side.at, change.new is None
