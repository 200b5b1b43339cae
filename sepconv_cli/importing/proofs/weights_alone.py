"""Arithmetic on weights alone: fvcore counts it, but it is none of a sample's.

Weights that are standardised before a convolution uses them are such, as in Brock et al. 2021
(arXiv:2101.08692).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import prod

from sepconv_cli.importing.reading import Layout, repeated_for_samples, tensors
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape


def weights_alone_line(tape: Tape, layouts: Sequence[Layout]) -> str | None:
    """What is to be said of it, where there is any that fvcore counts."""
    found = on_weights_alone(tape, layouts)
    listed = ", ".join(f"{count:,} of {name}" for name, count in found.items())
    return f"Of the model itself fvcore counts {listed} more, on weights alone." if listed else None


def on_weights_alone(tape: Tape, layouts: Sequence[Layout]) -> Counter[str]:
    """What fvcore counts of it, by fvcore's operators; products of matrices are one."""
    found: Counter[str] = Counter()
    for call in _calls(tape, layouts):
        if call.function == "batch_norm":
            found["batch_norm"] += _batch_norm(call)
        elif call.multiplications:
            name = "conv" if call.function.startswith("conv") else "products"
            found[name] += call.multiplications
    return +found


def read_by(call: FunctionCall) -> set[int]:
    """The numbers of the tensors that a call reads; weights have none."""
    given = tensors((call.arguments, tuple(call.keywords.values())))
    return {ref.at for ref in given if isinstance(ref, Ref)}


def of_samples(tape: Tape, layouts: Sequence[Layout]) -> set[int]:
    """The numbers of the tensors that are made for each sample.

    They depend on the model's input, or on what was repeated for a product with every sample.
    """
    found = {ref.at for ref in tape.inputs}
    for call in tape.calls:
        found.update(ref.at for ref in repeated_for_samples(call, layouts))
        if read_by(call) & found:
            found.update(ref.at for ref in call.outputs)
    return found


def _calls(tape: Tape, layouts: Sequence[Layout]) -> Iterator[FunctionCall]:
    """The calls that read nothing made for a sample."""
    moving = of_samples(tape, layouts)
    return (call for call in tape.calls if not read_by(call) & moving)


def _batch_norm(call: FunctionCall) -> int:
    """fvcore's rule: 5 or 4 for an element in training, 2 or 1 in evaluation, by the weights."""
    names = ("input", "running_mean", "running_var", "weight", "bias", "training")
    given = {**dict(zip(names, call.arguments, strict=False)), **call.keywords}
    affine = given.get("weight") is not None
    each = (5 if affine else 4) if given.get("training") else (2 if affine else 1)
    return each * prod(call.outputs[0].shape)
