"""Words, numbers, lists and mappings as YAML that reads back as the same, in short lines."""

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from sepconv_cli.importing.text.lines import Parameter
from sepconv_cli.language.numbers import MAX_VALUE

WIDTH = 100
_SHORT = 60
_PLAIN = re.compile(r"[^\W\d](?:[\w.\-+()/]|:(?=\w)| (?=[\w(]))*|0|[1-9][0-9]{0,8}")
_NO_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def words(text: str) -> str:
    """A text, in quotes where YAML would take it for something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NO_WORDS:
        return text
    return json.dumps(_printable(text), ensure_ascii=False)


def comment(text: str) -> str:
    """A line of comment."""
    return f"# {_printable(text)}".rstrip()


def _printable(text: str) -> str:
    return "".join([each if each.isprintable() else "?" for each in text])


def number_text(number: float) -> str:
    """A float's shortest decimal, in a form that the language reads exactly."""
    text = repr(number)
    if "e" not in text or Fraction(text).denominator <= MAX_VALUE:
        return text
    # With a point it is a number for YAML; without, an expression, which has fewer digits.
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}e{exponent}"


def flow(data: Any) -> str:
    """Data on one line."""
    if isinstance(data, Parameter):
        return str(data)
    if isinstance(data, Mapping):
        return "{" + ", ".join(_entry(key, value) for key, value in data.items()) + "}"
    if isinstance(data, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in data) + "]"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float):
        return number_text(data)
    return words(data) if isinstance(data, str) else str(data)


def _entry(key: str, value: Any) -> str:
    return words(key) if value is None else f"{words(key)}: {flow(value)}"


def wrapped(lead: str, data: Any) -> Iterator[str]:
    """The same after what leads to it, on as many lines as it takes."""
    line = lead
    pad = " " * (len(lead) - len(lead.lstrip(" -")) + 4)
    for number, piece in enumerate(_pieces(data)):
        if number and len(line) + 1 + len(piece) > WIDTH:
            yield line
            line = pad + piece
        else:
            line = f"{line} {piece}" if number else line + piece
    yield line


def _pieces(data: Any) -> list[str]:
    """Data cut where a line may end."""
    whole = flow(data)
    if isinstance(data, Mapping):
        opening, closing, entries = "{", "}", [_entry_pieces(*entry) for entry in data.items()]
    elif isinstance(data, (list, tuple)) and len(whole) > _SHORT:
        opening, closing, entries = "[", "]", [_pieces(item) for item in data]
    else:
        return [whole]
    pieces = [
        piece + "," * (at == len(entry) - 1) for entry in entries for at, piece in enumerate(entry)
    ]
    if not pieces:
        return [whole]
    pieces[0] = opening + pieces[0]
    pieces[-1] = pieces[-1].removesuffix(",") + closing
    return pieces


def _entry_pieces(key: str, value: Any) -> list[str]:
    if value is None:
        return [words(key)]
    first, *rest = _pieces(value)
    return [f"{words(key)}: {first}", *rest]
