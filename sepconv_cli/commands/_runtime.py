"""Options of commands that run networks."""

from typing import Annotated

import typer

from sepconv_cli.measure.setup import RuntimeDevice
from sepconv_cli.registry import names

BROKEN_OFF = 130
RUNTIME_PANEL = "Runtime"
RuntimeName = Annotated[
    str,
    typer.Option(
        "--runtime",
        metavar="NAME",
        help=f"What runs the network. One of {', '.join(names('measure/runtimes'))}.",
        autocompletion=lambda: list(names("measure/runtimes")),
        rich_help_panel=RUNTIME_PANEL,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Threads on a processor, each on a core of its own. (default: every core)",
        rich_help_panel=RUNTIME_PANEL,
    ),
]
OnDevice = Annotated[
    RuntimeDevice, typer.Option(help="Where it runs.", rich_help_panel=RUNTIME_PANEL)
]
Compiled = Annotated[
    bool,
    typer.Option("--compiled", help="Compile it first (torch).", rich_help_panel=RUNTIME_PANEL),
]
