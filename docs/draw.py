"""Draws docs/conventions.md, docs/metrics.md and the tables of docs/batch.md from the registries.

Run as `python docs/draw.py`. A test holds each page to what is drawn.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from sepconv_cli.batch.rows import SpecLayerRow, SpecRow, meanings
from sepconv_cli.batch.write import record_fields
from sepconv_cli.conventions import TERMS, Convention
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.metrics import Metric, listed, metric
from sepconv_cli.network import Network, Node, Op, Tensor
from sepconv_cli.ops.conv import Conv
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.interpolate import Interpolate
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.ops.scaled_dot_product_attention import ScaledDotProductAttention
from sepconv_cli.ops.upsample import Upsample
from sepconv_cli.reconcile.breakdown import Breakdown, reconcile
from sepconv_cli.registry import get, names, record

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

# The columns of the measured numbers, by the conventions that they are of.
MEASURED = {
    "fvcore": "fvcore",
    "ptflops": "ptflops_pytorch",
    "ptflops-aten": "ptflops_aten",
    "thop": "thop",
    "torchinfo": "torchinfo",
    "calflops-macs": "calflops_macs",
    "bsconv": "bsconv_profiler",
    "calflops": "calflops_flops",
    "torch": "torch_flop_counter",
}
TYPES = {"whole": "int64", "float": "double", "truth": "bool", "text": "string"}
NETWORKS = ("ResNet-50", "MobileNetV1 1.0")

# Nodes that some tool can't be told for.
DOUBTFUL: tuple[tuple[Op, tuple[Tensor, ...]], ...] = (
    (MultiHeadAttention(num_heads=4), (Tensor(16, (10,)),)),
    (ScaledDotProductAttention(), (Tensor(4, (10, 16)),) * 3),
    (Conv(out_channels=8, kernel_size=(3,)), (Tensor(8, (5,)),)),
    (Embedding(num_embeddings=20, embedding_dim=4), (Tensor(10),)),
    (Upsample(scale_factor=(2, 3)), (Tensor(8, (5, 5)),)),
    (Interpolate(scale_factor=(Fraction(2), Fraction(3))), (Tensor(8, (5, 5)),)),
)

OPENING = """\
# MACs, FLOPs, and why tools disagree

<!-- Drawn by docs/draw.py from the conventions: change those, and run it again. -->

*"Is this MACs or FLOPs, and why do I get 4.12 G for ResNet-50 where the paper says 4.09 G?"*

- A **MAC** (multiply-accumulate, multiply-add, mult-add) is a multiplication and the addition of
  its product to a sum. Convolutions, linear layers and matrix products are made of these.
- A **FLOP** is one floating-point operation, so a MAC is two. Many papers and tools count MACs and
  print "FLOPs".
- A **convention** is what is counted, and what each of it weighs. The multiplications of
  convolutions and linear layers are in all of them. Biases, norms, activations and pools are in
  some, each by a rule of its own.

| if your number is | then |
| --- | --- |
| about twice the other | one is FLOPs and the other MACs, whatever they are called |
| larger by a few percent or less | it holds biases, norms, activations or pools, perhaps twice |
| off by more, or smaller | a tool is mistaken about a layer, or left layers out |

`sepconv reconcile SPEC` takes every tool's number for a network apart, and
`sepconv reconcile SPEC --against 4.12G` finds the convention that a number follows.
"""

TERMS_IN_WORDS = """\
*Additions* are those of products to their sums, *merges* what joins branches, and global pools are
*adaptive pools*. What a tool counts a second time is *counted twice*; *miscounted* is by how much
it is wrong about multiplications, which may be below zero.
"""

ONE_BY_ONE = """\
## The conventions, one by one

`macs` and `flops` are this program's own, each of the others is a tool's. Numbers are for one
sample, in evaluation.
"""


METRICS = """\
# Metrics

<!-- Drawn by docs/draw.py from the metrics: change those, and run it again. -->

