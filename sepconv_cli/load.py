"""A spec from a file or a text, or every problem that it has."""

from pathlib import Path

from sepconv_cli.errors import Problem, Source, SpecError
from sepconv_cli.lower import diagnose
from sepconv_cli.spec.model import Spec
from sepconv_cli.spec.read import read
from sepconv_cli.spec.source import decode, read_source


def load(path: str | Path) -> Spec:
    """The spec in a YAML file; `-` reads standard input. Raises SpecError."""
    return _read(read_source(str(path)))


def loads(text: str, name: str = "<text>") -> Spec:
    """The spec in a text. Raises SpecError."""
    return _read(decode(text.encode(), name))


def _read(source: Source) -> Spec:
    problems: list[Problem] = []
    spec = read(source, problems)
    if problems:
        raise SpecError([*problems, *diagnose(spec)])
    return spec
