"""What a user asks for, as a question and a plan, and the run of both."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from sepconv_cli.conventions import convention, gaps, opaque_sentences
from sepconv_cli.errors import SpecError, UsageError, did_you_mean, plural
from sepconv_cli.files.writer import ENDINGS, check_output
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.choose import rule, variant_options
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.settings import MAX_CASES, Settings
from sepconv_cli.metrics import named_devices
from sepconv_cli.network import BYTES, DType, Network
from sepconv_cli.show.table import Report
from sepconv_cli.sweep.check import sample
from sepconv_cli.sweep.goals import Goal, goal
from sepconv_cli.sweep.grid import Grid, read_grid
from sepconv_cli.sweep.metrics import Metrics
from sepconv_cli.sweep.question import Question
from sepconv_cli.sweep.report import SHOWN, label, sweep_report
from sepconv_cli.sweep.run import Plan, SweepOutcome, run_sweep
from sepconv_cli.sweep.where import budgets, read_where


class SweepRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a sweep, as they were typed.

    `rows` is how many points that merely fit are in the report; None is a screenful.
    """

    settings: tuple[str, ...]
    variants: tuple[str, ...] = ()
    options: dict[str, str] = {}
    rewrite: tuple[str, ...] = ()
    where: str | None = None
    pareto: str | None = None
    top: int | None = None
    by: str | None = None
    convention: str = "macs"
    dtype: DType = "float32"
    device: tuple[str, ...] = ()
    batch: int | None = None
    plot: Path | None = None
    plot_over: str | None = None
    output: Path | None = None
    rows: int | None = None


class Done(msgspec.Struct, frozen=True, eq=False):
    """A sweep's report, one line on how it went, the layers that lead to no output, and all that
    came out."""

    report: Report
    summary: str
    unused: tuple[str, ...]
    outcome: SweepOutcome


def is_data(path: Path) -> bool:
    """Whether a file of that name takes points, and not a report."""
    return path.suffix.lower() in ENDINGS


def sweep(spec: Spec, request: SweepRequest) -> Done:
    """Run a sweep. Raises SpecError, and UsageError for what can't be done as it was asked."""
    grid = read_grid(request.settings)
    _refuse_unknown(spec, grid)
    question, plan = _question(spec, grid, request)
    if request.output is not None:
        check_output(request.output)
    if request.plot is not None:
        from sepconv_cli.show.chart import check_picture

        check_picture(request.plot)
    outcome = run_sweep(question, grid, plan)
    if request.plot is not None:
        _plot(outcome, request.plot)
    shown = SHOWN if request.rows is None else request.rows
    networks = _networks(spec, grid)
    unused = tuple(dict.fromkeys(name for network in networks for name in network.unused))
    nodes = networks[0].nodes if networks else ()
    opaque = opaque_sentences(gaps(nodes, question.metrics.convention))
    found = sweep_report(outcome, shown, unused, opaque)
    return Done(found, sweep_summary(outcome, plan, shown), unused, outcome)


def swept(request: SweepRequest) -> list[Settings]:
    """What the request sets, one parameter at a time: each of its values. Raises UsageError."""
    axes = read_grid(request.settings).axes
    return [{axis.name: axis.value(at)} for axis in axes for at in range(min(axis.size, MAX_CASES))]


def sweep_summary(outcome: SweepOutcome, plan: Plan, shown: int) -> str:
    """How much was worked out, and how fast."""
    points = outcome.sweep.grid.size
    variants = len(outcome.seen)
    rate = points * variants / max(outcome.seconds, 1e-9)
    times = f" x {plural(variants, 'variant')}" if variants > 1 else ""
    written = f"; written to {plan.output}" if plan.output else ""
    if outcome.shown is not None and outcome.shown.size > shown > SHOWN:
        written += f"; the first {shown:,} of {outcome.found:,} are listed, -o writes all"
    return (
        f"{plural(points, 'point')}{times} in {outcome.seconds:.2f} s, {rate:,.0f} a second; "
        f"{outcome.checked} of them checked one by one{written}"
    )


def _networks(spec: Spec, grid: Grid) -> list[Network]:
    """The networks of the points that are checked one by one, without those that are invalid."""
    found = []
    for point in sample(grid):
        with suppress(SpecError):
            found.append(lower(spec, grid.settings(point)))
    return found


def _refuse_unknown(spec: Spec, grid: Grid) -> None:
    for axis in grid.axes:
        if axis.name not in spec.parameters:
            hint = did_you_mean(axis.name, spec.parameters)
            raise UsageError(f"{spec.name} has no parameter {axis.name} to set", hint)


def _question(spec: Spec, grid: Grid, request: SweepRequest) -> tuple[Question, Plan]:
    devices = named_devices(request.device, request.batch)
    metrics = Metrics(convention(request.convention), BYTES[request.dtype], devices)
    axes = [axis.name for axis in grid.axes]
    where = read_where(request.where, metrics, axes) if request.where is not None else None
    wanted = [] if request.pareto is None else request.pareto.split(",")
    pareto = tuple(goal(text, metrics, axes) for text in wanted)
    if request.by is not None and request.top is None and request.plot is None:
        raise UsageError("--by says what --top and --plot go by", "--top 20 --by macs")
    by = goal(request.by, metrics, axes) if request.by else Goal(metrics.count)
    named = [each.name for each in (*pareto, by)]
    named += [found for name in (where.names if where else ()) if (found := metrics.name(name))]
    rules = tuple(rule(text) for text in request.rewrite)
    question = Question(
        spec,
        variant_options(spec, request.variants, request.options, rules),
        rules,
        metrics,
        _wanted(metrics, named, request.output is not None),
        where,
    )
    plan = Plan(
        pareto=pareto,
        top=request.top,
        by=by,
        output=request.output,
        plot=_plotted(metrics, by) if request.plot else None,
        axis=request.plot_over,
        most=request.rows or SHOWN,
    )
    return question, plan


def _wanted(metrics: Metrics, named: list[str], written: bool) -> tuple[str, ...]:
    """The numbers that are worked out: those that are shown, and all where points are written."""
    return tuple(
        name
        for name in metrics.names
        if name in metrics.shown or name in named or (written and name in metrics.columns)
    )


def _plotted(metrics: Metrics, by: Goal) -> str:
    return by.name if by.name in metrics.names else metrics.count


def _plot(outcome: SweepOutcome, path: Path) -> None:
    from sepconv_cli.sweep.plot import draw

    series: Any = outcome.series
    question = outcome.sweep.question
    title = f"{question.spec.name}: {label(question.metrics, series.metric)} by {series.axis.name}"
    limits = budgets(question.where, series.metric)
    draw(series, title, label(question.metrics, series.metric), limits, path)
