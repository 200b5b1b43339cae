"""What a proof says, and what it is led on."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from sepconv_cli.errors import Problem, SpecError
from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.network import Network, Node

Subject = Literal["layers", "parameters", "multiplications", "operators", "outputs"]

MOST_SAID = 5


class Proof(msgspec.Struct, frozen=True):
    """One line on what was found. `holds` is None where it couldn't be proven; the line says why.

    `difference` is that of the outputs, relative to the largest of them.
    """

    subject: Subject
    line: str
    holds: Literal[True] | None = True
    difference: float | None = None


class Counterpart(msgspec.Struct, frozen=True):
    """A recorded model beside the network of its spec: step `i` is the node at `nodes[i]`.

    None where the step does nothing, and the network goes without it.
    """

    recorded: Recorded
    network: Network
    nodes: tuple[int | None, ...]

    def pairs(self) -> list[tuple[Step, Node]]:
        """Every step with its node."""
        return [
            (step, self.network.nodes[at])
            for step, at in zip(self.recorded.steps, self.nodes, strict=True)
            if at is not None
        ]


Prove = Callable[[Counterpart], Proof]
"""Leads one proof. Raises SpecError where it fails."""


def refuse(what: str, differences: Iterable[str]) -> None:
    """Raise SpecError where there are differences; the first few are said."""
    found = list(differences)
    if not found:
        return
    message = f"the spec isn't the model: {what}: {first_said(found)}"
    hint = "this is a fault of the import; please report the model"
    raise SpecError([Problem(message, hint=hint)])


def first_said(found: Sequence[str]) -> str:
    """The first few of several findings, and how many more there are."""
    more = f"; and {len(found) - MOST_SAID:,} more" if len(found) > MOST_SAID else ""
    return f"{'; '.join(found[:MOST_SAID])}{more}"
