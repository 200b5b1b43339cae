"""Write the JSON Schema of specs, for editors."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sepconv_cli.commands._output import to_file, to_stdout
from sepconv_cli.library.schema import schema

_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead."),
]


def command(output: _Output = None) -> int:
    """Write the JSON Schema of specs, for editors such as yaml-language-server."""
    text = msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"
    if output is None:
        to_stdout(text)
    else:
        to_file(text, output)
    return 0
