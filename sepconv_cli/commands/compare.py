"""Compare the variants of one or more specs."""

from typing import Annotated

import typer

from sepconv_cli.commands import _compare
from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import model_options
from sepconv_cli.library.load import load_all
from sepconv_cli.lowering.choose import cases, rule
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import named_devices

SpecPaths = Annotated[
    list[str],
    typer.Argument(
        metavar="SPEC...", help=f"YAML files; - reads standard input; or {options.MODELS}."
    ),
]


def command(
    specs: SpecPaths,
    settings: options.SettingTexts = None,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    variants: options.VariantNames = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    per_layer: options.PerLayer = False,
    depth: options.Depth = None,
    convention: options.ConventionName = "macs",
    strict: options.Strict = False,
    engine: options.EngineName = "auto",
    dtype: options.DTypeName = "float32",
    device: options.DeviceNames = None,
    batch: options.BatchSize = None,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Compare the variants of one or more specs: parameters, MACs, ratios, agreement."""
    build_on, devices = options.split_devices(device)
    points = grid(settings or ())
    rules = [rule(text) for text in rewrite or ()]
    models = model_options(specs, inputs, call, points, device=build_on, use_cache=not no_cache)
    planned = [
        case
        for spec in load_all(specs, include or (), models)
        for case in cases(spec, points, variants or (), chosen, rules)
    ]
    request = _compare.ComparisonRequest(
        convention=convention,
        strict=strict,
        engine=engine,
        dtype=dtype,
        devices=named_devices(devices, batch),
        per_layer=per_layer or depth is not None,
        depth=depth,
        use_cache=not no_cache,
        format=format,
        output=output,
        quiet=quiet,
    )
    return _compare.count_and_show(planned, request)
