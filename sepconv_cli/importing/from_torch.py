"""A torch module -> a spec, by one forward pass of one sample and one of two.

What is held of it: the spec has the module's parameters, each shared one once. Outputs are not
compared.
"""

from collections.abc import Sequence
from typing import Any

from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.importing.imported import Imported, imported
from sepconv_cli.importing.translate import translate
from sepconv_cli.lowering.lower import lower

Module = Any
"""A torch.nn.Module; this file is read without torch."""


def from_torch(module: Module, input: Sequence[int], name: str | None = None) -> Imported:  # noqa: A002
    """The spec of a module that reads one tensor of shape `input`: channels, sizes, no batch.

    Raises UsageError where the module can't be run on it, SpecError where the spec has other
    parameters than the module.
    """
    from sepconv_cli.importing.record import record_batches

    try:
        one, two = record_batches(module, tuple(input))
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UsageError(
            f"{type(module).__name__} can't run on an input of {list(input)}: {reason[0]}"
        ) from error
    recorded = translate(name or type(module).__name__, one, two)
    found = imported(recorded)
    _prove_parameters(found, module)
    return found


def _prove_parameters(found: Imported, module: Module) -> None:
    """Equal to torch's; fewer only where something that nobody could tell may have the rest."""
    ours = sum(node.own_parameters for node in lower(found.spec).nodes)
    theirs = sum(parameter.numel() for parameter in module.parameters())
    if ours > theirs or (ours < theirs and not found.opaque):
        message = f"the spec has {ours:,} parameters, the module {theirs:,}"
        hint = "parameters that no call reads, or that several calls share, aren't imported yet"
        raise SpecError([Problem(message, hint=hint)])
