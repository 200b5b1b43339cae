"""An ONNX file -> the steps of its network, without torch and without its weights' values."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.origin import as_text
from sepconv_cli.importing.steps import Recorded

if TYPE_CHECKING:
    from onnx import ModelProto

    from sepconv_cli.importing.imported import Imported
    from sepconv_cli.importing.onnx_graph.graph import ReadGraph
    from sepconv_cli.importing.samples import Shapes


def from_onnx(
    path: str | Path,
    input: "Shapes" = None,  # noqa: A002
    strict: bool = False,
) -> "Imported":
    """The spec of the network in an ONNX file.

    `input` is the shape of a sample, or shapes by the inputs' names; needed for what the file
    leaves open. Raises SpecError; where it is `strict` also for what is opaque or can't be proven.
    """
    from sepconv_cli.importing.imported import imported
    from sepconv_cli.importing.onnx_graph.model import written_by
    from sepconv_cli.importing.origin import origin_line

    model, read = _read(Path(path), input)
    about = (origin_line(Path(path).name, written_by(model), read.tape),)
    return imported(_recorded(Path(path), read), about, read.weights, strict=strict, is_file=True)


def recorded_from_onnx(path: str | Path, shapes: "Shapes" = None) -> Recorded:
    """The steps of the network in an ONNX file, in any version of ONNX's operators.

    `shapes` are those of one sample, by the inputs' names or of the only one; what the file leaves
    open must be given. The first axis of every input is the batch. Raises UsageError.
    """
    return _recorded(Path(path), _read(Path(path), shapes)[1])


def _read(file: Path, shapes: "Shapes") -> "tuple[ModelProto, ReadGraph]":
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise UsageError(
            "reading ONNX files needs the package onnx", "python -m pip install 'sepconv[onnx]'"
        ) from None
    from sepconv_cli.importing.onnx_graph.graph import read_graph
    from sepconv_cli.importing.onnx_graph.model import read_model

    model = read_model(file)
    with _named(file):
        return model, read_graph(model, shapes)


def _recorded(file: Path, read: "ReadGraph") -> Recorded:
    from sepconv_cli.importing.fuse import fused
    from sepconv_cli.importing.onnx_ops import read_node
    from sepconv_cli.importing.translate import steps_of

    with _named(file):
        return fused(steps_of(file.stem, read.tape, read.layouts, read_node))


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """What is wrong with a file's network says which file it is."""
    try:
        yield
    except UsageError as error:
        problem = error.problems[0]
        raise UsageError(f"{file}: {as_text(problem.message)}", problem.hint) from None
