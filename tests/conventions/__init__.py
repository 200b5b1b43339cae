"""Every convention is held to its tool, which counts the module that we build."""

from collections.abc import Iterable

from sepconv_cli.conventions import MODULES, Style, convention
from sepconv_cli.network import Network, Node, Op, Tensor
from sepconv_cli.registry import names
from sepconv_cli.trace.tools import ToolError, run_tool

TOOLS = names("trace/tools")


def alone(op: Op, *inputs: Tensor) -> Network:
    """A network of one op; a merge reads the network's input as often as it has inputs."""
    x, *others = inputs
    y, sources = op.shape_of(inputs), (-1,) * len(inputs)
    node = Node("layer", "layer", op, x, y, others=tuple(others), sources=sources)
    return Network(x, (node,))


def told(tool: str, network: Network, style: Style = MODULES) -> int | None:
    """What the tool's convention says; None where it says that nobody can tell."""
    counting = convention(tool)
    if any(counting.why_not(node, style) for node in network.nodes):
        return None
    return sum(sum((counting.terms(node, style) or {}).values()) for node in network.nodes)


def differences(
    network: Network, style: Style = MODULES, tools: Iterable[str] = TOOLS
) -> dict[str, tuple[int, int | str]]:
    """The tools whose convention is wrong: what it says, and what the tool does.

    A tool that fails is a difference too, unless the convention says that it can't be compared.
    """
    found: dict[str, tuple[int, int | str]] = {}
    for tool in tools:
        expected = told(tool, network, style)
        if expected is None:
            continue
        try:
            counted: int | str = run_tool(tool, network, style)
        except ToolError as error:
            counted = str(error)
        if counted != expected:
            found[tool] = (expected, counted)
    return found
