"""What an import gives: a spec as its text, and what is known of how it came about."""

from collections.abc import Sequence

import msgspec

from sepconv_cli.errors import Problem, SpecError, plural
from sepconv_cli.importing.proofs.matching import matched
from sepconv_cli.importing.proofs.parameters import prove_parameters, unread, unread_line
from sepconv_cli.importing.proofs.places import WeightPlaces, weight_places
from sepconv_cli.importing.proofs.proof import Counterpart, Proof, Prove
from sepconv_cli.importing.proofs.stored import prove_stored
from sepconv_cli.importing.shared import with_shares
from sepconv_cli.importing.steps import Recorded, needed
from sepconv_cli.importing.tape import Weight
from sepconv_cli.importing.text.describe import described
from sepconv_cli.importing.text.running import with_running_concats
from sepconv_cli.importing.text.yaml_text import comment
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.read import loads


class OpaqueFunction(msgspec.Struct, frozen=True):
    """A function that nobody could tell, in so many layers, which put out so many elements."""

    function: str
    layers: int
    elements: int


class Imported(msgspec.Struct, frozen=True):
    """A spec that was made of a model, with its text.

    `names` say for each parameter and buffer of the model where the spec has it, `unread` are the
    parameters that nothing reads, `opaque` the functions that nobody could tell. `proven` is what
    was found to be the same, and what couldn't be asked.
    """

    spec: Spec
    text: str
    names: WeightPlaces
    unread: tuple[str, ...]
    opaque: tuple[OpaqueFunction, ...]
    proven: tuple[Proof, ...]

    @property
    def proofs(self) -> tuple[str, ...]:
        """What was proven, a line for each."""
        return tuple(proof.line for proof in self.proven)

    def to_yaml(self) -> str:
        """The spec as a person writes it."""
        return self.text


def imported(
    recorded: Recorded,
    about: Sequence[str] = (),
    weights: Sequence[Weight] | None = None,
    proofs: Sequence[Prove] = (),
    strict: bool = False,
    note: str | None = None,
    is_file: bool = False,
) -> Imported:
    """The spec of a recorded model. `about` are lines of comment that stand first in its text,
    `note` is what the spec says of itself where tools are compared.

    `weights` are the model's own parameters, or where it `is_file` the tensors in it. Raises
    UsageError where the text isn't the network that was recorded, layer by layer, and SpecError
    where a proof fails; where it is `strict` also for what is opaque or can't be proven.
    """
    recorded = with_running_concats(with_shares(needed(recorded)))
    text = described(recorded, note=note).text
    found = matched(recorded, lower(loads(text, "<imported>")))
    proven = [Proof("layers", f"the same {plural(len(found.network.nodes), 'layer')}")]
    if weights is not None:
        proven.append((prove_stored if is_file else prove_parameters)(found, weights))
    proven.extend(prove(found) for prove in proofs)
    idle = unread(found, weights or ())
    opaque = opaque_functions(found)
    head = (
        *about,
        *_found_out(proven),
        *([unread_line(idle)] if idle else []),
        *map(_said, opaque),
    )
    if strict:
        _refuse_unproven(proven, opaque)
    text = "".join(f"{comment(line)}\n" for line in head) + text
    return Imported(
        loads(text, "<imported>"),
        text,
        weight_places(found),
        tuple(weight.name for weight in idle),
        opaque,
        tuple(proven),
    )


def opaque_functions(found: Counterpart) -> tuple[OpaqueFunction, ...]:
    """The opaque functions of a spec, each once."""
    counts: dict[str, list[int]] = {}
    for step in found.recorded.steps:
        if step.op.is_opaque:
            counts.setdefault(getattr(step.op, "function", ""), []).append(step.y.elements)
    return tuple(OpaqueFunction(name, len(each), sum(each)) for name, each in counts.items())


def _found_out(proven: Sequence[Proof]) -> list[str]:
    """The proofs for the head of the text; that the layers are the same goes without saying."""
    return [proof.line for proof in proven if proof.subject != "layers"]


def _said(opaque: OpaqueFunction) -> str:
    layers = plural(opaque.layers, "layer")
    return f"{opaque.function} is opaque: {layers}, {opaque.elements:,} elements, not counted"


def _refuse_unproven(proven: Sequence[Proof], opaque: Sequence[OpaqueFunction]) -> None:
    found = [*map(_said, opaque), *(proof.line for proof in proven if proof.holds is None)]
    if found:
        raise SpecError([Problem(line) for line in dict.fromkeys(found)])
