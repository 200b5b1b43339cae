"""A torch module -> a spec, by one forward pass of one sample and one of two.

What is held of it: the spec has the module's parameters, each shared one once. Outputs are not
compared.
"""

from typing import Any

from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.importing.imported import Imported, imported
from sepconv_cli.importing.translate import translate
from sepconv_cli.lowering.lower import lower

Module = Any
"""A torch.nn.Module; this file is read without torch."""

Example = Any
"""What a module can be run on: the shape of one sample (channels, sizes, no batch) or a tensor; a
tuple of these for several arguments, a dict for those with names, a tuple whose last is a dict for
both. A tensor's first axis is the batch where it is as long as that of the first tensor."""


def from_torch(
    module: Module,
    input: Example,  # noqa: A002
    name: str | None = None,
    device: str | None = None,
) -> Imported:
    """The spec of a module that runs on `input`: `(3, 224, 224)`, or an example.

    It runs where its parameters are, or on `device`: a copy of it, with small random parameters
    where it was on the meta device, which has no values. The first tensor that holds no indices is
    the spec's input, others become `further_input`.

    Raises UsageError where the module can't be run on it, SpecError where the spec has other
    parameters than the module.
    """
    from sepconv_cli.importing.passes.batches import record_batches
    from sepconv_cli.importing.passes.modules import on_device, plain_module

    module = plain_module(module)
    one, two = record_batches(on_device(module, device), input)
    recorded = translate(name or type(module).__name__, one, two)
    if not recorded.outputs:
        raise UsageError(f"{recorded.name} hands out no tensor that depends on its input")
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
