"""What a convention leaves open: layers that it doesn't know, or whose number nobody can tell."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from sepconv_cli.conventions._convention import Convention
from sepconv_cli.conventions._style import MODULES, Style
from sepconv_cli.errors import plural
from sepconv_cli.network import Node


class Gap(msgspec.Struct, frozen=True):
    """A layer that isn't counted. With a reason it can't be compared at all; without one the
    convention has no rule for its op.

    Of an opaque one there is the `function` that nobody could tell, and how many `elements` that
    puts out.
    """

    layer: str
    op: str
    reason: str | None = None
    function: str | None = None
    elements: int | None = None


def gaps(nodes: Iterable[Node], convention: Convention, style: Style = MODULES) -> tuple[Gap, ...]:
    """The gaps of a network under a convention, in the order of its nodes."""
    found = []
    for node in nodes:
        if node.op.is_opaque:
            function = getattr(node.op, "function", None)
            found.append(Gap(node.name, node.op.name, None, function, node.y.elements))
            continue
        if convention.knows is None:
            continue
        reason = convention.why_not(node, style)
        if reason or convention.leaves_out(node, style):
            found.append(Gap(node.name, node.op.name, reason))
    return tuple(found)


def sentences(found: Sequence[Gap], convention: Convention) -> list[str]:
    """The gaps in words, those of the same kind together."""
    unknown = unknown_ops(found)
    lines = []
    if unknown:
        ops = ", ".join(f"{op} ({plural(count, 'layer')})" for op, count in unknown.items())
        lines.append(f"{convention.name} has no rule for {ops}: not counted.")
    lines.extend(opaque_sentences(found))
    lines.extend(
        f"{gap.layer} ({gap.op}) is not comparable under {convention.name}: {gap.reason}."
        for gap in found
        if gap.reason is not None
    )
    return lines


def opaque_sentences(found: Iterable[Gap]) -> list[str]:
    """The opaque layers in words, by function: what no convention counts."""
    functions = opaque_text(found)
    return [f"Opaque, not counted: {functions}."] if functions else []


def opaque_text(found: Iterable[Gap]) -> str:
    """The functions that nobody could tell, each with its layers and elements; or nothing."""
    elements: dict[str, list[int]] = {}
    for gap in found:
        if gap.elements is not None:
            elements.setdefault(gap.function or gap.op, []).append(gap.elements)
    return ", ".join(
        f"{function} ({plural(len(each), 'layer')}, {plural(sum(each), 'element')})"
        for function, each in elements.items()
    )


def unknown_ops(found: Iterable[Gap]) -> dict[str, int]:
    """How many layers there are of each op that the convention has no rule for; none are opaque."""
    return dict(Counter(gap.op for gap in found if gap.reason is None and gap.elements is None))
