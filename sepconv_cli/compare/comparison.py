"""Costs side by side: ratios to the standard variant, and whether both engines agree.

Which cases there are is decided in choose.py, what a row holds in rows.py.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

import msgspec

from sepconv_cli.compare.agreement import Disagreement, Traces, disagreements
from sepconv_cli.compare.engines import TRACED_COUNTS, Engine, counted_by, tracer_for
from sepconv_cli.compare.rows import Row, Sides, layer_rows
from sepconv_cli.conventions import Convention, gaps
from sepconv_cli.cost import Cost, cost, peak_activations, receptive_fields, total
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.choose import Case, cases, rule
from sepconv_cli.lowering.options import Options
from sepconv_cli.lowering.settings import plain, points
from sepconv_cli.metrics import BYTES, DType
from sepconv_cli.network import Network


class Comparison(msgspec.Struct, frozen=True):
    """All rows of one comparison under one convention, and where the engines disagree."""

    convention: Convention
    dtype: DType
    rows: tuple[Row, ...]
    disagreements: tuple[Disagreement, ...] = ()


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
    per_layer: bool = False,
    depth: int | None = None,
    use_cache: bool = True,
) -> Comparison:
    """The costs of a spec's variants side by side.

    `grid` sets parameters, one mapping for each choice; `variants`, `options`, `rewrite` and
    `convention` choose as on the command line, an option by its name, as `"blueprint_s.p"` or
    as `{"blueprint_s": {"p": 0.25}}`. Numbers are taken as they are typed: the float 0.1 is one
    tenth. `per_layer` fills the rows' `layers`, folded to so many parts of their names where a
    `depth` is given. Raises SpecError for a spec that can't be built, UsageError for an engine
    that isn't installed and for what can't be set, TraceError where fvcore can't count.
    """
    counting = counted_by(convention, engine)
    rules = [rule(text) for text in _listed(rewrite)]
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
    analytic: bool = True,
    per_layer: bool = False,
    depth: int | None = None,
) -> Comparison:
    """The rows of these cases. There may be fewer traces than cases, while they arrive."""
    memo: dict[int, Cost] = {}
    size = BYTES[dtype]
    measured_against: Network | None = None
    rows: list[Row] = []
    found: list[Disagreement] = []
    for case, traced in zip_longest(planned, traces):
        if case.standard is not measured_against:
            measured_against = case.standard
            standard = _costs(measured_against, counting, memo)
            layers = [node.layer for node in measured_against.nodes]
            written = list(zip(layers, standard, strict=True))
            whole = total(standard)
        costs = _costs(case.network, counting, memo)
        differing = disagreements(case, costs, traced) if traced and analytic else {}
        found.extend(item for items in differing.values() for item in items)
        fields = receptive_fields(case.network) if per_layer else []
        sides = Sides(
            case.network.nodes,
            costs if analytic else None,
            traced,
            differing,
            size,
            fields,
            TRACED_COUNTS.get(counting.name),
        )
        rows.append(
            Row(
                network=case.spec.name,
                file=case.spec.source.name,
                settings=plain(case.settings),
                variant=case.variant.name,
                input=str(case.network.input),
                peak_activation_bytes=size * peak_activations(case.network) if analytic else None,
                gaps=gaps(case.network.nodes, counting),
                unused_layers=case.network.unused,
                layers=layer_rows(sides, written, depth) if per_layer else (),
                **sides.figures(range(len(costs)), whole),
            )
        )
    return Comparison(counting, dtype, tuple(rows), tuple(found))


def _listed(texts: str | Sequence[str]) -> Sequence[str]:
    """A single text is a list of one, and not of its letters."""
    return [texts] if isinstance(texts, str) else texts


def _costs(network: Network, rule: Convention, memo: dict[int, Cost]) -> list[Cost]:
    """The cost of each node; variants share the nodes that they leave as they are."""
    found: list[Cost] = []
    for node in network.nodes:
        key = id(node)
        if key not in memo:
            memo[key] = cost(node, rule)
        found.append(memo[key])
    return found
