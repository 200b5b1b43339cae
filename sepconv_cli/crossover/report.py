"""Crossovers as a report: which variant is cheapest, where, and by how much."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sepconv_cli.crossover.costs import Question, Shape, cheapest, costs
from sepconv_cli.crossover.rules import Rule, rules
from sepconv_cli.crossover.tables import laws, layers, map_of, winners
from sepconv_cli.show.table import Report


def report(question: Question) -> Report:
    """All that is to be said: the layers, who wins, the rules, and a map of one layer."""
    found = {shape: costs(shape, question.variants, question.by) for shape in question.shapes}
    rules_of = {
        shape: rules(shape, question.variants, question.by, question.symbols)
        for shape in question.shapes
    }
    mix = _mix(question, found)
    single = len(question.shapes) == 1
    tables = [layers(question, found)]
    if not single:
        tables.append(winners(question, mix))
    tables.append(laws(question, rules_of, single))
    if single:
        tables.append(map_of(question, next(iter(question.shapes))))
    records = list(_records(question, found, rules_of))
    data = {
        "network": question.network,
        "unit": question.unit,
        "unused_layers": list(question.unused),
        "layers": [
            {
                "layers": list(names),
                "in_channels": shape.x.channels,
                "out_channels": shape.conv.out_channels,
                "kernel_size": list(shape.conv.kernel_size),
                "stride": list(shape.conv.stride),
                "costs": found[shape],
                "cheapest": cheapest(found[shape]),
            }
            for shape, names in question.shapes.items()
        ],
        "rules": records,
        "mix": mix,
    }
    return Report(data=data, records=records, tables=tables)


def _mix(question: Question, found: Mapping[Shape, Mapping[str, int]]) -> dict[str, Any]:
    """The sum over the layers by each variant, and by the cheapest one for each layer."""
    wins, equals = dict.fromkeys(question.names, 0), dict.fromkeys(question.names, 0)
    sums = dict.fromkeys(question.names, 0)
    mix = 0
    for shape, names in question.shapes.items():
        best = cheapest(found[shape])
        for name in best:
            wins[name] += len(names)
            equals[name] += len(names) if len(best) > 1 else 0
        mix += len(names) * min(found[shape].values())
        for name in question.names:
            sums[name] += len(names) * found[shape][name]
    return {"wins": wins, "equals": equals, "sums": sums, "mix": mix, "rest": question.rest}


def _records(
    question: Question,
    found: Mapping[Shape, Mapping[str, int]],
    laws: Mapping[Shape, Sequence[Rule]],
) -> Iterator[dict[str, Any]]:
    """A flat record for each rule of each shape."""
    for shape, names in question.shapes.items():
        for rule in laws[shape]:
            yield {
                "layer": names[0],
                "layers": len(names),
                "in_channels": shape.x.channels,
                "out_channels": shape.conv.out_channels,
                "kernel_size": shape.kernel,
                "stride": shape.stride,
                "unit": question.unit,
                "variant": rule.first,
                "than": rule.second,
                "cheaper": rule.side,
                "at_out_channels": None if rule.at is None else float(rule.at),
                "formula": rule.formula,
                "cost": found[shape][rule.first],
                "than_cost": found[shape][rule.second],
            }