A metric is a number that networks are compared, limited, sorted and plotted by. Each is for one
sample. The rows of `compare -f json` and of `batch` hold all of them, and of each, as `NAME_ratio`,
the ratio to the standard variant. By these names `check` limits them (`max`, `min`, `max_growth`,
`max_ratio`), `sweep` filters, sorts and draws them (`--where`, `--by`, `--pareto`), `batch --by`
ranks them and `crossover --by` compares those that a layer has by itself. `diff -f json` has all of
them on both sides. Every convention's name is a metric too: its count, whatever `--convention` says
([conventions](conventions.md)).
"""
COMBINED = {
    "sum": "adds up over layers",
    "max": "the largest of the levels over time; a layer's is the level while it runs",
    "quotient": "a quotient, for a network as for a layer that of its sums",
}
NEEDS = {
    "dtype": "depends on `--dtype`",
    "convention": "depends on `--convention`",
    "device": "depends on a device",
}


def pages() -> dict[Path, str]:
    """Every page that is drawn, as it should be."""
    return {
        DOCS / "conventions.md": page(),
        DOCS / "metrics.md": metrics_page(),
        DOCS / "batch.md": batch_page((DOCS / "batch.md").read_text()),
    }


def metrics_page() -> str:
    """The metrics in one table, then one by one."""
    found = sorted((*listed(), metric("latency")), key=lambda one: one.order)
    lines = [(f"[{one.name}](#{one.name})", one.unit or "-", one.meaning) for one in found]
    return "\n".join(
        [METRICS, _table(("metric", "unit", "meaning"), lines), *map(_metric_section, found)]
    )


def _metric_section(metric: Metric) -> str:
    about = (get("metrics", metric.name).__doc__ or "").strip()
    made = f" Made of {' and '.join(f'`{name}`' for name in metric.of)}." if metric.of else ""
    facts = [COMBINED[metric.combine], *(NEEDS[need] for need in sorted(metric.needs))]
    exact = "exact" if metric.exact else "an estimate"
    return f"## {metric.name}\n\n{about}\n\nIt is {exact}; {'; '.join(facts)}.{made}\n"


def batch_page(text: str) -> str:
    """The page with the tables of its columns as the records have them."""
    head = "| column | type | meaning |\n|---|---|---|\n"
    first, *rest = text.split(head)
    tables: tuple[type[msgspec.Struct], ...] = (SpecRow, SpecLayerRow)
    for table, after in zip(tables, rest, strict=True):
        says = meanings(table)
        rows = (
            f"| `{field.name}` | {TYPES[field.kind]} | {says[field.name]} |\n"
            for field in record_fields(table)
        )
        first += head + "".join(rows) + "\n" + after.partition("\n\n")[2]
    return first


def page() -> str:
    """The page of the conventions."""
    resnet = _network("resnet", depth=50)
    columns = reconcile(resnet)
    conventions = [column.convention for column in columns]
    parts = [
        OPENING,
        _by_tool(conventions),
        _apart(columns),
        _overview(conventions),
        ONE_BY_ONE,
        *(_section(convention) for convention in conventions),
        _single_layers(),
    ]
    return "\n".join(parts)


def _by_tool(conventions: Iterable[Convention]) -> str:
    labels = {row["layer"]: row for row in _measured()}
    rows = [next(labels[label] for label in labels if label.startswith(name)) for name in NETWORKS]
    lines = [
        (
            _link(convention),
            convention.meaning.partition(":")[0],
            f"{convention.unit}s",
            *_cells(convention.name, rows),
        )
        for convention in conventions
        if convention.name in MEASURED
    ]
    return (
        "## Two networks, by every tool\n\nMeasured with the tools themselves, at 224x224.\n\n"
        + _table(("convention", "what it prints", "is", *NETWORKS), lines, numbers=len(NETWORKS))
    )


def _apart(columns: Sequence[Breakdown]) -> str:
    """What ResNet-50's number is made of under each convention, beside its multiplications."""
    multiplications = columns[0].terms["multiplications"]
    lines = []
    for column in columns:
        rest = [f"{n:,} {term}" for term, n in column.terms.items() if term != "multiplications"]
        lines.append((_link(column.convention), " + ".join(rest) or "nothing"))
    return (
        f"ResNet-50's {multiplications:,} multiplications, its {multiplications / 1e9:.2f} G, are "
        "in every number.\n\n" + _table(("convention", "what else it counts in ResNet-50"), lines)
    )


