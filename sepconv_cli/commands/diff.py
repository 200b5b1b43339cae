"""Show what changed between two states of specs, network by network and layer by layer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import write
from sepconv_cli.commands._unused import refuse_named
from sepconv_cli.conventions import convention
from sepconv_cli.diff.changes import NetworkChange, changes
from sepconv_cli.diff.pairs import Pair, sides, since
from sepconv_cli.diff.report import diff_report
from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.importing.address import ModelOptions
from sepconv_cli.lowering.options import assigned
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import Context, named_devices
from sepconv_cli.network import BYTES

_Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="OLD NEW",
        help="Two specs or models, two folders, or git:REVISION:PATH; with --baseline any number "
        "of paths.",
    ),
]
_Revision = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="git:REV", help="Compare these paths with what they were then."
    ),
]


def command(
    paths: _Paths,
    baseline: _Revision = None,
    settings: options.SettingTexts = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    variants: options.VariantNames = None,
    chosen: VariantOptions = NO_OPTIONS,
    convention_name: options.ConventionName = "macs",
    dtype: options.DTypeName = "float32",
    device: options.DeviceNames = None,
    batch: options.BatchSize = None,
    strict: options.StrictOutputs = False,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Show what changed between two states of specs, network by network and layer by layer."""
    build_on, devices = options.split_devices(device)
    context = Context(convention(convention_name), BYTES[dtype], named_devices(devices, batch))
    points = grid(settings or ())
    options_of = assigned(variants or ["standard"], chosen)
    problems: list[Problem] = []
    found: list[NetworkChange] = []
    models = model_options(paths, inputs, call, points, device=build_on, use_cache=not no_cache)
    with _pairs(paths, baseline, include or (), problems, models) as pairs:
        for pair in pairs:
            if pair.old is None and pair.new is None and not pair.why:
                continue
            try:
                found.extend(changes(pair, options_of, points, context))
            except SpecError as error:
                problems.extend(error.problems)
    if found or not problems:
        write(diff_report(found, context, dtype), format, output)
    unused = refuse_named(
        ((change.name, change.unused) for change in found), strict=strict, quiet=quiet
    )
    if problems:
        raise SpecError(problems)
    return int(unused)


@contextmanager
def _pairs(
    paths: Sequence[str],
    baseline: str | None,
    include: Sequence[Path],
    problems: list[Problem],
    models: ModelOptions,
) -> Iterator[list[Pair]]:
    if baseline is not None:
        with since(paths, baseline, include, problems, models) as pairs:
            yield pairs
        return
    if len(paths) != 2:
        hint = "two of them, or --baseline git:REVISION"
        raise UsageError(f"diff compares two things, not {len(paths)}", hint)
    with sides(paths[0], paths[1], include, problems, models) as pairs:
        yield pairs
