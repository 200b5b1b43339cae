"""The conventions, one file each: what a piece of arithmetic weighs.

A convention is a weight over the kind and role of `Work`. What has no weight is
not counted, which is None and never 0. Where a tool's rule needs more than a
weight, the convention's file has a rule for the op. The tools themselves are run
in trace/tools/.
"""

from sepconv_cli.conventions._convention import TERMS, Convention, Rule, Term, Terms, term
from sepconv_cli.conventions._gaps import Gap, gaps, sentences, unknown_ops
from sepconv_cli.conventions._style import MODULES, Style
from sepconv_cli.registry import get

__all__ = [
    "MODULES",
    "TERMS",
    "Convention",
    "Gap",
    "Rule",
    "Style",
    "Term",
    "Terms",
    "convention",
    "gaps",
    "sentences",
    "term",
    "unknown_ops",
]


def convention(name: str) -> Convention:
    """The convention of that name. Raises UsageError."""
    found: Convention = get("conventions", name).CONVENTION
    return found
