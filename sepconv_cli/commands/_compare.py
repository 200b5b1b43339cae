"""The road that `compare` and `layer` share: count, show, trace, show again."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sepconv_cli.commands._output import screen, to_stderr, write
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.compare.agreement import Traces
from sepconv_cli.compare.comparison import Comparison, compared
from sepconv_cli.compare.engines import TRACE_HINT, Engine, counted_by, tracer_for
from sepconv_cli.compare.report import comparison_report
from sepconv_cli.errors import UsageError
from sepconv_cli.lowering.choose import Case
from sepconv_cli.network import DType, Network

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device


class ComparisonRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How the cases are to be counted and shown."""

    convention: str
    strict: bool
    engine: Engine
    dtype: DType
    devices: "tuple[Device, ...]"
    per_layer: bool
    depth: int | None
    use_cache: bool
    format: str | None
    output: Path | None
    quiet: bool


def count_and_show(cases: Sequence[Case], request: ComparisonRequest) -> int:
    """Count the cases, show them, and return the exit code.

    1 where the engines disagree or, where that is asked, where a layer isn't counted.
    """
    if request.devices and request.engine == "trace":
        raise UsageError("--engine trace counts, and latencies are predicted by formula")
    unused = refuse_unused(cases, strict=request.strict, quiet=request.quiet)
    counted_by(request.convention, request.engine)
    tracer = tracer_for(request.engine, request.use_cache)
    traces: list[Traces] = []
    if tracer is None:
        if request.engine == "auto" and not request.quiet:
            to_stderr(f"hint: counted by formula only; to check it by tracing: {TRACE_HINT}")
    elif _is_live(request):
        traces = _trace_live(cases, request, tracer)
    else:
        traces = [tracer(case.network) for case in cases]
    comparison = _compared(cases, traces, request)
    write(comparison_report(comparison), request.format, request.output)
    for disagreement in comparison.disagreements:
        to_stderr(f"the engines disagree: {disagreement}")
    left_out = request.strict and any(row.gaps for row in comparison.rows)
    if left_out:
        to_stderr(f"--strict: {comparison.convention.name} doesn't count every layer")
    return 1 if comparison.disagreements or left_out or unused else 0


def _compared(
    cases: Sequence[Case], traces: Sequence[Traces], request: ComparisonRequest
) -> Comparison:
    return compared(
        cases,
        traces,
        counted_by(request.convention, request.engine),
        request.dtype,
        devices=request.devices,
        analytic=request.engine != "trace",
        per_layer=request.per_layer,
        depth=request.depth,
    )


def _is_live(request: ComparisonRequest) -> bool:
    """Whether somebody watches the table that the traces arrive in."""
    if request.format not in (None, "terminal") or request.output is not None:
        return False
    return sys.stdout is not None and sys.stdout.isatty()


def _trace_live(
    cases: Sequence[Case], request: ComparisonRequest, tracer: Callable[[Network], Traces]
) -> list[Traces]:
    """Trace with the table on the screen, its trace columns filling in; it is then cleared."""
    from rich.console import Console
    from rich.live import Live

    from sepconv_cli.formats._rich import renderable

    where = screen()
    console = Console(width=where.width, no_color=not where.color, highlight=False)

    def picture(traces: Sequence[Traces]) -> object:
        return renderable(
            comparison_report(_compared(cases, traces, request), pending=True), console.width
        )

    traces: list[Traces] = []
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for case in cases:
            live.update(picture(traces), refresh=True)  # type: ignore[arg-type]
            traces.append(tracer(case.network))
    return traces
