"""List what can be named: ops, variants, conventions, formats, configs."""

from typing import Annotated, Any, Literal

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._output import write
from sepconv_cli.library import zoo
from sepconv_cli.library.load import load
from sepconv_cli.registry import get, names
from sepconv_cli.show.table import Cell, Column, Report, Table

Kind = Literal["ops", "variants", "conventions", "formats", "configs"]
KindName = Annotated[Kind, typer.Argument(metavar="KIND", help="What to list.")]


def command(
    kind: KindName,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
) -> int:
    """List what can be named: ops, variants, conventions, formats, configs."""
    entries = _configs() if kind == "configs" else _registered(kind)
    records: list[dict[str, Any]] = [{"name": name, "about": about} for name, about in entries]
    table = Table(
        kind,
        f"{len(entries)} in all",
        (Column("name", "left"), Column("about", "left")),
        (tuple((Cell(name), Cell(about)) for name, about in entries),),
    )
    write(Report({kind: records}, records, [table]), format, output)
    return 0


def _registered(kind: str) -> list[tuple[str, str]]:
    """Every entry with the first line of its module's docstring."""
    return [(name, _first_line(get(kind, name).__doc__)) for name in names(kind)]


def _configs() -> list[tuple[str, str]]:
    """Every spec of the zoo with its name and source."""
    specs = [(name, load(zoo.PREFIX + name)) for name in zoo.names()]
    return [
        (zoo.PREFIX + name, ", ".join(filter(None, (spec.name, spec.reference))))
        for name, spec in specs
    ]


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]
