"""A roofline as a report: a line for each layer of each variant."""

from collections.abc import Iterator
from typing import Any

import msgspec

from sepconv_cli.latency.doubt import error_sentence, kind_in_words, unlike, unlike_sentences
from sepconv_cli.metrics import about_devices
from sepconv_cli.roofline.points import LayerPoint, Roofline, VariantPoints
from sepconv_cli.show.table import Cell, Column, Report, Table, amount_text, percent_text

_COLUMNS = (
    Column("layer", "left"),
    Column("kind", "left", rank=2),
    Column("MACs"),
    Column("elements", rank=1),
    Column("MACs per element"),
    Column("ms"),
    Column("share"),
    Column("MACs per second"),
    Column("of the roof", rank=3),
    Column("held by", "left"),
)
_PREFIXES = ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k"))


def roofline_report(roofline: Roofline) -> Report:
    """All that is to be said of it."""
    rows = [list(_records(variant)) for variant in roofline.variants]
    return Report(
        data={
            "network": roofline.name,
            **about_devices([roofline.device]),
            "roofs": [
                {
                    "kind": roof.kind,
                    "macs_per_second": roof.peak,
                    "elements_per_second": roof.bandwidth,
                }
                for roof in roofline.roofs
            ],
            "variants": [
                {"variant": each.variant, "milliseconds": each.milliseconds, "layers": layers}
                for each, layers in zip(roofline.variants, rows, strict=True)
            ],
        },
        records=[
            {
                "network": roofline.name,
                "device": roofline.device.name,
                "batch_size": roofline.device.batch,
                "variant": each.variant,
                **record,
            }
            for each, layers in zip(roofline.variants, rows, strict=True)
            for record in layers
        ],
        tables=[_table(roofline, variant) for variant in roofline.variants],
    )


def _records(variant: VariantPoints) -> Iterator[dict[str, Any]]:
    for point in variant.points:
        yield {
            **msgspec.structs.asdict(point),
            "share": _share(point, variant),
            "macs_per_element": point.intensity,
            "macs_per_second": point.speed,
        }


def _share(point: LayerPoint, variant: VariantPoints) -> float | None:
    whole = variant.milliseconds
    return point.milliseconds / whole if whole and point.milliseconds is not None else None


def _table(roofline: Roofline, variant: VariantPoints) -> Table:
    device = roofline.device
    lines = tuple(
        (
            Cell(point.layer),
            Cell(kind_in_words(point.kind) if point.kind else "-"),
            Cell(_scaled(point.macs or None)),
            Cell(_scaled(point.elements)),
            Cell(_short(point.intensity)),
            Cell(amount_text(point.milliseconds)),
            Cell(percent_text(_share(point, variant))),
            Cell(_scaled(point.speed)),
            Cell(percent_text(_of_roof(point))),
            Cell(point.held_by or "-", tone="quiet"),
        )
        for point in variant.points
    )
    return Table(
        f"{roofline.name}   {variant.network.input}   {variant.variant}",
        f"{device.words}; MACs and elements of the whole batch",
        _COLUMNS,
        (lines,),
        tuple(_notes(roofline, variant)),
    )


def _notes(roofline: Roofline, variant: VariantPoints) -> Iterator[str]:
    """The whole time, and what is in doubt; how exact it is, once below all tables."""
    device = roofline.device
    yield f"{amount_text(variant.milliseconds)} ms in all."
    yield from unlike_sentences(unlike(variant.network, device), device)
    if variant is roofline.variants[-1]:
        yield error_sentence(device)


def _of_roof(point: LayerPoint) -> float | None:
    return point.speed / point.roof if point.speed and point.roof else None


def _scaled(value: float | None) -> str:
    """`4.87 G`; a dash for what isn't there."""
    if value is None:
        return "-"
    for factor, prefix in _PREFIXES:
        if value >= factor:
            return f"{value / factor:.3g}{prefix}"
    return f"{value:.3g}"


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
