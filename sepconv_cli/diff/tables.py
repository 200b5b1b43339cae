"""Changes of networks as tables: what is, and by how much it grew, also in percent."""

from collections.abc import Iterable, Iterator, Sequence

from sepconv_cli.diff.changes import LayerChange, NetworkChange, Numbers, Side
from sepconv_cli.lowering.prune import unused_sentence
from sepconv_cli.lowering.settings import shown
from sepconv_cli.metrics import Context, Metric, in_tables, on_devices, title_of
from sepconv_cli.show.table import Cell, Column, Table, amount_text, without_empty


def tables(changes: Sequence[NetworkChange], context: Context) -> list[Table]:
    """The networks in one table, and for each whose layers changed another one."""
    if not changes:
        return []
    return [
        _networks(changes, context),
        *(_layers(change, context) for change in changes if change.layers),
    ]


def _metrics(context: Context) -> tuple[Metric, ...]:
    return in_tables(devices=context.devices)


def titles(context: Context) -> dict[str, str]:
    """The metrics that are shown, and what each is called."""
    return {metric.name: title_of(metric, context.convention) for metric in _metrics(context)}


def _networks(changes: Sequence[NetworkChange], context: Context) -> Table:
    rows = tuple(
        (
            Cell(change.kind, tone="loud" if change.kind == "broken" else "plain"),
            Cell(change.name),
            Cell(change.variant),
            Cell(shown(change.settings)),
            *_cells(context, change.old, change.new, bool(change.why)),
        )
        for change in changes
    )
    columns = (
        Column("", "left"),
        Column("network", "left"),
        Column("variant", "left", rank=2),
        Column("settings", "left", rank=3),
        *_columns(context),
    )
    return _shown("What changed", context, columns, rows, _notes(changes, context))


def _notes(changes: Iterable[NetworkChange], context: Context) -> tuple[str, ...]:
    pairs = [change.pair for change in changes if change.pair.moved]
    moved = [f"{pair.new_file} was {pair.old_file}" for pair in pairs]
    left_out = [sentence for change in changes for sentence in change.notes]
    unused = [
        f"{change.name}: {unused_sentence(change.unused)}" for change in changes if change.unused
    ]
    reasons = [change.why for change in changes if change.why]
    doubts = _doubts(changes, context) if context.devices else []
    return tuple(dict.fromkeys([*reasons, *moved, *left_out, *unused, *doubts]))


def _doubts(changes: Iterable[NetworkChange], context: Context) -> Iterator[str]:
    """How exact latencies are, and which networks became faster as far as that can be told."""
    from sepconv_cli.latency.doubt import duels, error_sentence

    yield from map(error_sentence, context.devices)
    for metric, device in zip(on_devices(context.devices), context.devices, strict=True):
        for change in changes:
            sides = {"before": change.old, "now": change.new}
            times = [(side, (numbers or {}).get(metric.name)) for side, numbers in sides.items()]
            known = [(side, time) for side, time in times if time is not None]
            for duel in duels(known, device):
                told = {"now": "faster than before", "before": "slower than before"}
                verdict = told[duel.faster] if duel.faster else "about as fast as before"
                yield f"{change.name}, {change.variant}: {verdict} on {device.name}."


def _layers(change: NetworkChange, context: Context) -> Table:
    rows = tuple(
        (
            Cell(layer.change),
            Cell(_names(layer)),
            Cell((layer.new or layer.old or _NOTHING).ops),
            Cell(_outputs(layer)),
            *_cells(
                context,
                layer.old.numbers if layer.old else None,
                layer.new.numbers if layer.new else None,
            ),
        )
        for layer in change.layers
    )
    columns = (
        Column("", "left"),
        Column("layer", "left"),
        Column("op", "left", rank=3),
        Column("output", "left", rank=2),
        *_columns(context),
    )
    title = "   ".join(
        filter(None, (change.name, change.variant, shown(change.settings), "layers"))
    )
    return _shown(title, context, columns, rows, (), folded=True)


_NOTHING = Side("", "", "", 0, {}, (), ())


def _names(layer: LayerChange) -> str:
    old, new = layer.old, layer.new
    if old and new and old.name != new.name:
        return f"{new.name} (was {old.name})"
    return (new or old or _NOTHING).name


def _outputs(layer: LayerChange) -> str:
    old, new = layer.old, layer.new
    if old and new and old.output != new.output:
        return f"{old.output} -> {new.output}"
    return (new or old or _NOTHING).output


def _columns(context: Context) -> tuple[Column, ...]:
    """Of each metric what it is now, by how much it grew, and that in percent."""
    named = titles(context)
    return tuple(
        column
        for metric in _metrics(context)
        for column in (
            Column(named[metric.name], rank=metric.rank),
            Column(f"{named[metric.name]} +/-", rank=metric.rank + 1),
            Column("%", rank=metric.rank + 2),
        )
    )


def _cells(
    context: Context, old: Numbers | None, new: Numbers | None, broken: bool = False
) -> tuple[Cell, ...]:
    """Each metric now, its difference, and that in percent of what it was.

    What was `broken` before has no difference; what wasn't there has all of it.
    """
    was, now = old or {}, new or {}
    known = broken or (old is not None and new is not None)
    return tuple(
        cell
        for metric in _metrics(context)
        for cell in _change(was.get(metric.name), now.get(metric.name), known)
    )


def _change(
    was: int | float | None, now: int | float | None, known: bool
) -> tuple[Cell, Cell, Cell]:
    """A metric that one side doesn't count has no difference, be the network `known` to both."""
    if known and (was is None or now is None):
        return (Cell(amount_text(now)), Cell(""), Cell(""))
    difference = (now or 0) - (was or 0)
    percent = f"{difference / was:+.1%}" if was else ""
    return (
        Cell("" if now is None else amount_text(now)),
        Cell(signed(difference)),
        Cell(percent if difference else "", tone="quiet"),
    )


def signed(difference: int | float) -> str:
    """`+1,024`; nothing for no difference."""
    return f"{'+' if difference > 0 else ''}{amount_text(difference)}" if difference else ""


def _shown(
    title: str,
    context: Context,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    notes: tuple[str, ...],
    folded: bool = False,
) -> Table:
    """A table without the columns in which nothing stands."""
    counting, devices = context.convention, context.devices
    subtitle = f"convention {counting.name}: {counting.meaning}; for one sample"
    subtitle += "".join(f"; {device.words}" for device in devices)
    return without_empty(Table(title, subtitle, columns, (rows,), notes, folded), keep=2)
