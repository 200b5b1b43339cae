"""Crossovers as tables: the layers, who wins them, where they cross, and a map of one layer."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sepconv_cli.cost.per_layer import Cost, Shape, cheapest, costs
from sepconv_cli.crossover.contest import Contest
from sepconv_cli.crossover.crossings import Crossing, short_number
from sepconv_cli.errors import plural
from sepconv_cli.show.table import Cell, Column, Table, amount_text, percent_text, ratio

RATIOS = (Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4))
STRIDES = (1, 2)
KERNELS = (3, 5, 7)
LEGEND = "M and N are the input and output channels, K the kernel"
OFF = Fraction(1, 20)
"""By how much a number of channels may be off the ratio that stands over it."""


def _title(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"


def _window(shape: Shape) -> str:
    return f"{shape.kernel}, stride {shape.stride}"


def layer_table(contest: Contest, found: Mapping[Shape, Mapping[str, Cost]]) -> Table:
    """A line for each shape: what it costs by each variant, and which is cheapest."""
    columns = (
        Column("layer", "left"),
        Column("M -> N"),
        Column("N / M", rank=4),
        Column("kernel", "left", rank=1),
        Column("input", rank=3),
        *(Column(name, rank=2) for name in contest.names),
        Column("cheapest", "left"),
        *((Column("in MACs", "left"),) if contest.macs else ()),
        Column("next one", "left", rank=5),
    )
    lines, on = [], f"; {contest.device.words}" if contest.device else ""
    for shape, names in contest.shapes.items():
        best = cheapest(found[shape], contest.margin)
        lines.append(
            (
                Cell(_title(names)),
                Cell(f"{shape.x.channels} -> {shape.conv.out_channels}"),
                Cell(short_number(shape.ratio)),
                Cell(_window(shape)),
                Cell("x".join(map(str, shape.x.size))),
                *(Cell(amount_text(found[shape][name])) for name in contest.names),
                Cell(" = ".join(best)),
                *_by_macs(contest, shape, best),
                Cell(_next(found[shape], best)),
            )
        )
    return Table(
        f"{contest.network}   which variant is cheapest in {contest.unit}",
        f"for the convolutions that variants rewrite; M -> N are input and output channels{on}",
        columns,
        (tuple(lines),),
        tuple(_doubts(contest)),
    )


def _by_macs(contest: Contest, shape: Shape, best: Sequence[str]) -> tuple[Cell, ...]:
    """The cheapest in MACs, loud where that isn't among the fastest."""
    if contest.macs is None:
        return ()
    found = cheapest(costs(shape, contest.variants, contest.macs))
    return (Cell(" = ".join(found), tone="plain" if set(found) & set(best) else "loud"),)


def _doubts(contest: Contest) -> Iterator[str]:
    """What stands below times."""
    if contest.device is None:
        return
    from sepconv_cli.latency.doubt import error_sentence

    yield error_sentence(contest.device)
    error = percent_text(contest.margin)
    yield f"Two are about equal (=) where they differ by less than the error of that, {error}."
    otherwise = [
        _title(names)
        for shape, names in contest.shapes.items()
        if not set(cheapest(costs(shape, contest.variants, contest.by), contest.margin))
        & set(cheapest(costs(shape, contest.variants, contest.macs or contest.by)))
    ]
    if otherwise:
        names = ", ".join(otherwise)
        yield f"What has the fewest MACs isn't among the fastest in {names}."


def _next(found: Mapping[str, Cost], best: Sequence[str]) -> str:
    """The next one after the cheapest, and how many times as much it costs."""
    others = [name for name in found if name not in best]
    least = found[best[0]]
    if not others or not least:
        return ""
    second = min(others, key=lambda name: found[name])
    return f"{second}, {ratio(found[second] / least)} times"


def winner_table(contest: Contest, whole: Mapping[str, Any]) -> Table:
    """In how many layers each variant is cheapest, and what the best mix comes to."""
    rest = contest.rest
    least = min(whole["sums"].values())
    lines = []
    for name, value in (*whole["sums"].items(), ("cheapest for each layer", whole["mix"])):
        cells = [Cell(name), Cell(_wins(whole, name)), Cell(amount_text(value))]
        if rest is not None:
            cells.append(Cell(amount_text(value + rest)))
        base = least + (rest or 0)
        cells.append(Cell(ratio((value + (rest or 0)) / base) if base else "-"))
        lines.append(tuple(cells))
    layers = sum(map(len, contest.shapes.values()))
    columns = (
        Column("variant", "left"),
        Column("cheapest in"),
        Column(f"{contest.unit} of these layers"),
        *((Column(f"{contest.unit} of the network"),) if rest is not None else ()),
        Column("ratio"),
    )
    text = f"{plural(layers, 'layer')}; the ratio is to the best single variant"
    return Table(
        "one variant for all, or the cheapest for each layer", text, columns, (tuple(lines),)
    )


