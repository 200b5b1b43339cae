"""Why tools disagree about a network: each convention's number, term by term.

What the terms are is said in conventions/, the tools are run in trace/tools/. A number
that somebody read somewhere is looked for in against.py.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from sepconv_cli.conventions import MODULES, TERMS, Convention, Gap, Style, Term, convention, gaps
from sepconv_cli.network import Network
from sepconv_cli.registry import names
from sepconv_cli.trace.tools import ToolError, missing_packages, run_tool, stated_version

# The default first, then tools by how much they are used.
_ORDER = ("macs", "fvcore", "ptflops", "ptflops-aten", "thop", "torchinfo", "calflops-macs")

RunStatus = Literal["confirmed", "differs", "not comparable", "not installed", "failed"]


class ToolRun(msgspec.Struct, frozen=True):
    """What the tool itself says of the built module; `why` is for what couldn't be measured."""

    tool: str
    status: RunStatus
    measured: int | None = None
    why: str = ""


class Breakdown(msgspec.Struct, frozen=True):
    """A convention's number for a network, and the terms that it is the sum of.

    `count` is None where a layer isn't comparable: then the terms are those of the others.
    """

    convention: Convention
    terms: Mapping[Term, int]
    gaps: tuple[Gap, ...]
    count: int | None
    run: ToolRun | None = None


def breakdown(network: Network, convention: Convention, style: Style = MODULES) -> Breakdown:
    """A network's number under a convention, term by term."""
    sums = dict.fromkeys(TERMS, 0)
    for node in network.nodes:
        for term, amount in (convention.terms(node, style) or {}).items():
            sums[term] += amount
    terms = {term: amount for term, amount in sums.items() if amount}
    found = gaps(network.nodes, convention, style)
    comparable = all(gap.reason is None for gap in found)
    return Breakdown(convention, terms, found, sum(terms.values()) if comparable else None)


def beside(default: Breakdown, column: Breakdown) -> list[tuple[Term, int]]:
    """The terms by which a number differs from the default, and by how much."""
    differences = [(term, column.terms.get(term, 0) - default.terms.get(term, 0)) for term in TERMS]
    return [(term, difference) for term, difference in differences if difference]


def reconcile(
    network: Network, wanted: Sequence[str] = (), style: Style = MODULES, run: bool = False
) -> tuple[Breakdown, ...]:
    """The network under the conventions wanted, or under all; the default is always the first.

    With `run` the tools that are installed count the built module too. Raises UsageError.
    """
    chosen = [convention(name) for name in dict.fromkeys(("macs", *(wanted or _known())))]
    columns = [breakdown(network, each, style) for each in chosen]
    if not run:
        return tuple(columns)
    return tuple(
        msgspec.structs.replace(column, run=_run(column, network, style)) for column in columns
    )


def _known() -> list[str]:
    known = names("conventions")
    return [*_ORDER, *(name for name in known if name not in _ORDER)]


def _run(column: Breakdown, network: Network, style: Style) -> ToolRun | None:
    """What the tool of that name says; None for a convention that is no tool's."""
    name = column.convention.name
    if name not in names("trace/tools"):
        return None
    tool = stated_version(name)
    absent = missing_packages(name)
    if absent:
        return ToolRun(tool, "not installed", why=f"pip install {' '.join(absent)}")
    try:
        measured = run_tool(name, network, style)
    except ToolError as error:
        status: RunStatus = "not comparable" if column.count is None else "failed"
        return ToolRun(tool, status, why=str(error))
    if column.count is None:
        return ToolRun(tool, "not comparable", measured)
    return ToolRun(tool, "confirmed" if measured == column.count else "differs", measured)
