"""Write a network for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_stderr
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.errors import UsageError
from sepconv_cli.export.request import ExportRequest, WeightsName
from sepconv_cli.export.write import write_network
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases, rule
from sepconv_cli.lowering.settings import grid

_File = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help="The file to write, such as net.onnx."),
]
_Variant = Annotated[
    str,
    typer.Option("--variant", metavar="NAME", help=f"One of {options.VARIANTS}."),
]
_Weights = Annotated[WeightsName, typer.Option(help="What the network's tensors are filled with.")]
_Batch = Annotated[
    str, typer.Option(metavar="N|any", help="The size of the batch; any leaves it open.")
]
_Opset = Annotated[
    int | None, typer.Option(metavar="N", help="The version of ONNX's operators. (default: 18)")
]


def command(
    spec: options.SpecPath,
    output: _File,
    variant: _Variant = "standard",
    settings: options.OneSetting = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    weights: _Weights = "random",
    batch: _Batch = "1",
    opset: _Opset = None,
    strict: options.StrictOutputs = False,
    quiet: options.Quiet = False,
) -> int:
    """Write a network as a file for other programs: ONNX, by the ending .onnx."""
    points = grid(settings or ())
    if len(points) > 1:
        raise UsageError("export takes one value for each --set")
    rules = [rule(text) for text in rewrite or ()]
    models = model_options([spec], inputs, call, points)
    loaded = load(spec, include or (), models)
    (case,) = cases(loaded, points, (variant,), chosen, rules)
    request = ExportRequest(
        name=case.spec.name, batch=_samples(batch), weights=weights, opset=opset
    )
    write_network(case.network, output, request)
    if not quiet:
        to_stderr(f"wrote {output}")
    return int(refuse_unused([case], strict=strict, quiet=quiet))


def _samples(text: str) -> int | None:
    """The size of the batch; None where it is left open."""
    if text == "any":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"--batch {text}: expected a whole number, or any")
    return int(text)
