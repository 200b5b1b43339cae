"""A text -> a spec that can be lowered, or every problem that it has."""

from collections.abc import Sequence
from pathlib import Path

from sepconv_cli.errors import Problems, Source, SpecError
from sepconv_cli.language.model import Spec
from sepconv_cli.language.read import read_description
from sepconv_cli.language.source import decode
from sepconv_cli.lowering.lower import diagnose


def loads(text: str, name: str = "<text>") -> Spec:
    """The spec in a text. Raises SpecError."""
    return read_spec(decode(text.encode(), name))


def read_spec(source: Source, include: Sequence[Path] = ()) -> Spec:
    """The spec in a text that is at hand. Raises SpecError."""
    problems = Problems()
    spec = read_description(source, problems, include)
    if problems:
        raise SpecError([*problems, *diagnose(spec)])
    return spec
