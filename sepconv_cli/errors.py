"""What can be wrong with a user's input, and the one way to say it.

`Problem` is one finding with its place, `SpecError` carries all findings of one
run, `render` writes them as a compiler would. Nothing here decides an exit code.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import msgspec

MAX_PROBLEMS = 100


class Source(msgspec.Struct, frozen=True):
    """A text that was read, kept so that an error can quote it."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The line with that number, counted from 1; empty past the end."""
        lines = _lines(self.text)
        return lines[number - 1] if number <= len(lines) else ""


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    return text.splitlines()


# Of frozen values there can be no circles, so where there are many of a kind the garbage
# collector is told to leave them out.
class Place(msgspec.Struct, frozen=True, gc=False):
    """Where something was written; line and column count from 1."""

    source: Source
    line: int
    column: int

    def shifted(self, columns: int) -> "Place":
        """The place that many characters to the right on the same line."""
        return Place(self.source, self.line, self.column + columns)


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, where it is, and what might mend it."""

    message: str
    place: Place | None = None
    hint: str | None = None


class SpecError(Exception):
    """Input that can't be used. Carries every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__(render(self.problems))


class UsageError(SpecError):
    """A wrong option or argument: a problem without a place in a file."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__([Problem(message, hint=hint)])


class Problems(list[Problem]):
    """What was found wrong so far with one input."""

    def complain(self, message: str, place: Place, hint: str | None = None) -> None:
        """Add a problem. Raises SpecError with all of them where there are more than enough."""
        self.append(Problem(message, place, hint))
        if len(self) >= MAX_PROBLEMS:
            more = Problem(f"more than {MAX_PROBLEMS} problems; the rest is not shown")
            raise SpecError([*self, more])


class Complaint(msgspec.Struct, frozen=True):
    """What an op says against its own fields or the shape that arrives.

    `field` names the field to point at; None points at the layer.
    """

    message: str
    field: str | None = None
    hint: str | None = None


def closest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that a misspelt name was meant to be; None where none is close."""
    from difflib import get_close_matches

    # Comparing is slow; nobody misspells a name by half of its length.
    similar = [choice for choice in choices if 2 * abs(len(choice) - len(name)) <= len(name) + 2]
    return next(iter(get_close_matches(name, similar[:500], n=1, cutoff=0.6)), None)


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """A hint that names the closest choice, or else lists them all."""
    known = list(choices)
    close = closest(name, known)
    if close:
        return f"did you mean {close}?"
    return f"known: {', '.join(known[:20])}" if known else "none are defined"


def plural(count: int, noun: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def show(value: Any) -> str:
    """A value as the user would write it in a spec."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(show(item) for item in value)}]"
    if isinstance(value, Fraction):
        return str(value) if len(str(float(value))) > 12 else str(float(value))
    return str(value)


_LONGEST = 300


def first_line(error: BaseException) -> str:
    """What other people's code says of an error, in one line of bounded length."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."


def render(problems: Sequence[Problem]) -> str:
    """All problems as text, in the order of the file, then a line that counts them."""
    ordered = sorted(problems, key=_order)
    blocks = [_render_one(problem) for problem in ordered]
    if len(blocks) > 1:
        blocks.append(f"{len(blocks)} problems")
    return "\n".join(blocks)


def _order(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.source.name, place.line, place.column) if place else ("", 0, 0)


def _render_one(problem: Problem) -> str:
    hint = [f"  hint: {_one_line(problem.hint)}"] if problem.hint else []
    place = problem.place
    message = _one_line(problem.message)
    if place is None:
        return "\n".join([f"error: {message}", *hint])
    head = f"{_one_line(place.source.name)}:{place.line}:{place.column}: {message}"
    return "\n".join([head, *_snippet(place), *hint])


def _snippet(place: Place, width: int = 100) -> list[str]:
    """The source line and a caret under the column; a long line is cut around it."""
    line = place.source.line(place.line)
    if not line.strip():
        return []
    start = max(0, place.column - 1 - width // 2) if len(line) > width else 0
    shown = _printable(line[start : start + width])
    gutter = f"{place.line:>5} | "
    caret = " " * (len(gutter) - 2) + "| " + " " * (place.column - 1 - start) + "^"
    return [gutter + shown, caret]


def _one_line(text: str, most: int = 500) -> str:
    """Text that can't do anything to a terminal, and isn't endless."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= most else shown[:most] + "..."


def _printable(text: str) -> str:
    """One visible character for one character, so that the caret stays in place."""
    return "".join(character if character.isprintable() else " " for character in text)
