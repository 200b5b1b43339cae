"""Options that more than one command takes, and how they are read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from sepconv_cli.commands._flags import PANEL
from sepconv_cli.compare.engines import Engine
from sepconv_cli.lowering.choose import in_order
from sepconv_cli.network import DType
from sepconv_cli.registry import names
from sepconv_cli.variants import COMPARED

_OUTPUT = "Output"
LATENCY = "Latency"
CONVENTIONS = ", ".join(names("conventions"))
FORMATS = ", ".join(names("formats"))
ROWS = 10_000
"""So many points are in a report for machines."""
VARIANTS = ", ".join(in_order(names("variants")))

BuildDevice = Literal["meta", "cpu"]
"""Where a model is built."""


def split_devices(given: Sequence[str] | None) -> tuple[BuildDevice, list[str]]:
    """Where a model is built, and the devices that latencies are predicted on.

    One option names both: `cpu` and `meta` are no devices that a latency could be of.
    """
    named = [name for name in given or () if name not in get_args(BuildDevice)]
    return ("cpu" if "cpu" in (given or ()) else "meta"), named


MODELS = "timm:NAME, torchvision:NAME, torch:MODULE:NAME, FILE.onnx, FILE.pt2"


def known_devices() -> list[str]:
    """Every device with a profile."""
    from sepconv_cli.latency.find import device_names

    return device_names()


SpecPath = Annotated[
    str,
    typer.Argument(metavar="SPEC", help=f"A YAML file; - reads standard input; or {MODELS}."),
]
_MODEL = "Models"
ModelInputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="[NAME=]C,H,W",
        help="The shape of a sample that the model reads: 3,224,224; 7:int for whole numbers. "
        "Repeat for more inputs.",
        rich_help_panel=_MODEL,
    ),
]
ModelCall = Annotated[
    str | None,
    typer.Option(
        metavar="NAME=VALUE,...",
        help="Arguments to build the model with, such as 'width=0.5'.",
        rich_help_panel=_MODEL,
    ),
]
ModelDevice = Annotated[
    BuildDevice,
    typer.Option(
        help="Where the model is built: cpu where what it does hangs on values.",
        rich_help_panel=_MODEL,
    ),
]
LayerPattern = Annotated[
    str,
    typer.Option(
        "--layer", metavar="PATTERN", help="Only layers whose name fits, such as 'stage2.*'."
    ),
]
VariantNames = Annotated[
    list[str] | None,
    typer.Option(
        "--variant",
        metavar="NAME",
        help=f"A variant to compare; repeat for more. One of {VARIANTS}. "
        f"(default: those of the spec, or the first {len(COMPARED)})",
        autocompletion=lambda: list(names("variants")),
        rich_help_panel=PANEL,
    ),
]
Rewrite = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN[=VARIANT]",
        help="Rewrite only convolutions whose layer fits, such as 'stage2.*', or of a kernel, "
        "such as 3x3; with a variant, by that one. Repeat for more; the first that fits holds.",
        rich_help_panel=PANEL,
    ),
]
SettingTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE[,VALUE...]",
        help="Set a parameter of the spec; several values make a row each.",
    ),
]
OneSetting = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a parameter of the spec. Repeat for more parameters.",
    ),
]
Include = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FOLDER", help="A folder, beside the spec's own, that files are included from."
    ),
]
PerLayer = Annotated[bool, typer.Option("--per-layer", help="Show every layer too.")]
Depth = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Show layers folded to N parts of their names (--per-layer too)."
    ),
]
ConventionName = Annotated[
    str,
    typer.Option(
        "--convention",
        metavar="NAME",
        help=f"What is counted. One of {CONVENTIONS}.",
        autocompletion=lambda: list(names("conventions")),
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Exit with 1 where the convention leaves a layer out, or one leads to no output.",
    ),
]
StrictOutputs = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 where a layer leads to no output.")
]
EngineName = Annotated[
    Engine,
    typer.Option(
        help="By formula (analytic), by tracing torch with fvcore (trace), or both. "
        "auto is both where torch and fvcore are installed."
    ),
]
DTypeName = Annotated[DType, typer.Option(help="The data type that bytes are counted in.")]
DeviceNames = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        metavar="NAME",
        help="Predict milliseconds on this device, or on that of a profile's file; repeat for "
        "more. `sepconv list devices` names them. (cpu and meta: where a model is built)",
        autocompletion=known_devices,
        rich_help_panel=LATENCY,
    ),
]
DeviceName = Annotated[
    str | None,
    typer.Option(
        "--device",
        metavar="NAME",
        help="Predict milliseconds on this device, or on that of a profile's file. "
        "`sepconv list devices` names them.",
        autocompletion=known_devices,
        rich_help_panel=LATENCY,
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option(
        "--batch",
        metavar="N",
        min=1,
        help="Predict for so many samples at once. (default: what the device was measured with)",
        rich_help_panel=LATENCY,
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Work everything out anew, and keep nothing of it.")
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME",
        help=f"One of {FORMATS}. (default: by the ending of --output, or terminal)",
        autocompletion=lambda: list(names("formats")),
        rich_help_panel=_OUTPUT,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to a file instead of standard output.",
        rich_help_panel=_OUTPUT,
    ),
]
PictureOutput = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to a file instead of standard output: .svg, .png or .html is a picture.",
        rich_help_panel=_OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="No hints and no progress on standard error, only errors.",
        rich_help_panel=_OUTPUT,
    ),
]
