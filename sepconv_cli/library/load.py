"""A spec from a file or a text, or every problem that it has."""

from collections.abc import Sequence
from pathlib import Path

from sepconv_cli.errors import Problem, Problems, Source, SpecError, UsageError
from sepconv_cli.language.model import Spec
from sepconv_cli.language.read import read_description
from sepconv_cli.language.source import decode, read_source
from sepconv_cli.library.zoo import ZOO_PREFIX, path_of
from sepconv_cli.lowering.lower import diagnose


def load(path: str | Path, include: Sequence[Path] = ()) -> Spec:
    """The spec in a YAML file, `zoo:NAME`, or `-` for standard input. Raises SpecError.

    `include` are folders beside the spec's own that files may be included from.
    """
    for folder in include:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder to include from")
    text = str(path)
    if text.startswith(ZOO_PREFIX):
        text = str(path_of(text.removeprefix(ZOO_PREFIX)))
    return read_spec(read_source(text), include)


def load_all(paths: Sequence[str | Path], include: Sequence[Path] = ()) -> list[Spec]:
    """The specs in several files. Raises SpecError with the problems of all of them."""
    specs: list[Spec] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            specs.append(load(path, include))
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return specs


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
