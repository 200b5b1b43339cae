"""Turn a model into a spec, and say what was proven of it."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_file, to_stderr, to_stdout
from sepconv_cli.errors import UsageError
from sepconv_cli.importing.address import model_source
from sepconv_cli.importing.model_text import model_text
from sepconv_cli.lowering.settings import grid

Address = Annotated[str, typer.Argument(metavar="MODEL", help=f"The model: {options.MODELS}.")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the spec to a file instead."),
]
_Verify = Annotated[
    bool,
    typer.Option("--verify", help="Compare outputs too; random weights stand in for real ones."),
]
_Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit with 1 where a layer is opaque, or not all is proven."),
]
_Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="resolution=VALUE,...",
        help="Make the input's size a parameter, which holds at each of these.",
    ),
]


def command(
    model: Address,
    settings: _Settings = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    device: options.ModelDevice = "meta",
    verify: _Verify = False,
    strict: _Strict = False,
    no_cache: options.NoCache = False,
    output: _Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Turn a model into a spec, and say what was proven of it."""
    source = model_source(model)
    if source is None:
        raise UsageError(f"{model} is no model", f"a model is {options.MODELS}")
    models = model_options(
        [model], inputs, call, grid(settings or ()), device=device, use_cache=not no_cache
    )
    found = model_text(source, model, msgspec.structs.replace(models, verify=verify))
    if output is None:
        to_stdout(found.text)
    else:
        to_file(found.text, output)
    if not quiet:
        to_stderr(f"{model}: {'; '.join(found.said)}")
    left_out = strict and not found.whole
    if left_out:
        to_stderr("--strict: not everything is told and proven")
    return int(left_out)
