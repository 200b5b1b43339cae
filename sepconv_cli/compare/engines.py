"""Which engines count: by formula, by tracing with fvcore, or both."""

from collections.abc import Callable, Mapping
from typing import Literal

from sepconv_cli.compare.agreement import Traces
from sepconv_cli.compare.rows import TracedCount
from sepconv_cli.conventions import Convention, convention
from sepconv_cli.errors import UsageError
from sepconv_cli.network import Network
from sepconv_cli.trace import missing, trace

Engine = Literal["auto", "analytic", "trace", "both"]
TRACE_HINT = "pip install 'sepconv[trace]'"

TRACED_COUNTS: Mapping[str, TracedCount] = {
    "macs": lambda node: node.macs,
    "fvcore": lambda node: node.total if node.operators else None,
}
"""The conventions by which fvcore counts a trace, and where it says so."""


def counted_by(name: str, engine: Engine) -> Convention:
    """The convention of that name. Raises UsageError, also where the engine can't count by it."""
    found = convention(name)
    if engine == "trace" and found.name not in TRACED_COUNTS:
        raise UsageError(
            f"--engine trace counts by {' and '.join(TRACED_COUNTS)}, not by {found.name}",
            "sepconv reconcile --run asks the tool itself",
        )
    return found


def tracer_for(
    engine: Engine, use_cache: bool = True, asked: str = ""
) -> Callable[[Network], Traces] | None:
    """How an engine traces a network; None where it doesn't.

    Raises UsageError that names the option by which it was `asked` for.
    """
    absent = missing() if engine != "analytic" else ()
    if engine == "analytic" or (engine == "auto" and absent):
        return None
    if absent:
        raise UsageError(
            f"{asked or f'--engine {engine}'} needs {' and '.join(absent)}", TRACE_HINT
        )
    return lambda network: trace(network, use_cache)
