"""A program saved by torch.export -> the steps of its network, without torch.

Nothing that the file holds is ever run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.steps import Recorded

if TYPE_CHECKING:
    from sepconv_cli.importing.imported import Imported
    from sepconv_cli.importing.pt2_graph.graph import ReadProgram
    from sepconv_cli.importing.samples import Shapes


def from_pt2(
    path: str | Path,
    input: "Shapes" = None,  # noqa: A002
    strict: bool = False,
) -> "Imported":
    """The spec of the network in a .pt2 file of torch.export.save.

    `input` is the shape of a sample, or shapes by the inputs' names, for what the program leaves
    open; otherwise it is as in the example that the program was made of. Raises SpecError;
    where it is `strict` also for what is opaque or can't be proven.
    """
    from sepconv_cli.importing.imported import imported
    from sepconv_cli.importing.origin import origin_line

    recorded, read = _recorded(Path(path), input)
    about = (origin_line(Path(path).name, (f"torch {read.version}",), read.tape),)
    return imported(recorded, about, read.weights, strict=strict)


def recorded_from_pt2(path: str | Path, shapes: "Shapes" = None) -> Recorded:
    """The steps of the network in a .pt2 file, as exported or in core ATen.

    `shapes` are those of one sample, by the inputs' names or of the only one; the first axis of
    every input is the batch. Pickled data is never read. Raises UsageError.
    """
    return _recorded(Path(path), shapes)[0]


def _recorded(file: Path, shapes: "Shapes") -> "tuple[Recorded, ReadProgram]":
    from sepconv_cli.importing.aten import read_aten
    from sepconv_cli.importing.fuse import fused
    from sepconv_cli.importing.pt2_graph.archive import read_program
    from sepconv_cli.importing.pt2_graph.graph import program_tape
    from sepconv_cli.importing.translate import steps_of

    program = read_program(file)
    try:
        read = program_tape(program, shapes)
        return fused(steps_of(file.stem, read.tape, read.layouts, read_aten)), read
    except UsageError as error:
        problem = error.problems[0]
        raise UsageError(f"{file}: {problem.message}", problem.hint) from None
    except Exception as error:
        # The JSON has the right parts, and they don't fit each other.
        message = f"{file} holds a program that makes no sense"
        raise UsageError(f"{message} ({type(error).__name__}: {error})") from error
