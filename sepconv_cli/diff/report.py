"""Changes of networks as a report: its JSON document, its flat records, its findings."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sepconv_cli.diff.changes import LayerChange, NetworkChange, Side
from sepconv_cli.diff.tables import tables, titles
from sepconv_cli.errors import plural
from sepconv_cli.lowering.settings import plain_settings, shown
from sepconv_cli.metrics import Context, about_devices, listed
from sepconv_cli.network import DType
from sepconv_cli.show.table import Finding, Report, amount_text


def diff_report(changes: Sequence[NetworkChange], context: Context, dtype: DType) -> Report:
    """All that is to be said of changes; networks that are the same are counted and not shown."""
    told = [change for change in changes if change.kind != "same" or change.pair.moved]
    said = diff_headline(changes)
    counting = context.convention
    head = {"convention": counting.name, "unit": counting.unit, "dtype": dtype}
    return Report(
        data={
            "headline": said,
            **head,
            **about_devices(context.devices),
            "networks": [_record(change) for change in changes],
        },
        records=[{**head, **_flat(change, context)} for change in changes],
        tables=tables(told, context),
        headline=said,
        findings=[_finding(change, context) for change in told],
    )


def diff_headline(changes: Sequence[NetworkChange]) -> str:
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
        "settings": plain_settings(change.settings),
        "why": change.why,
        "notes": list(change.notes),
        "unused_layers": list(change.unused),
        "old": change.old,
        "new": change.new,
        "layers": [_layer_record(layer) for layer in change.layers],
    }


def _layer_record(layer: LayerChange) -> dict[str, Any]:
    sides = {"old": layer.old, "new": layer.new}
    return {"change": layer.change, **{name: _side(side) for name, side in sides.items()}}


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    names = {"layer": side.name, "ops": side.ops, "output": side.output}
    return {**names, **side.numbers}


def _flat(change: NetworkChange, context: Context) -> dict[str, Any]:
    """The record of a network with its numbers side by side, its layers counted."""
    record = _record(change)
    sides = {"old": record.pop("old") or {}, "new": record.pop("new") or {}}
    numbers = {
        f"{side}_{metric.name}": values.get(metric.name)
        for metric in listed(context.devices)
        for side, values in sides.items()
    }
    settings = shown(change.settings)
    layers = len(record.pop("layers"))
    lists = {name: " ".join(record.pop(name)) for name in ("notes", "unused_layers")}
    return {**record, "settings": settings, **numbers, "layers_changed": layers, **lists}


def _finding(change: NetworkChange, context: Context) -> Finding:
    subject = " ".join(filter(None, (change.name, change.variant, shown(change.settings))))
    file = change.pair.new_file or change.pair.old_file
    return Finding(
        rule="diff",
        subject=subject,
        status="noted",
        message=change_sentence(change, context),
        fingerprint="/".join((change.kind, file or "", change.variant, shown(change.settings))),
        file=change.pair.new_file,
    )


def change_sentence(change: NetworkChange, context: Context) -> str:
    """A change in one sentence."""
    subject = f"{change.name}, {change.variant}"
    if change.kind == "broken":
        return f"{subject}: {change.why}"
    if change.kind in ("added", "removed"):
        return f"{subject} was {change.kind}"
    old, new = change.old or {}, change.new or {}
    parts = [
        f"{title} {amount_text(was)} -> {amount_text(now)}"
        for name, title in titles(context).items()
        for was, now in [(old.get(name), new.get(name))]
        if was != now and was is not None and now is not None
    ]
    return f"{subject}: {', '.join(parts) if parts else 'layers changed, costs the same'}"
