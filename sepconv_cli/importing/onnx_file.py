"""An ONNX file -> the steps of its network, without torch and without its weights' values."""

from pathlib import Path
from typing import TYPE_CHECKING

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.steps import Recorded

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported
    from sepconv_cli.importing.samples import Shapes


def from_onnx(path: str | Path, input: "Shapes" = None) -> "Imported":  # noqa: A002
    """The spec of the network in an ONNX file.

    `input` is the shape of a sample, or shapes by the inputs' names; needed for what the file
    leaves open. Raises SpecError.
    """
    from sepconv_cli.importing.imported import imported

    recorded = recorded_from_onnx(path, input)
    return imported(recorded, (f"imported from {Path(path).name}",))


def recorded_from_onnx(path: str | Path, shapes: "Shapes" = None) -> Recorded:
    """The steps of the network in an ONNX file, in any version of ONNX's operators.

    `shapes` are those of one sample, by the inputs' names or of the only one; what the file leaves
    open must be given. The first axis of every input is the batch. Raises UsageError.
    """
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise UsageError(
            "reading ONNX files needs the package onnx", "python -m pip install 'sepconv[onnx]'"
        ) from None
    from sepconv_cli.importing.fuse import fused
    from sepconv_cli.importing.onnx_graph.graph import read_graph
    from sepconv_cli.importing.onnx_graph.model import as_text, read_model
    from sepconv_cli.importing.onnx_ops import read_node
    from sepconv_cli.importing.translate import steps_of

    file = Path(path)
    model = read_model(file)
    try:
        read = read_graph(model, shapes)
    except UsageError as error:
        problem = error.problems[0]
        raise UsageError(f"{file}: {as_text(problem.message)}", problem.hint) from None
    return fused(steps_of(file.stem, read.tape, read.layouts, read_node))
