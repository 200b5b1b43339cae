"""Layers that lead to no output, and opaque ones: the one warning of them.

What `--strict` makes of those that lead to no output.
"""

from collections.abc import Iterable, Sequence

from sepconv_cli.commands._output import to_stderr
from sepconv_cli.conventions import convention, gaps, opaque_sentences
from sepconv_cli.lowering.choose import Case
from sepconv_cli.lowering.prune import unused_sentence


def refuse_unused(cases: Iterable[Case], *, strict: bool, quiet: bool) -> bool:
    """Warn of the unused layers of these networks; whether they make the exit code 1."""
    named = ((case.spec.name, case.network.unused) for case in cases)
    return refuse_named(named, strict=strict, quiet=quiet)


def refuse_named(found: Iterable[tuple[str, Sequence[str]]], *, strict: bool, quiet: bool) -> bool:
    """The same of the names of networks, each with those of its unused layers."""
    warnings = dict.fromkeys(
        f"{network}: {unused_sentence(names)}" for network, names in found if names
    )
    for warning in warnings if not quiet else ():
        to_stderr(f"warning: {warning}")
    if warnings and strict:
        to_stderr("--strict: there are layers that lead to no output")
    return bool(warnings) and strict


def warn_of_opaque(cases: Iterable[Case], *, quiet: bool) -> None:
    """Name the opaque layers of these networks, where no table does."""
    warnings = dict.fromkeys(
        f"{case.spec.name}: {sentence}"
        for case in cases
        for sentence in opaque_sentences(gaps(case.network.nodes, convention("macs")))
    )
    for warning in warnings if not quiet else ():
        to_stderr(f"warning: {warning}")
