"""The conventions, one file each: what a piece of arithmetic weighs, or what a tool knows.

A convention of the program's own weighs the kind and role of `Work`, and so knows every op. A
tool's lists the ops that the tool knows, each with how it counts them; an op that isn't in the
list is a gap, and is named. What is not counted is None and never 0. The tools themselves are
run in trace/tools/.
"""

from sepconv_cli.conventions._convention import (
    TERMS,
    Convention,
    Counting,
    Term,
    Terms,
    Weights,
    holds_parameters,
    term,
    weigh,
    works,
)
from sepconv_cli.conventions._gaps import (
    Gap,
    gaps,
    opaque_sentences,
    opaque_text,
    sentences,
    unknown_ops,
)
from sepconv_cli.conventions._style import MODULES, TRACED, Style
from sepconv_cli.registry import get

__all__ = [
    "MODULES",
    "TERMS",
    "TRACED",
    "Convention",
    "Counting",
    "Gap",
    "Style",
    "Term",
    "Terms",
    "Weights",
    "convention",
    "gaps",
    "holds_parameters",
    "opaque_sentences",
    "opaque_text",
    "sentences",
    "term",
    "unknown_ops",
    "weigh",
    "works",
]


def convention(name: str) -> Convention:
    """The convention of that name. Raises UsageError."""
    found: Convention = get("conventions", name).CONVENTION
    return found
