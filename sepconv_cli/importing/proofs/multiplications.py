"""The second proof: as many multiplications as torch's own counter saw, call by call.

Both sides share nothing: torch counts operators as they run, the spec's layers are formulas. What
is worked out of weights alone is no arithmetic of a sample, and stays out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from sepconv_cli.importing.proofs.proof import Counterpart, Proof, refuse
from sepconv_cli.importing.proofs.weights_alone import of_samples, read_by
from sepconv_cli.importing.reading import Layout
from sepconv_cli.importing.tape import FunctionCall, Tape
from sepconv_cli.network import Node


def prove_multiplications(found: Counterpart, tape: Tape, layouts: Sequence[Layout]) -> Proof:
    """Equal in every call that torch's counter knows. Raises SpecError."""
    ours, opaque = _by_call(found)
    theirs = {at: call.multiplications or 0 for at, call in _needed(tape, layouts)}
    known = {at: n for at, n in theirs.items() if n and at not in opaque}
    refuse("multiplications", _differences(tape, ours, known))
    total = sum(map(multiplied, found.network.nodes))
    unseen = Counter(tape.calls[at].function for at, n in ours.items() if n and at not in known)
    line = f"MACs {total:,}: equal to torch's FlopCounterMode"
    listed = ", ".join(f"{name} ({count})" for name, count in unseen.items())
    blind = f", which doesn't see {listed}" if unseen else ""
    more = sum(theirs.get(at, 0) for at in opaque)
    without = f", without {more:,} of opaque functions" if more else ""
    return Proof("multiplications", line + blind + without, None if more else True)


def multiplied(node: Node) -> int:
    """The products of a node whose sums it takes, for one sample."""
    return sum(
        work.amount
        for work in node.op.work_on(node.inputs, node.y)
        if (work.kind, work.role) == ("multiply_add", "kernel")
    )


def _by_call(found: Counterpart) -> tuple[dict[int, int], set[int]]:
    """The multiplications of the layers that each call became, and the calls that are opaque."""
    ours: dict[int, int] = {}
    opaque = set()
    for step, node in found.pairs():
        if step.call is None:
            continue
        ours[step.call] = ours.get(step.call, 0) + multiplied(node)
        if step.op.is_opaque:
            opaque.add(step.call)
    return ours, opaque


def _needed(tape: Tape, layouts: Sequence[Layout]) -> list[tuple[int, FunctionCall]]:
    """The calls that read something made for a sample and lead to an output, backwards."""
    moving = of_samples(tape, layouts)
    needed = {ref.at for ref in tape.outputs}
    found = []
    for at in range(len(tape.calls) - 1, -1, -1):
        call = tape.calls[at]
        if read_by(call) & moving and needed & {ref.at for ref in call.outputs}:
            needed |= read_by(call)
            found.append((at, call))
    return found


def _differences(tape: Tape, ours: dict[int, int], theirs: dict[int, int]) -> Iterator[str]:
    for at, count in theirs.items():
        if ours.get(at, 0) != count:
            call = tape.calls[at]
            where = ".".join(call.path[1:]) or "the model"
            yield f"{call.function} in {where} has {count:,}, the spec {ours.get(at, 0):,}"
