"""The import of a model by its address, and whether its spec holds at other sizes."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.importing.address import RESOLUTION, AskedInput, ModelOptions, ModelSource
from sepconv_cli.importing.imported import Imported
from sepconv_cli.importing.model_text import ModelText
from sepconv_cli.language.model import Spec
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.read import loads
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.network import Network
from sepconv_cli.trace import collector_paused

MAX_RESOLUTIONS = 64
_SQUARE = re.compile(r"^input: \[(\d+), (\d+), \2\]$", re.MULTILINE)


def import_model(source: ModelSource, address: str, options: ModelOptions) -> ModelText:
    """The spec of a model. Raises SpecError where it isn't there, can't run, or isn't the same."""
    with collector_paused():
        found = _read(source, address, options)
        text = _resized(source, address, options, found.text) if options.resolutions else found.text
    opaque = [f"{each.function} is opaque" for each in found.opaque]
    whole = not opaque and all(proof.holds for proof in found.proven)
    return ModelText(text, (*found.proofs, *opaque), whole)


def _read(source: ModelSource, address: str, options: ModelOptions) -> Imported:
    """What a source reads; its errors name the model."""
    try:
        return source.read(address, options)
    except SpecError as error:
        raise SpecError([_of(address, problem) for problem in error.problems]) from error


def _of(address: str, problem: Problem) -> Problem:
    if problem.place or problem.message.startswith(address):
        return problem
    return replace(problem, message=f"{address}: {problem.message}")


def _resized(source: ModelSource, address: str, options: ModelOptions, text: str) -> str:
    """The text with the input's size as a parameter. It is the model at each size that is asked.

    Raises UsageError where it isn't.
    """
    square = _SQUARE.search(text)
    if square is None:
        raise UsageError(f"{address} has no square input, whose {RESOLUTION} could be set")
    channels, size = map(int, square.groups())
    given = f"input: [{channels}, {RESOLUTION}, {RESOLUTION}]\nparameters: {{{RESOLUTION}: {size}}}"
    resized = text.replace(square[0], given, 1)
    spec = loads(resized, address)
    for each in _others(options.resolutions, size, address):
        asked = (AskedInput("", (channels, each, each)),)
        there = _read(source, address, replace(options, inputs=asked))
        if not _is(spec, {RESOLUTION: each}, lower(there.spec)):
            raise UsageError(
                f"{address} is built of other layers where its input is {each} and not {size}",
                f"look at one size at a time: --input {channels},{each},{each}",
            )
    return resized


def _others(resolutions: Sequence[int], size: int, address: str) -> list[int]:
    if len(resolutions) > MAX_RESOLUTIONS:
        raise UsageError(
            f"{address}: {len(resolutions):,} values of {RESOLUTION}, each of which would be run",
            f"at most {MAX_RESOLUTIONS}; of a spec that is written by hand as many as you like",
        )
    return [each for each in resolutions if each != size]


def _is(spec: Spec, settings: Settings, network: Network) -> bool:
    """Whether a spec is that network, layer by layer."""
    try:
        return lower(spec, settings) == network
    except SpecError:
        return False
