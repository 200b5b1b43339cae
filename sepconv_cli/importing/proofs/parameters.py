"""The first proof: the spec has the model's parameters, layer by layer, each shared one once."""

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from sepconv_cli.importing.proofs.proof import MOST_SAID, Counterpart, Proof, refuse
from sepconv_cli.importing.steps import Step
from sepconv_cli.importing.tape import Weight
from sepconv_cli.network import Node


def unread(found: Counterpart, weights: Iterable[Weight]) -> tuple[Weight, ...]:
    """The parameters of the model that nothing reads which leads to an output."""
    read = {name for step in found.recorded.steps for held in step.held for name in held.learned}
    return tuple(each for each in weights if each.learned and each.name not in read)


def prove_parameters(found: Counterpart, weights: Sequence[Weight]) -> Proof:
    """Equal to those of the model in every layer. Raises SpecError."""
    sizes = {each.name: prod(each.shape) for each in weights if each.learned}
    refuse("parameters", _differences(found, sizes))
    has = sum(node.own_parameters for node in found.network.nodes)
    line = f"parameters {has:,}"
    idle = sum(prod(each.shape) for each in unread(found, weights))
    only = _opaque_names(found, sizes)
    rest = sum(sizes.values()) - has - idle - sum(sizes[name] for name in only)
    if only:
        count = sum(sizes[name] for name in only)
        return Proof("parameters", f"{line}, and {count:,} that opaque functions read", None)
    if rest:
        said = "that only other weights are made of, not in the spec"
        return Proof("parameters", f"{line}: the model's without {rest:,} {said}", None)
    return Proof("parameters", f"{line}: equal to the model's" + (" that are read" if idle else ""))


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


class _Shared:
    """Layers that have parameters of the model in common, and these parameters."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.layers: list[tuple[Step, Node]] = []

    def differs(self, sizes: dict[str, int]) -> str | None:
        """In what, if the layers have more than the model, or less with nothing made of it."""
        theirs = sum(sizes.get(name, 0) for name in self.names)
        ours = sum(node.own_parameters for _, node in self.layers)
        made = any(held.name is None for step, _ in self.layers for held in step.held)
        if ours == theirs or (made and ours < theirs):
            return None
        paths = [".".join(step.path[1:]) for step, _ in self.layers]
        where = ", ".join(dict.fromkeys(filter(None, paths)))
        spec = ", ".join(node.name for _, node in self.layers)
        return f"{where or 'the model'} has {theirs:,}, {spec} of the spec {ours:,}"


def _differences(found: Counterpart, sizes: dict[str, int]) -> Iterator[str]:
    """The layers whose parameters aren't those of the model's that they hold."""
    shared: dict[str, _Shared] = {}
    waiting: list[tuple[Step, Node]] = []
    groups: list[_Shared] = []
    for step, node in found.pairs():
        names = {name for held in step.held for name in held.learned}
        if step.op.is_opaque or not (names or node.op.parameters(node.x)):
            continue
        waiting.append((step, node))
        if not names:
            continue  # it stands before the layer whose weights are made of its parameters
        group = _Shared()
        for other in {id(shared[name]): shared[name] for name in names if name in shared}.values():
            group.names |= other.names
            group.layers += other.layers
            groups.remove(other)
        group.names |= names
        group.layers += waiting
        waiting = []
        groups.append(group)
        shared.update(dict.fromkeys(group.names, group))
    for group in groups:
        difference = group.differs(sizes)
        if difference:
            yield difference
    for _, node in waiting:
        yield f"{node.name} of the spec has parameters that are none of the model's"


def _opaque_names(found: Counterpart, sizes: dict[str, int]) -> set[str]:
    """The parameters that opaque functions alone read."""
    read: dict[bool, set[str]] = {True: set(), False: set()}
    for step in found.recorded.steps:
        read[step.op.is_opaque].update(name for held in step.held for name in held.learned)
    return (read[True] - read[False]) & sizes.keys()
