"""Changes of networks as a report: what is, and by how much it grew, also in percent."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sepconv_cli.conventions import Convention
from sepconv_cli.cost import Cost
from sepconv_cli.diff.changes import LayerChange, NetworkChange, Side
from sepconv_cli.errors import plural
from sepconv_cli.lowering.prune import unused_sentence
from sepconv_cli.lowering.settings import plain, shown
from sepconv_cli.show.table import Cell, Column, Finding, Report, Table, integer

Figure = Literal["parameters", "count", "activations"]
FIGURES: tuple[Figure, ...] = ("parameters", "count", "activations")


def report(changes: Sequence[NetworkChange], rule: Convention) -> Report:
    """All that is to be said of changes; networks that are the same are counted and not shown."""
    told = [change for change in changes if change.kind != "same" or change.pair.moved]
    tables = [_networks(told, rule)] if told else []
    tables.extend(_layers(change, rule) for change in told if change.layers)
    said = headline(changes)
    return Report(
        data={
            "headline": said,
            "convention": rule.name,
            "unit": rule.unit,
            "networks": [_record(change) for change in changes],
        },
        records=[_flat(change, rule) for change in changes],
        tables=tables,
        headline=said,
        findings=[_finding(change, rule) for change in told],
    )


def headline(changes: Sequence[NetworkChange]) -> str:
    """What changed in one line."""
    kinds = Counter(change.kind for change in changes)
    same = kinds.pop("same", 0)
    networks = plural(len(changes), "network")
    if not kinds:
        return f"no difference in {networks}"
    parts = [f"{count} {kind}" for kind, count in sorted(kinds.items())]
    return f"{', '.join(parts)}, {same} the same, of {networks}"


def _record(change: NetworkChange) -> dict[str, Any]:
    return {
        "change": change.kind,
        "network": change.name,
        "file": change.pair.new_file,
        "old_file": change.pair.old_file,
        "variant": change.variant,
        "settings": plain(change.settings),
        "why": change.why,
        "notes": list(change.notes),
        "unused_layers": list(change.unused),
        "old": _figures(change.old),
        "new": _figures(change.new),
        "layers": [_layer_record(layer) for layer in change.layers],
    }


def _figures(cost: Cost | None) -> dict[str, int | None] | None:
    return None if cost is None else {name: getattr(cost, name) for name in FIGURES}


def _layer_record(layer: LayerChange) -> dict[str, Any]:
    sides = {"old": layer.old, "new": layer.new}
    return {"change": layer.change, **{name: _side(side) for name, side in sides.items()}}


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    names = {"layer": side.name, "ops": side.ops, "output": side.output}
    return {**names, **(_figures(side.cost) or {})}


def _flat(change: NetworkChange, rule: Convention) -> dict[str, Any]:
    """The record of a network with its figures side by side, its layers counted."""
    record = _record(change)
    old, new = record.pop("old") or {}, record.pop("new") or {}
    figures = {
        f"{side}_{name}": values.get(name)
        for name in FIGURES
        for side, values in (("old", old), ("new", new))
    }
    settings = shown(change.settings)
    layers = len(record.pop("layers"))
    head = {"convention": rule.name, "unit": rule.unit}
    lists = {name: " ".join(record.pop(name)) for name in ("notes", "unused_layers")}
    row = {**head, **record, "settings": settings, **figures}
    return {**row, "layers_changed": layers, **lists}


def _networks(changes: Sequence[NetworkChange], rule: Convention) -> Table:
    rows = tuple(
        (
            Cell(change.kind, tone="loud" if change.kind == "broken" else "plain"),
            Cell(change.name),
            Cell(change.variant),
            Cell(shown(change.settings)),
            *_cells(change.old, change.new, bool(change.why)),
        )
        for change in changes
    )
    columns = (
        Column("", "left"),
        Column("network", "left"),
        Column("variant", "left", rank=2),
        Column("settings", "left", rank=3),
        *_columns(rule),
    )
    return _shown("What changed", rule, columns, rows, _notes(changes))


def _notes(changes: Iterable[NetworkChange]) -> tuple[str, ...]:
    pairs = [change.pair for change in changes if change.pair.moved]
    moved = [f"{pair.new_file} was {pair.old_file}" for pair in pairs]
    left_out = [text for change in changes for text in change.notes]
    unused = [
        f"{change.name}: {unused_sentence(change.unused)}" for change in changes if change.unused
    ]
    reasons = [change.why for change in changes if change.why]
    return tuple(dict.fromkeys([*reasons, *moved, *left_out, *unused]))


def _layers(change: NetworkChange, rule: Convention) -> Table:
    rows = tuple(
        (
            Cell(layer.change),
            Cell(_names(layer)),
            Cell((layer.new or layer.old or _NOTHING).ops),
            Cell(_outputs(layer)),
            *_cells(layer.old.cost if layer.old else None, layer.new.cost if layer.new else None),
        )
        for layer in change.layers
    )
    columns = (
        Column("", "left"),
        Column("layer", "left"),
        Column("op", "left", rank=3),
        Column("output", "left", rank=2),
        *_columns(rule),
    )
    title = "   ".join(
        filter(None, (change.name, change.variant, shown(change.settings), "layers"))
    )
    return _shown(title, rule, columns, rows, (), folded=True)


_NOTHING = Side("", "", "", 0, Cost(), (), ())


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


def _columns(rule: Convention) -> tuple[Column, ...]:
    """Of each figure what it is now, by how much it grew, and that in percent."""
    titles = {"parameters": "parameters", "count": rule.title, "activations": "activations"}
    ranks = {"parameters": 0, "count": 0, "activations": 3}
    return tuple(
        column
        for name in FIGURES
        for column in (
            Column(titles[name], rank=ranks[name]),
            Column(f"{titles[name]} +/-", rank=ranks[name] + 1),
            Column("%", rank=ranks[name] + 2),
        )
    )


def _cells(old: Cost | None, new: Cost | None, broken: bool = False) -> tuple[Cell, ...]:
    """Each figure now, its difference, and that in percent of what it was.

    What was `broken` before has no difference; what wasn't there has all of it.
    """
    was, now = _figures(old) or {}, _figures(new) or {}
    known = broken or (old is not None and new is not None)
    return tuple(cell for name in FIGURES for cell in _change(was.get(name), now.get(name), known))


def _change(was: int | None, now: int | None, known: bool) -> tuple[Cell, Cell, Cell]:
    """A figure that one side doesn't count has no difference, be the network `known` to both."""
    if known and (was is None or now is None):
        return (Cell(integer(now)), Cell(""), Cell(""))
    difference = (now or 0) - (was or 0)
    percent = f"{difference / was:+.1%}" if was else ""
    return (
        Cell("" if now is None else integer(now)),
        Cell(f"{difference:+,}" if difference else ""),
        Cell(percent if difference else "", tone="quiet"),
    )


