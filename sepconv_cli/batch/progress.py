"""How far a batch is, on a terminal's standard error: specs, rate, time left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Is told of what has been done."""

    def __call__(self, specs: int, share: float) -> None:
        """So many specs more, which make up so many inputs."""


@contextmanager
def silent() -> Iterator[Progress]:
    """Nobody watches."""
    yield lambda specs, share: None


@contextmanager
def bar(inputs: float | None) -> Iterator[Progress]:
    """A bar; without time left where it isn't known how many inputs there are."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.fields[specs]:,} specs, {task.fields[rate]:,.0f} a second"),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=inputs, specs=0, rate=0.0)
        done = 0

        def advance(specs: int, share: float) -> None:
            nonlocal done
            done += specs
            elapsed = shown.tasks[0].elapsed or 0
            shown.update(task, advance=share, specs=done, rate=done / elapsed if elapsed else 0)

        yield advance
