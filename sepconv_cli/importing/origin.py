"""The first line of an imported spec's text: where it comes from."""

from collections.abc import Iterable
from datetime import date

from sepconv_cli.importing.tape import Tape

MAX_SHOWN = 300


def origin_line(called: str, versions: Iterable[str], tape: Tape) -> str:
    """A model's name, what it was written and read with, the samples that arrive, and the day."""
    shapes = " and ".join("x".join(map(str, ref.shape[1:])) for ref in tape.inputs)
    parts = (as_text(called), *map(as_text, versions), f"input {shapes}", date.today().isoformat())
    return f"imported from {', '.join(filter(None, parts))}"


def as_text(written: str) -> str:
    """Something that a file says, as part of a line of text, of bounded length."""
    shown = "".join(each if each.isprintable() else "?" for each in written[:MAX_SHOWN])
    return f"{shown} ..." if len(written) > MAX_SHOWN else shown
