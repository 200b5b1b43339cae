"""A spec from a file, the zoo or a model, or every problem that it has."""

from collections.abc import Sequence
from pathlib import Path

from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.importing.address import USUAL, ModelOptions, model_source
from sepconv_cli.language.model import Spec
from sepconv_cli.language.source import decode, read_source
from sepconv_cli.library.zoo import ZOO_PREFIX, path_of
from sepconv_cli.lowering.read import read_spec


def load(path: str | Path, include: Sequence[Path] = (), options: ModelOptions = USUAL) -> Spec:
    """The spec in a YAML file, `zoo:NAME`, `-` for standard input, or that of a model.

    A model is `timm:NAME`, `torchvision:NAME`, `torch:MODULE:NAME`, or a file that ends in .onnx
    or .pt2; `options` say how it is built. `include` are folders beside the spec's own that files
    may be included from. Raises SpecError.
    """
    for folder in include:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder to include from")
    text = str(path)
    source = model_source(text)
    if source is not None:
        from sepconv_cli.importing.model_text import model_text

        made = model_text(source, text, options).text
        return read_spec(decode(made.encode(), text))
    if text.startswith(ZOO_PREFIX):
        text = str(path_of(text.removeprefix(ZOO_PREFIX)))
    return read_spec(read_source(text), include)


def load_all(
    paths: Sequence[str | Path], include: Sequence[Path] = (), options: ModelOptions = USUAL
) -> list[Spec]:
    """The specs in several files. Raises SpecError with the problems of all of them."""
    specs: list[Spec] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            specs.append(load(path, include, options))
        except SpecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpecError(problems)
    return specs
