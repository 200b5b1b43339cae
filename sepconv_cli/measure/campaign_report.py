"""The times of a calibration's probes as a report, in the columns of published measurements."""

from collections.abc import Iterator

import msgspec

from sepconv_cli.errors import plural
from sepconv_cli.measure.campaign import Campaign, measurement_rows
from sepconv_cli.measure.turns import UNSTEADY
from sepconv_cli.show.table import Cell, Column, Report, Table, integer

_COLUMNS = (
    Column("model", "left"),
    Column("input size"),
    Column("batch size"),
    Column("samples per second"),
)


def campaign_report(campaign: Campaign) -> Report:
    """A row for each probe and batch size."""
    rows = measurement_rows(campaign.times)
    setup = campaign.setup
    about = "" if setup is None else f"{setup.software}, {setup.device}, {setup.precision}"
    cells = tuple(
        (
            Cell(row["model"]),
            Cell(integer(row["input_size"])),
            Cell(integer(row["batch_size"])),
            Cell(f"{row['samples_per_second']:,.1f}"),
        )
        for row in rows
    )
    return Report(
        data={
            "setup": msgspec.to_builtins(setup),
            "interrupted": campaign.interrupted,
            "refused": campaign.refused,
            "rows": rows,
        },
        records=rows,
        tables=[Table("Measured probes", about, _COLUMNS, (cells,))],
    )


def campaign_doubts(campaign: Campaign) -> Iterator[str]:
    """What speaks against the numbers."""
    for model, message in campaign.refused.items():
        yield f"{model} is left out: {message}"
    unsteady = [each for each in campaign.times if (each.spread or 0) > UNSTEADY]
    if unsteady:
        yield (
            f"{plural(len(unsteady), 'time')} of {len(campaign.times)} spread by more than "
            f"{100 * UNSTEADY:.0f} %: something else is running here"
        )
    if campaign.interrupted:
        yield "interrupted: the same command goes on where this one stopped"