def _overview(conventions: Sequence[Convention]) -> str:
    lines = [
        (term, *("yes" if term in convention.reasons else "-" for convention in conventions))
        for term in TERMS
        if any(term in convention.reasons for convention in conventions)
    ]
    table = _table(("", *(convention.name for convention in conventions)), lines)
    return f"## What each counts\n\n{table}\n{TERMS_IN_WORDS}"


def _section(convention: Convention) -> str:
    """What there is to say of a convention: its file's docstring, its terms, what it leaves out."""
    about = (get("conventions", convention.name).__doc__ or "").strip()
    terms = [(term, convention.reasons[term]) for term in TERMS if term in convention.reasons]
    table = _table(("term", "how it counts"), terms)
    facts = "".join(f"- {fact}\n" for fact in _facts(convention))
    return f"### {convention.name}\n\n{about}\n\n{table}\n{facts}"


def _facts(convention: Convention) -> Iterator[str]:
    yield f"Unit: {convention.unit}."
    yield from convention.notes
    unknown = [op for op in names("ops") if _works(op) and op not in _known(convention)]
    if unknown:
        yield f"Has no rule for, and counts nothing: {', '.join(f'`{op}`' for op in unknown)}."
    doubts = "; ".join(f"`{op}` ({reason})" for op, reason in _doubts(convention))
    if doubts:
        yield f"Not comparable: {doubts}."


def _known(convention: Convention) -> Iterable[str]:
    """The ops that a convention counts, or can't be compared in."""
    listed = names("ops") if convention.knows is None else convention.knows
    return {*listed, *(op for op, _ in _doubts(convention))}


def _works(name: str) -> bool:
    """Whether an op does any arithmetic."""
    op: type[Op] = record("ops", name)
    return op.work is not Op.work or op.work_on is not Op.work_on


def _doubts(convention: Convention) -> Iterator[tuple[str, str]]:
    for op, inputs in DOUBTFUL:
        x, *others = inputs
        node = Node("layer", "layer", op, x, op.shape_of(inputs), others=tuple(others))
        reason = convention.why_not(node)
        if reason:
            yield op.name, reason


def _single_layers() -> str:
    rows = [row for row in _measured() if not row["layer"].startswith(NETWORKS)]
    lines = [
        (row["layer"], row["input"], *(cell for name in MEASURED for cell in _cells(name, [row])))
        for row in rows
    ]
    return (
        f"## Single layers, measured\n\nWith {_versions()}.\n"
        "The first size of an input is the batch, by which all but `ptflops` multiply. A kernel\n"
        "has its one size on every axis. A dash is where the tool fails.\n\n"
        + _table(("layer", "input", *MEASURED), lines, numbers=len(MEASURED))
    )


def _versions() -> str:
    """The tools and torch, as they were when the tests ran with them."""
    pins = dict(re.findall(r"^(.+)==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    packages = {get("trace/tools", name).PACKAGES[0] for name in names("trace/tools")}
    return ", ".join(f"{package} {pins[package]}" for package in sorted(packages))


def _measured() -> list[dict[str, str]]:
    text = (ROOT / "tests" / "published" / "conventions.csv").read_text()
    return list(csv.DictReader(text.splitlines()))


def _cells(name: str, rows: Iterable[dict[str, str]]) -> list[str]:
    found = (row[MEASURED[name]] for row in rows)
    return [f"{int(number):,}" if number else "-" for number in found]


def _network(name: str, **settings: int) -> Network:
    (case,) = cases(load(f"zoo:{name}"), [settings], ["standard"])
    return case.network


def _link(convention: Convention) -> str:
    return f"[{convention.name}](#{convention.name})"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table whose last columns, so many, are numbers."""
    dashes = ["---"] * (len(titles) - numbers) + ["---:"] * numbers
    return "".join("| " + " | ".join(row) + " |\n" for row in (titles, dashes, *rows))


if __name__ == "__main__":
    for file, text in pages().items():
        file.write_text(text)
