"""Equal parameters of a file and its spec, layer by layer.

A file has tensors, and no parameters: exporters store equal ones once, statistics among them. So
each layer is held to the tensors that it reads, and not the names to each other.
"""

from collections.abc import Iterator, Sequence
from math import prod

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.proofs.proof import Counterpart, Proof, first_said
from sepconv_cli.importing.steps import Held, Step
from sepconv_cli.importing.tape import Weight
from sepconv_cli.network import Node

_WHOSE_FAULT = "the file is wrong, or this is a fault of the import: then please report it"


def prove_stored(found: Counterpart, weights: Sequence[Weight]) -> Proof:
    """Every layer has as many parameters as the tensors that it reads. Raises UsageError."""
    sizes = {each.name: prod(each.shape) for each in weights}
    differences = list(_differences(found, sizes))
    if differences:
        message = f"the spec isn't the network in the file: {first_said(differences)}"
        raise UsageError(message, _WHOSE_FAULT)
    has = sum(node.own_parameters for node in found.network.nodes)
    line = f"parameters {has:,}"
    untold = [node.name for step, node in found.pairs() if _is_untold(step, node)]
    if untold:
        more = " and others" if len(untold) > 1 else ""
        said = f"{line}, some of them of unknown origin: in {untold[0]}{more}"
        return Proof("parameters", said, None)
    if any(step.op.is_opaque and any(h.learned for h in step.held) for step, _ in found.pairs()):
        return Proof("parameters", f"{line}, and those that opaque functions read", None)
    return Proof("parameters", f"{line}: equal to the file's, layer by layer")


def _differences(found: Counterpart, sizes: dict[str, int]) -> Iterator[str]:
    for step, node in found.pairs():
        held = _held(step, node)
        if step.op.is_opaque or not held or _is_untold(step, node):
            continue
        if any(each.name not in sizes for each in held):
            continue  # what is made of others has other elements than they
        theirs = sum(sizes[each.name] for each in held if each.name)
        ours = node.op.parameters(node.x)
        if ours != theirs:
            yield f"{node.name} of the spec has {ours:,}, what it reads in the file {theirs:,}"


def _held(step: Step, node: Node) -> Sequence[Held]:
    """Where the parameters of a layer are from, without its statistics."""
    return step.held[: len(node.op.parameter_shapes(node.x))]


def _is_untold(step: Step, node: Node) -> bool:
    """Whether a layer has parameters that nobody knows the origin of."""
    parameters = [name for name in node.op.parameter_shapes(node.x) if name != "parts"]
    return not step.op.is_opaque and len(step.held) < len(parameters)
