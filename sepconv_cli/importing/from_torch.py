"""A torch module -> a spec, by one forward pass of one sample and one of two.

What is held of it in any case: the spec has the module's parameters, each shared one once, and the
multiplications that torch's own counter sees. fvcore and the outputs are asked where it is wanted.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from importlib import metadata
from typing import Any

from sepconv_cli.errors import UsageError, show
from sepconv_cli.importing.imported import Imported, imported
from sepconv_cli.importing.proofs.multiplications import prove_multiplications
from sepconv_cli.importing.proofs.proof import Prove
from sepconv_cli.importing.proofs.weights_alone import weights_alone_line
from sepconv_cli.importing.tape import Weight
from sepconv_cli.importing.translate import layouts_of, steps_of_layouts

Module = Any
"""A torch.nn.Module; this file is read without torch."""


def from_torch(
    module: Module,
    input: Sequence[int],  # noqa: A002
    name: str | None = None,
    verify: bool = False,
    strict: bool = False,
    address: str | None = None,
) -> Imported:
    """The spec of a module that reads one tensor of shape `input`: channels, sizes, no batch.

    `verify` also asks fvcore, and runs the module beside the one built from the spec, with its own
    weights, or random ones where it has none. Raises UsageError where the module can't be run on
    the input, SpecError where a proof fails; where it is `strict` also for what is opaque or can't
    be proven. `address` is what the text says that it was imported from, instead of its class.
    """
    from sepconv_cli.importing.record import record_batches

    try:
        one, two = record_batches(module, tuple(input))
    except Exception as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise UsageError(
            f"{type(module).__name__} can't run on an input of {list(input)}: {reason[0]}"
        ) from error
    layouts = layouts_of(one, two)
    recorded = steps_of_layouts(name or type(module).__name__, one, layouts)
    proofs: list[Prove] = [partial(prove_multiplications, tape=one)]
    if verify:
        proofs.extend(_costly(module, tuple(input), one, layouts))
    more = weights_alone_line(one)
    about = (_source(module, address or type(module).__name__, input), *([more] if more else []))
    return imported(recorded, about, tuple(_weights(module)), proofs, strict)


def _costly(module: Module, shape: tuple[int, ...], tape: Any, layouts: Any) -> Iterator[Prove]:
    """The proofs that build and run modules."""
    from sepconv_cli.importing.proofs.operators import prove_operators
    from sepconv_cli.importing.proofs.outputs import Given, prove_outputs
    from sepconv_cli.importing.proofs.values import one_sample

    given = Given(module, (one_sample(shape),), {}, tape, layouts)
    yield partial(prove_operators, given=given)
    yield partial(prove_outputs, given=given)


def _weights(module: Module) -> Iterator[Weight]:
    for name, tensor in module.named_parameters():
        yield Weight(name, tuple(tensor.shape), True)


def _source(module: Module, called: str, shape: Sequence[int]) -> str:
    """Where a spec comes from: its class or address, package and version, input, date."""
    package = type(module).__module__.partition(".")[0]
    packages = [each for each in dict.fromkeys((package, "torch")) if _version(each)]
    versions = ", ".join(f"{each} {_version(each)}" for each in packages)
    today = date.today().isoformat()
    return f"imported from {called}, {versions}, input {show(tuple(shape))}, {today}"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