def _wins(whole: Mapping[str, Any], name: str) -> str:
    """In how many layers a variant is cheapest, and in how many of them another one equally."""
    if name not in whole["wins"]:
        return "-"
    equal = whole["equals"][name]
    return f"{whole['wins'][name]}{f', {equal} of them equally' if equal else ''}"


def crossing_table(
    contest: Contest, every: Mapping[Shape, Sequence[Crossing]], single: bool
) -> Table:
    """A line for each two variants and each kind of window; equal ones together."""
    counted: dict[tuple[str, str, str, str], int] = {}
    order: dict[str, None] = {}
    for shape, found in every.items():
        order[_window(shape)] = None
        for each in found:
            key = (_window(shape), each.first, each.second, _where(each, shape, single))
            counted[key] = counted.get(key, 0) + len(contest.shapes[shape])
    groups = tuple(
        tuple(
            (
                Cell(window),
                Cell(first),
                Cell(second),
                Cell(where),
                *(() if single else (Cell(str(count)),)),
            )
            for (window, first, second, where), count in counted.items()
            if window == group
        )
        for group in order
    )
    columns = (
        Column("kernel", "left"),
        Column("this variant", "left"),
        Column(f"needs fewer {contest.unit} than", "left"),
        Column("where", "left"),
        *(() if single else (Column("layers"),)),
    )
    title = "where one becomes cheaper than the other"
    return Table(title, ", ".join([LEGEND, *_own_symbols(contest)]), columns, groups)


def _own_symbols(contest: Contest) -> list[str]:
    """What the variants' own symbols stand for."""
    shape = next(iter(contest.shapes))
    return [
        f"{symbol} the {meaning} of {variant.name}"
        for variant in contest.variants
        for symbol, meaning in variant.own_symbols(shape.conv, shape.x)
    ]


def _where(crossing: Crossing, shape: Shape, single: bool) -> str:
    """`N > M`; for one layer with its numbers: `N > M·K²/(3·M + K²) = 2.87, and N = 128`."""
    if crossing.side in ("always", "never"):
        return str(crossing.side)
    if crossing.side == "equal":
        return "never: both cost the same"
    text, value = "for some N and not for others", ""
    if crossing.at is not None:
        sign = "<" if crossing.side == "below" else ">"
        text = f"N {sign} {crossing.formula or short_number(crossing.at)}"
        value = "" if crossing.formula is None else f" = {short_number(crossing.at)}"
    if not single:
        return text
    state = {True: "it does", False: "it doesn't", None: "both are equal"}[crossing.here]
    return f"{text}{value}; N = {shape.conv.out_channels}: {state}"


def map_table(contest: Contest, shape: Shape) -> Table:
    """Who is cheapest for other ratios, strides and kernels, the input being the layer's."""
    lines = []
    for kernel in KERNELS:
        for stride in STRIDES:
            other = shape.with_window(kernel, stride)
            winners = [_winner(contest, other, share) for share in RATIOS]
            lines.append((Cell(other.kernel), Cell(str(stride)), *map(Cell, winners)))
    columns = (
        Column("kernel", "left"),
        Column("stride"),
        *(Column(f"N = {share} M" if share != 1 else "N = M", "left") for share in RATIOS),
    )
    text = f"M = {shape.x.channels}, input {'x'.join(map(str, shape.x.size))}, padded to keep it"
    return Table(
        "the cheapest for other channels, strides and kernels", text, columns, (tuple(lines),)
    )


def _winner(contest: Contest, shape: Shape, share: Fraction) -> str:
    """The cheapest for that ratio of channels; a dash where there is no such whole number."""
    exact = shape.x.channels * share
    channels = round(exact)
    if abs(channels - exact) > exact * OFF:
        return "-"
    found = costs(shape.with_outputs(channels), contest.variants, contest.by)
    return " = ".join(cheapest(found, contest.margin))
