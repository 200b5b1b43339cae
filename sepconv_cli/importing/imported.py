"""What an import gives: a spec as its text, and what is known of how it came about."""

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.lines import folded, item_lines
from sepconv_cli.importing.outline import outline
from sepconv_cli.importing.steps import Recorded, Step, needed
from sepconv_cli.importing.write import spec_text
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.read import loads
from sepconv_cli.network import Network


class Imported(msgspec.Struct, frozen=True):
    """A spec that was made of a model, with its text.

    `names` say for each parameter of the model which layer of the spec has it, `opaque` what
    nobody could tell, `proofs` what was found to be the same.
    """

    spec: Spec
    text: str
    names: dict[str, str]
    opaque: tuple[str, ...]
    proofs: tuple[str, ...]

    def to_yaml(self) -> str:
        """The spec as a person writes it."""
        return self.text


def imported(recorded: Recorded, about: Sequence[str] = ()) -> Imported:
    """The spec of a recorded model. `about` are lines of comment that stand first in its text.

    Raises UsageError where the text isn't the network that was recorded, layer by layer.
    """
    recorded = needed(recorded)
    blocks, layers = folded(item_lines(outline(recorded)))
    text = spec_text(recorded, blocks, layers, about)
    spec = loads(text, "<imported>")
    names = _names(recorded, lower(spec))
    opaque = dict.fromkeys(_function(step) for step in recorded.steps if step.op.is_opaque)
    return Imported(spec, text, names, tuple(opaque), (f"the same {len(recorded.steps)} layers",))


def _function(step: Step) -> str:
    return str(getattr(step.op, "function", step.op.name))


def _names(recorded: Recorded, network: Network) -> dict[str, str]:
    """The layer that has each parameter; branches may stand in another order than they ran in."""
    waiting: dict[Any, deque[Step]] = {}
    for step in recorded.steps:
        waiting.setdefault((step.op, step.y), deque()).append(step)
    found: dict[str, str] = {}
    for node in network.nodes:
        steps = waiting.get((node.op, node.y))
        if not steps and node.op.name == "identity":
            # A branch without layers has one that does nothing.
            continue
        if not steps:
            raise UsageError(f"{node.name} of the spec is no layer of {recorded.name}")
        for held in steps.popleft().held:
            for name in held.learned:
                found.setdefault(name, node.name)
    if any(waiting.values()):
        raise UsageError(f"the spec hasn't all the layers of {recorded.name}")
    return found
