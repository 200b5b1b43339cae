"""Which layer of the spec each step of the model became, by what both read.

Both are graphs of ops that read their sources in an order, so that the outputs settle everything
else. Ops that do nothing are looked through: a branch without layers has one.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.proofs.proof import Counterpart
from sepconv_cli.importing.steps import Recorded
from sepconv_cli.network import Network, Op


def matched(recorded: Recorded, network: Network) -> Counterpart:
    """The model beside its spec. Raises UsageError where they aren't the same, op by op."""
    forms: dict[Any, int] = {}
    steps = _Side([(step.op, step.sources) for step in recorded.steps], forms)
    nodes = _Side([(node.op, node.reads(at)) for at, node in enumerate(network.nodes)], forms)
    ends = list(dict.fromkeys(map(steps.past, recorded.outputs)))
    found: dict[int, int] = {}
    waiting = _beside(steps, nodes, ends, list(dict.fromkeys(map(nodes.past, network.outputs))))
    if waiting is None:
        raise UsageError(f"the spec's outputs aren't those of {recorded.name}")
    while waiting:
        step, node = waiting.pop()
        if step < 0 or step in found:
            if step >= 0 and found[step] != node:
                raise UsageError(f"{network.nodes[node].name} of the spec stands there twice")
            continue
        found[step] = node
        more = _beside(steps, nodes, steps.sources(step), nodes.sources(node), steps.adds(step))
        if more is None:
            raise UsageError(f"{network.nodes[node].name} of the spec reads something else")
        waiting.extend(more)
    _refuse_rest(recorded, network, steps, nodes, found)
    return Counterpart(recorded, network, tuple(map(found.get, range(len(recorded.steps)))))


class _Side:
    """One of the graphs: a number for the form of each of its values, the same in both."""

    def __init__(self, ops: Sequence[tuple[Op, Sequence[int]]], forms: dict[Any, int]) -> None:
        self._ops = ops
        self._forms: list[int] = []
        for op, sources in ops:
            read = [self.form(source) for source in sources]
            if op.name == "identity":
                self._forms.append(read[0])
                continue
            key = (op, tuple(sorted(read) if op.name == "add" else read))
            self._forms.append(forms.setdefault(key, len(forms)))

    def form(self, at: int) -> int:
        """What is computed there; the model's inputs are below zero."""
        return at if at < 0 else self._forms[at]

    def past(self, at: int) -> int:
        """The value that it is, looking through what does nothing."""
        while at >= 0 and self._ops[at][0].name == "identity":
            (at,) = self._ops[at][1]
        return at

    def sources(self, at: int) -> list[int]:
        return [self.past(source) for source in self._ops[at][1]]

    def adds(self, at: int) -> bool:
        return self._ops[at][0].name == "add"

    def worth(self) -> set[int]:
        """All that does something."""
        return {at for at, (op, _) in enumerate(self._ops) if op.name != "identity"}


class _Pair(NamedTuple):
    step: int
    node: int


def _beside(
    steps: _Side, nodes: _Side, left: list[int], right: list[int], in_any_order: bool = False
) -> list[_Pair] | None:
    """Each value of the one beside that of the other; None where they aren't the same."""
    forms = [steps.form(at) for at in left]
    others = [nodes.form(at) for at in right]
    if forms == others:
        return list(map(_Pair, left, right))
    if not in_any_order or sorted(forms) != sorted(others):
        return None
    rest = list(right)
    pairs = []
    for at, form in zip(left, forms, strict=True):
        twin = next(each for each in rest if nodes.form(each) == form)
        rest.remove(twin)
        pairs.append(_Pair(at, twin))
    return pairs


def _refuse_rest(
    recorded: Recorded, network: Network, steps: _Side, nodes: _Side, found: dict[int, int]
) -> None:
    for at in sorted(nodes.worth() - set(found.values())):
        raise UsageError(f"{network.nodes[at].name} of the spec is no layer of {recorded.name}")
    for at in sorted(steps.worth() - found.keys()):
        path = ".".join(recorded.steps[at].path[1:])
        raise UsageError(f"the spec hasn't {path or recorded.steps[at].op.name} of {recorded.name}")
