"""Costs side by side: ratios to the standard variant, and whether both engines agree.

Which cases there are is decided in choose.py, what a row holds in rows.py.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, get_args

import msgspec

from sepconv_cli.compare.agreement import Disagreement, Traces, disagreements
from sepconv_cli.compare.engines import TRACED_COUNTS, Engine, counted_by, tracer_for
from sepconv_cli.compare.rows import Row, Sides, doubts, holders, layer_rows
from sepconv_cli.conventions import Convention, gaps
from sepconv_cli.cost import receptive_fields
from sepconv_cli.errors import UsageError, did_you_mean
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.choose import Case, cases, rule
from sepconv_cli.lowering.options import Options
from sepconv_cli.lowering.settings import plain_settings, points
from sepconv_cli.metrics import Amounts, Context, Scope, named_devices
from sepconv_cli.network import BYTES, DType

if TYPE_CHECKING:
    from sepconv_cli.latency.device import Device


class Comparison(msgspec.Struct, frozen=True):
    """All rows of one comparison under one convention, and where the engines disagree.

    `devices` are those that latencies are predicted on.
    """

    convention: Convention
    dtype: DType
    rows: tuple[Row, ...]
    disagreements: tuple[Disagreement, ...] = ()
    devices: "tuple[Device, ...]" = ()


def compare(
    spec: Spec | Sequence[Spec],
    *,
    grid: Sequence[Mapping[str, object]] = ({},),
    variants: Sequence[str] = (),
    options: Options | None = None,
    rewrite: Sequence[str] = (),
    convention: str = "macs",
    engine: Engine = "auto",
    dtype: DType = "float32",
    device: str | Sequence[str] = (),
    batch: int | None = None,
    per_layer: bool = False,
    depth: int | None = None,
    use_cache: bool = True,
) -> Comparison:
    """The costs of a spec's variants side by side.

    `grid` sets parameters, one mapping for each choice; `variants`, `options`, `rewrite` and
    `convention` choose as on the command line, an option by its name, as `"blueprint_s.p"` or
    as `{"blueprint_s": {"p": 0.25}}`. Numbers are taken as they are typed: the float 0.1 is one
    tenth. `device` names devices, or files of profiles, that latencies are predicted on, for a
    `batch` of so many samples, by default what the profile was measured with: `row["latency"]` in
    milliseconds, and of several devices `row["latency_NAME"]`. `per_layer` fills the rows'
    `layers`, folded to so many parts of their names where a `depth` is given.
    Raises SpecError for a spec that can't be built, UsageError for an engine that isn't installed
    and for what can't be set, TraceError where fvcore can't count.
    """
    _refuse_unknown("engine", engine, get_args(Engine))
    _refuse_unknown("dtype", dtype, get_args(DType))
    counting = counted_by(convention, engine)
    rules = [rule(text) for text in _listed(rewrite)]
    if isinstance(spec, str):
        raise UsageError(f"{spec} is a name and not a spec", f"load it: compare(load({spec!r}))")
    specs = [spec] if isinstance(spec, Spec) else spec
    chosen, every_point = _listed(variants), points(grid)
    planned = [case for one in specs for case in cases(one, every_point, chosen, options, rules)]
    tracer = tracer_for(engine, use_cache)
    traces = [tracer(case.network) for case in planned] if tracer else []
    return compared(
        planned,
        traces,
        counting,
        dtype,
        devices=named_devices(_listed(device), batch),
        analytic=engine != "trace",
        per_layer=per_layer,
        depth=depth,
    )


def compared(
    planned: Sequence[Case],
    traces: Sequence[Traces],
    counting: Convention,
    dtype: DType = "float32",
    *,
    devices: "tuple[Device, ...]" = (),
    analytic: bool = True,
    per_layer: bool = False,
    depth: int | None = None,
) -> Comparison:
    """The rows of these cases. There may be fewer traces than cases, while they arrive."""
    amounts = Amounts(Context(counting, BYTES[dtype], devices))
    rows: list[Row] = []
    found: list[Disagreement] = []
    for case, traced in zip_longest(planned, traces):
        # Where a variant leaves everything as it is, it costs what the standard one does.
        network = case.standard if case.network == case.standard else case.network
        differing = disagreements(case, traced) if traced and analytic else {}
        found.extend(item for items in differing.values() for item in items)
        sides = Sides(
            amounts=amounts,
            network=network,
            standard=case.standard,
            is_analytic=analytic,
            traced=traced,
            differing=differing,
            fields=receptive_fields(network) if per_layer else [],
            traced_count=TRACED_COUNTS.get(counting.name),
            held=holders(network, devices) if per_layer else {},
        )
        row = Row(
            network=case.spec.name,
            file=case.spec.source.name,
            settings=plain_settings(case.settings),
            variant=case.variant.name,
            input=str(network.input),
            gaps=gaps(network.nodes, counting),
            unused_layers=network.unused,
            unlike=doubts(network, devices),
            layers=layer_rows(sides, depth) if per_layer else (),
            **sides.counted(Scope(network), Scope(case.standard)),
        )
        rows.append(row)
    return Comparison(counting, dtype, tuple(rows), tuple(found), devices)


def _refuse_unknown(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise UsageError(f"no {what} is called {name}", did_you_mean(name, known))


def _listed(texts: str | Sequence[str]) -> Sequence[str]:
    """A single text is a list of one, and not of its letters."""
    return [texts] if isinstance(texts, str) else texts
