"""A torch module -> a spec, by one forward pass of one sample and one of two.

What is held of it in any case: the spec has the module's parameters, each shared one once, and the
multiplications that torch's own counter sees. fvcore and the outputs are asked where it is wanted.
"""

from collections.abc import Iterator
from functools import partial
from importlib import metadata
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.imported import Imported, imported
from sepconv_cli.importing.origin import origin_line
from sepconv_cli.importing.proofs.multiplications import prove_multiplications
from sepconv_cli.importing.proofs.proof import Prove
from sepconv_cli.importing.proofs.weights_alone import weights_alone_line
from sepconv_cli.importing.tape import Tape, Weight
from sepconv_cli.importing.translate import layouts_of, steps_of_layouts

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
    verify: bool = False,
    strict: bool = False,
    address: str | None = None,
) -> Imported:
    """The spec of a module that runs on `input`: `(3, 224, 224)`, or an example.

    It runs where its parameters are, or on `device`: a copy of it, with small random parameters
    where it was on the meta device, which has no values. The first tensor that holds no indices is
    the spec's input, others become `further_input`.

    `verify` also asks fvcore, and runs the module beside the one built from the spec, with its own
    weights, or random ones where it has none. `address` is what the text says that it was imported
    from, instead of its class.

    Raises UsageError where the module can't be run on it, SpecError where a proof fails; where it
    is `strict` also for what is opaque or can't be proven.
    """
    from sepconv_cli.importing.passes.batches import record_batches
    from sepconv_cli.importing.passes.modules import on_device, plain_module

    module = plain_module(module)
    runs = on_device(module, device)
    one, two = record_batches(runs, input)
    layouts = layouts_of(one, two)
    recorded = steps_of_layouts(name or type(module).__name__, one, layouts)
    if not recorded.outputs:
        raise UsageError(f"{recorded.name} hands out no tensor that depends on its input")
    proofs: list[Prove] = [partial(prove_multiplications, tape=one, layouts=layouts)]
    if verify:
        proofs.extend(_costly(runs, input, one, layouts))
    called = address or type(module).__name__
    about = (origin_line(called, _versions(module), one),)
    note = weights_alone_line(one, layouts)
    return imported(recorded, about, tuple(_weights(module)), proofs, strict, note)


def _costly(module: Module, example: Example, tape: Tape, layouts: Any) -> Iterator[Prove]:
    """The proofs that build and run modules."""
    from sepconv_cli.importing.passes.examples import one_and_two_samples
    from sepconv_cli.importing.proofs.operators import prove_operators
    from sepconv_cli.importing.proofs.outputs import Given, prove_outputs

    (inputs, keywords), _ = one_and_two_samples(example, None)
    given = Given(module, inputs, keywords, tape, layouts)
    yield partial(prove_operators, given=given)
    yield partial(prove_outputs, given=given)


def _weights(module: Module) -> Iterator[Weight]:
    for name, tensor in module.named_parameters():
        yield Weight(name, tuple(tensor.shape), True)


def _versions(module: Module) -> list[str]:
    """The package that a module's class is of, and torch, as far as they have versions."""
    packages = dict.fromkeys((type(module).__module__.partition(".")[0], "torch"))
    return [f"{each} {_version(each)}" for each in packages if _version(each)]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
