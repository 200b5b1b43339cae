"""The first proof: the spec has the model's parameters, layer by layer, each shared one once."""

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from sepconv_cli.importing.proofs.proof import MOST_SAID, Counterpart, Proof, refuse
from sepconv_cli.importing.tape import Weight


def unread(found: Counterpart, weights: Iterable[Weight]) -> tuple[Weight, ...]:
    """The parameters of the model that nothing reads which leads to an output."""
    read = {name for step in found.recorded.steps for held in step.held for name in held.learned}
    return tuple(each for each in weights if each.learned and each.name not in read)


def prove_parameters(found: Counterpart, weights: Sequence[Weight]) -> Proof:
    """Equal to those of the model in every layer. Raises SpecError."""
    sizes = {each.name: prod(each.shape) for each in weights if each.learned}
    refuse("parameters", _differences(found, sizes))
    has = sum(node.op.parameters(node.x) for node in found.network.nodes)
    line = f"parameters {has:,}"
    idle = sum(prod(each.shape) for each in unread(found, weights))
    only = _opaque_names(found, sizes)
    rest = sum(sizes.values()) - has - idle - sum(sizes[name] for name in only)
    if only:
        count = sum(sizes[name] for name in only)
        return Proof("parameters", f"{line}, and {count:,} that opaque functions read", None)
    if rest:
        said = "that only other weights are made of, not in the spec"
        return Proof("parameters", f"{line}: torch's without {rest:,} {said}", None)
    return Proof("parameters", f"{line}: equal to torch's" + (" that are read" if idle else ""))


def unread_line(found: Sequence[Weight]) -> str:
    """What is to be said of parameters that nothing reads."""
    owners = list(dict.fromkeys(_owner(each.name) for each in found))
    shown = owners if len(owners) <= MOST_SAID else [*owners[:MOST_SAID], "..."]
    count = sum(prod(each.shape) for each in found)
    said = "that the forward pass doesn't read, not in the spec"
    return f"{', '.join(shown)}: {count:,} parameters {said}"


def _owner(name: str) -> str:
    """The outermost module that has a parameter; its own name where that is the model."""
    return name.partition(".")[0]


def _differences(found: Counterpart, sizes: dict[str, int]) -> Iterator[str]:
    """The layers whose parameters aren't those of the model's that they hold."""
    taken: set[str] = set()
    for step, node in found.pairs():
        if step.op.is_opaque:
            continue
        names = {name for held in step.held for name in held.learned if name in sizes}
        made = any(held.name is None for held in step.held)
        theirs, ours = sum(sizes[name] for name in names - taken), node.op.parameters(node.x)
        taken |= names
        if ours != theirs and not (made and ours < theirs):
            where = ".".join(step.path[1:]) or "the model"
            yield f"{where} has {theirs:,}, {node.name} of the spec {ours:,}"


def _opaque_names(found: Counterpart, sizes: dict[str, int]) -> set[str]:
    """The parameters that opaque functions alone read."""
    read: dict[bool, set[str]] = {True: set(), False: set()}
    for step in found.recorded.steps:
        read[step.op.is_opaque].update(name for held in step.held for name in held.learned)
    return (read[True] - read[False]) & sizes.keys()
