"""Crossovers as a report: which variant is cheapest, where, and by how much."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sepconv_cli.cost.per_layer import Cost, Shape, cheapest, costs
from sepconv_cli.crossover.contest import Contest
from sepconv_cli.crossover.crossings import Crossing, crossings
from sepconv_cli.crossover.tables import crossing_table, layer_table, map_table, winner_table
from sepconv_cli.metrics import about_devices
from sepconv_cli.show.table import Report


def crossover(contest: Contest) -> Report:
    """All that is to be said: the layers, who wins, where they cross, and a map of one layer."""
    found = {shape: costs(shape, contest.variants, contest.by) for shape in contest.shapes}
    # A time is no line over the channels: nowhere in particular does it cross another.
    crossed = {
        shape: crossings(shape, contest.variants, contest.by, contest.symbols)
        for shape in (() if contest.device else contest.shapes)
    }
    mix = _mix(contest, found)
    single = len(contest.shapes) == 1
    tables = [layer_table(contest, found)]
    if not single:
        tables.append(winner_table(contest, mix))
    if crossed:
        tables.append(crossing_table(contest, crossed, single))
    if single:
        tables.append(map_table(contest, next(iter(contest.shapes))))
    records = list(_records(contest, found, crossed))
    times = list(_times(contest, found))
    data = {
        "network": contest.network,
        "unit": contest.unit,
        **about_devices([contest.device] if contest.device else []),
        "unused_layers": list(contest.unused),
        "layers": [
            {
                "layers": list(names),
                "in_channels": shape.x.channels,
                "out_channels": shape.conv.out_channels,
                "kernel_size": list(shape.conv.kernel_size),
                "stride": list(shape.conv.stride),
                "costs": found[shape],
                "cheapest": cheapest(found[shape], contest.margin),
                **_by_macs(contest, shape),
            }
            for shape, names in contest.shapes.items()
        ],
        "rules": records,
        "mix": mix,
    }
    return Report(data=data, records=times or records, tables=tables)


def _by_macs(contest: Contest, shape: Shape) -> dict[str, Any]:
    """Which variant is cheapest in MACs, where that isn't what is compared."""
    by = contest.macs
    return {"cheapest_in_macs": cheapest(costs(shape, contest.variants, by))} if by else {}


def _mix(contest: Contest, found: Mapping[Shape, Mapping[str, Cost]]) -> dict[str, Any]:
    """The sum over the layers by each variant, and by the cheapest one for each layer."""
    wins, equals = dict.fromkeys(contest.names, 0), dict.fromkeys(contest.names, 0)
    sums: dict[str, Cost] = dict.fromkeys(contest.names, 0)
    mix: Cost = 0
    for shape, names in contest.shapes.items():
        best = cheapest(found[shape], contest.margin)
        for name in best:
            wins[name] += len(names)
            equals[name] += len(names) if len(best) > 1 else 0
        mix += len(names) * min(found[shape].values())
        for name in contest.names:
            sums[name] += len(names) * found[shape][name]
    return {"wins": wins, "equals": equals, "sums": sums, "mix": mix, "rest": contest.rest}


def _times(contest: Contest, found: Mapping[Shape, Mapping[str, Cost]]) -> Iterator[dict[str, Any]]:
    """A flat record for each variant and shape, where times are compared."""
    for shape, names in contest.shapes.items() if contest.device else ():
        best = cheapest(found[shape], contest.margin)
        (by_macs,) = _by_macs(contest, shape).values()
        for name, time in found[shape].items():
            yield {
                "layer": names[0],
                "layers": len(names),
                "in_channels": shape.x.channels,
                "out_channels": shape.conv.out_channels,
                "kernel_size": shape.kernel,
                "stride": shape.stride,
                "unit": contest.unit,
                "variant": name,
                "cost": time,
                "is_cheapest": name in best,
                "is_cheapest_in_macs": name in by_macs,
            }


def _records(
    contest: Contest,
    found: Mapping[Shape, Mapping[str, Cost]],
    crossed: Mapping[Shape, Sequence[Crossing]],
) -> Iterator[dict[str, Any]]:
    """A flat record for each two variants and each shape."""
    for shape, names in contest.shapes.items():
        for each in crossed.get(shape, ()):
            yield {
                "layer": names[0],
                "layers": len(names),
                "in_channels": shape.x.channels,
                "out_channels": shape.conv.out_channels,
                "kernel_size": shape.kernel,
                "stride": shape.stride,
                "unit": contest.unit,
                "variant": each.first,
                "than": each.second,
                "cheaper": each.side,
                "at_out_channels": None if each.at is None else float(each.at),
                "formula": each.formula,
                "cost": found[shape][each.first],
                "than_cost": found[shape][each.second],
            }
