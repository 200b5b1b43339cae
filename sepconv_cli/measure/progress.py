"""How far a measurement is, on a terminal's standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sepconv_cli.measure.turns import Advance


@contextmanager
def progress_bar(title: str, quiet: bool) -> Iterator[Advance]:
    """A bar that is gone when it's over; nothing where nobody watches."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)
