"""Layers that lead to no output: the one warning of them, and what `--strict` makes of it."""

from collections.abc import Iterable, Sequence

from sepconv_cli.commands._output import to_stderr
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
