"""Compare the variants of one convolution, without a file."""

import re
from typing import Annotated

import typer

from sepconv_cli.commands import _compare
from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.errors import UsageError
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.read import loads
from sepconv_cli.metrics import named_devices

InChannels = Annotated[str, typer.Argument(metavar="IN_CHANNELS", help="Channels that arrive.")]
OutChannels = Annotated[str, typer.Argument(metavar="OUT_CHANNELS", help="Channels that leave.")]
Input = Annotated[
    str,
    typer.Option("--input", metavar="SIZE", help="The input's size: 32x32, 100 or 8x32x32."),
]
KernelSize = Annotated[str, typer.Option("--kernel-size", "-k", metavar="SIZE", help="3 or 3x5.")]
Stride = Annotated[str, typer.Option(metavar="SIZE", help="2 or 2x1.")]
_Padding = Annotated[str, typer.Option(metavar="SIZE", help="1, 1x2, same or valid.")]
Dilation = Annotated[str, typer.Option(metavar="SIZE", help="2 or 2x1.")]
Groups = Annotated[str, typer.Option(metavar="G", help="Groups of the standard convolution.")]
_SIZES = r"\d+(x\d+)*"
NoBias = Annotated[bool, typer.Option("--no-bias", help="The convolution has no bias.")]


def command(
    in_channels: InChannels,
    out_channels: OutChannels,
    size: Input,
    kernel_size: KernelSize = "3",
    stride: Stride = "1",
    padding: _Padding = "0",
    dilation: Dilation = "1",
    groups: Groups = "1",
    no_bias: NoBias = False,
    variants: options.VariantNames = None,
    chosen: VariantOptions = NO_OPTIONS,
    per_layer: options.PerLayer = False,
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
    """Compare the variants of one convolution, without a file."""
    _refuse("IN_CHANNELS", in_channels, r"\d+")
    _refuse("OUT_CHANNELS", out_channels, r"\d+")
    _refuse("--input", size, _SIZES)
    _refuse("--groups", groups, r"\d+")
    _refuse("--padding", padding, f"{_SIZES}|same|valid")
    for option, text in (("kernel-size", kernel_size), ("stride", stride), ("dilation", dilation)):
        _refuse(f"--{option}", text, _SIZES)
    fields = {
        "out_channels": out_channels,
        "kernel_size": _axes(kernel_size),
        "stride": _axes(stride),
        "padding": _axes(padding),
        "dilation": _axes(dilation),
        "groups": groups,
        "bias": "false" if no_bias else "true",
    }
    spec = loads(_text(in_channels, size, fields), "layer")
    planned = list(cases(spec, variants=variants or (), options=chosen))
    request = _compare.ComparisonRequest(
        convention=convention,
        strict=strict,
        engine=engine,
        dtype=dtype,
        devices=named_devices(device or (), batch),
        per_layer=per_layer,
        depth=None,
        use_cache=not no_cache,
        format=format,
        output=output,
        quiet=quiet,
    )
    return _compare.count_and_show(planned, request)


def _refuse(option: str, text: str, pattern: str) -> None:
    if not re.fullmatch(pattern, text.lower()):
        example = "such as 32" if pattern == r"\d+" else "such as 3 or 3x5"
        raise UsageError(f"{option}: expected whole numbers, not {text!r}", example)


def _text(in_channels: str, size: str, fields: dict[str, str]) -> str:
    """The layer as a spec, so that it is read, checked and complained about like any other."""
    title = f"conv {in_channels} -> {fields['out_channels']}, kernel {fields['kernel_size']}"
    lines = [
        f'name: "{title}"',
        f"input: [{in_channels}, {size.lower().replace('x', ', ')}]",
        "layers:",
        "  - conv:",
        *(f"      {name}: {value}" for name, value in fields.items()),
    ]
    return "\n".join(lines) + "\n"


def _axes(text: str) -> str:
    """`3x5` as a list with a number for each axis."""
    return f"[{', '.join(text.lower().split('x'))}]" if "x" in text.lower() else text