def _shown(
    title: str,
    rule: Convention,
    columns: tuple[Column, ...],
    rows: tuple[tuple[Cell, ...], ...],
    notes: tuple[str, ...],
    folded: bool = False,
) -> Table:
    """A table without the columns in which nothing stands."""
    kept = [at for at, _ in enumerate(columns) if at < 2 or any(row[at].text for row in rows)]
    return Table(
        title,
        f"convention {rule.name}: {rule.meaning}; for one sample",
        tuple(columns[at] for at in kept),
        (tuple(tuple(row[at] for at in kept) for row in rows),),
        notes,
        folded,
    )


def _finding(change: NetworkChange, rule: Convention) -> Finding:
    subject = " ".join(filter(None, (change.name, change.variant, shown(change.settings))))
    file = change.pair.new_file or change.pair.old_file
    return Finding(
        rule="diff",
        subject=subject,
        status="noted",
        message=sentence(change, rule),
        fingerprint="/".join((change.kind, file or "", change.variant, shown(change.settings))),
        file=change.pair.new_file,
    )


def sentence(change: NetworkChange, rule: Convention) -> str:
    """A change in one sentence."""
    subject = f"{change.name}, {change.variant}"
    if change.kind == "broken":
        return f"{subject}: {change.why}"
    if change.kind in ("added", "removed"):
        return f"{subject} was {change.kind}"
    titles = {"parameters": "parameters", "count": rule.title, "activations": "activations"}
    parts = [
        f"{title} {was:,} -> {now:,}"
        for name, title in titles.items()
        for was, now in [(getattr(change.old, name), getattr(change.new, name))]
        if was != now and was is not None and now is not None
    ]
    return f"{subject}: {', '.join(parts) if parts else 'layers changed, costs the same'}"
