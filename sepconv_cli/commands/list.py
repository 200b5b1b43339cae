"""List what can be named: ops, variants, conventions, metrics, devices, formats, configs."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.errors import SpecError, plural, render
from sepconv_cli.library import zoo
from sepconv_cli.library.load import load
from sepconv_cli.metrics import listed, metric
from sepconv_cli.registry import get, names
from sepconv_cli.show.table import Cell, Column, Report, Table, percent_text

if TYPE_CHECKING:
    from sepconv_cli.latency.profile import Profile

_Kind = Literal["ops", "variants", "conventions", "metrics", "devices", "formats", "configs"]
KindName = Annotated[_Kind, typer.Argument(metavar="KIND", help="What to list.")]


def command(
    kind: KindName,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
) -> int:
    """List what can be named: ops, variants, conventions, metrics, devices, formats, configs."""
    if kind == "devices":
        records, broken = _devices()
    else:
        records, broken = _records(kind), []
    columns = tuple(records[0]) if records else ()
    table = Table(
        kind,
        f"{len(records)} in all",
        tuple(Column(name, "left") for name in columns),
        (tuple(tuple(Cell(record[name]) for name in columns) for record in records),),
    )
    write(Report({kind: records}, records, [table]), format, output)
    for error in broken:
        to_stderr(f"error: {render(error.problems)}")
    return 2 if broken else 0


def _records(kind: str) -> list[dict[str, str]]:
    """Every entry as a record, whose keys are the columns."""
    if kind == "metrics":
        return [
            {"name": one.name, "unit": one.unit, "about": one.meaning}
            for one in (*listed(), metric("latency"), *map(metric, names("conventions")))
        ]
    entries = _configs() if kind == "configs" else _registered(kind)
    return [{"name": name, "about": about} for name, about in entries]


def _devices() -> tuple[list[dict[str, str]], list[SpecError]]:
    """Every device with a profile, and how exact that is; what is wrong with the broken ones."""
    from sepconv_cli.latency.find import device_names, find_profile

    records, broken = [], []
    for name in device_names():
        try:
            records.append(_device(find_profile(name)))
        except SpecError as error:
            broken.append(error)
    return records, broken


def _device(profile: "Profile") -> dict[str, str]:
    return {
        "name": profile.name,
        "about": f"{profile.title}, {profile.software}" + ", compiled" * profile.compiled,
        "precision": profile.precision,
        "layout": profile.layout,
        "batch": f"{profile.batch_size:,}",
        "fitted on": plural(profile.fitted.networks, "network"),
        "error": percent_text(profile.errors.median_error),
        "on": plural(profile.errors.held_out, "network"),
    }


def _registered(kind: str) -> list[tuple[str, str]]:
    """Every entry with the first line of its module's docstring."""
    return [(name, _first_line(get(kind, name).__doc__)) for name in names(kind)]


def _configs() -> list[tuple[str, str]]:
    """Every spec of the zoo with its name and source."""
    specs = [(name, load(zoo.ZOO_PREFIX + name)) for name in zoo.zoo_names()]
    return [
        (zoo.ZOO_PREFIX + name, ", ".join(filter(None, (spec.name, spec.reference))))
        for name, spec in specs
    ]


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]
