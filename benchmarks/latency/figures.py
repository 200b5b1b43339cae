"""How exact the formula is on timm's tables: `python -m benchmarks latency`, in a few minutes.

The known half of the networks' names, by a hash that was fixed first, is what every choice was made
on; all figures are of the other half.
"""

from collections.abc import Iterator, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table as Shown

from benchmarks.latency.drawn import Coefficients, measured, prior_without, usual
from benchmarks.latency.prototype import Prototype
from benchmarks.latency.tables import Point, Table, read_tables
from sepconv_cli.latency.draw import place_of, scored
from sepconv_cli.latency.fit import TimedNetwork, fitted
from sepconv_cli.latency.prior import Prior, plain_prior
from sepconv_cli.latency.score import Score, score

MANY, FEW, OF_FAMILIES = 40, 10, 60


def main() -> None:
    """Print all figures."""
    console = Console(width=150)
    tables = read_tables()
    known = usual(tables)
    exactness(console, tables, known)
    families(console, tables, known)
    transformers(console, tables)
    for table in tables:
        worst(console, table, known)


def exactness(console: Console, tables: Sequence[Table], known: dict[str, Coefficients]) -> None:
    """Fitted to few and to many networks, with what is usual elsewhere; the prototype beside."""
    columns = ("median error", "within 10 %", "within 20 %", "rank", "pairs")
    shown = Shown(
        "table", "fitted to", "held out", *columns, title="networks held out, by what was fitted"
    )
    for table in tables:
        points, prior = table.known(), prior_without(table, tables, known)
        rest = measured(table.unknown())
        for what, found in (
            (f"{MANY}", _fit(points[:MANY], rest, prior)),
            (f"{MANY}, no prior", _fit(points[:MANY], rest, plain_prior())),
            (f"{MANY}, prototype", _prototype(points[:MANY], rest)),
            (f"{FEW}", _fit(points[:FEW], rest, prior)),
            (f"{len(points)}", scored(known[table.name], rest)),
            ("nothing: MACs", _macs(rest)),
        ):
            shown.add_row(table.name, what, str(found.networks), *_columns(found))
        shown.add_section()
    console.print(shown)


def _fit(points: Sequence[Point], rest: Sequence[TimedNetwork], prior: Prior) -> Score:
    return scored(fitted(measured(points), prior), rest)


def _prototype(points: Sequence[Point], rest: Sequence[TimedNetwork]) -> Score:
    return _score(Prototype(measured(points)).predicted(rest).tolist(), rest)


def _macs(rest: Sequence[TimedNetwork]) -> Score:
    """As if seconds were as many as multiply-adds, at the median speed."""
    speed = median(each.seconds / (each.macs * each.samples) for each in rest)
    return _score([each.macs * each.samples * speed for each in rest], rest)


def _score(seconds: Sequence[float], rest: Sequence[TimedNetwork]) -> Score:
    truth, macs = [each.seconds for each in rest], [each.macs for each in rest]
    return score([each.name for each in rest], seconds, truth, macs)


def _columns(found: Score) -> Iterator[str]:
    for share in (found.median_error, found.within_10_percent, found.within_20_percent):
        yield f"{100 * share:.1f} %"
    yield f"{found.rank_correlation:.3f}"
    yield "-" if found.pairs_right is None else f"{100 * found.pairs_right:.1f} %"


def families(console: Console, tables: Sequence[Table], known: dict[str, Coefficients]) -> None:
    """Half the families, by their hash, are fitted; asked are the others, and networks of these."""
    shown = Shown(
        *("table", "families seen", "unseen", "times", "prototype seen", "unseen", "times"),
        title=f"{OF_FAMILIES} networks of half the families, median error on networks held out",
    )
    for table in tables:
        of_seen = [each for each in table.known() if _is_seen(each)][:OF_FAMILIES]
        prior = prior_without(table, tables, known)
        coefficients, prototype = fitted(measured(of_seen), prior), Prototype(measured(of_seen))
        parts = [
            measured([each for each in table.unknown() if _is_seen(each) == seen])
            for seen in (True, False)
        ]
        ours = [scored(coefficients, part).median_error for part in parts]
        theirs = [_score(prototype.predicted(part).tolist(), part).median_error for part in parts]
        cells = []
        for seen, unseen in (ours, theirs):
            cells += [f"{100 * seen:.1f} %", f"{100 * unseen:.1f} %", f"{unseen / seen:.2f}"]
        shown.add_row(table.name, *cells)
    console.print(shown)


def _is_seen(point: Point) -> bool:
    return place_of(point.family) < 0.5


def transformers(console: Console, tables: Sequence[Table]) -> None:
    """Networks with attention and mixers, apart: all of the known half fitted, of both kinds."""
    columns = ("median error", "within 10 %", "within 20 %", "rank", "pairs")
    shown = Shown("table", "held out", *columns, title="transformers, hybrids and mixers")
    for table in tables:
        points = table.known() + table.known(convolves=False)
        rest = measured(table.unknown(convolves=False))
        found = _fit(points, rest, plain_prior())
        shown.add_row(table.name, str(found.networks), *_columns(found))
    console.print(shown)


def worst(console: Console, table: Table, known: dict[str, Coefficients]) -> None:
    """The ten networks that are furthest off, and what is most of their predicted time."""
    from sepconv_cli.latency.formula import rates, spent

    numbers = rates(known[table.name])
    points = {each.measured.name: each for each in table.unknown()}
    found = scored(known[table.name], measured(list(points.values())))
    shown = Shown(
        *("network", "family", "predicted", "measured", "error", "most of what is predicted"),
        title=f"{table.name}: the ten worst of {found.networks}",
    )
    for each in found.worst:
        point = points[each.network]
        kinds: dict[str, float] = {}
        for work, many in point.measured.works:
            time = spent(work, numbers[work.kind], point.measured.samples).milliseconds * many
            name = f"uneven {work.kind}" if work.uneven else work.kind
            kinds[name] = kinds.get(name, 0.0) + time
        most = sorted(kinds, key=lambda name: -kinds[name])[:3]
        total = sum(kinds.values())
        why = ", ".join(f"{name} {100 * kinds[name] / total:.0f} %" for name in most)
        times = (f"{each.predicted * 1e3:.1f} ms", f"{each.measured * 1e3:.1f} ms")
        shown.add_row(each.network, point.family, *times, f"{100 * each.error:+.0f} %", why)
    console.print(shown)
