"""What is typed of a model's input and arguments -> options. Nothing that is typed is run."""

import ast
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.address import AskedInput

MOST_CHARACTERS = 10_000
_SHAPE = re.compile(r"(\d{1,12}([,x]\d{1,12})*)(:int)?")


def inputs_of(texts: Iterable[str]) -> tuple[AskedInput, ...]:
    """`3,224,224`, `image=3,224,224` or `7:int` as inputs of one sample. Raises UsageError."""
    found: list[AskedInput] = []
    for text in texts:
        name, _, sizes = text.rpartition("=")
        name = name.strip()
        read = _SHAPE.fullmatch(sizes.replace(" ", "").lower())
        if read is None:
            hint = "channels, then the sizes, no batch: --input 3,224,224"
            raise UsageError(f"--input {text}: expected the shape of a sample", hint)
        shape = tuple(map(int, re.split("[,x]", read[1])))
        if 0 in shape:
            raise UsageError(f"--input {text}: no size may be 0")
        if name and any(each.name == name for each in found):
            raise UsageError(f"--input {text}: {name} is given twice")
        found.append(AskedInput(name, shape, whole=bool(read[3])))
    return tuple(found)


def call_of(text: str | None) -> tuple[tuple[str, Any], ...]:
    """`width=0.5, name="a"` as arguments by name, whose values are literals. Raises UsageError."""
    if text is None:
        return ()
    try:
        return _arguments(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise UsageError(
            f"--call {text}: expected NAME=VALUE, and literals as values",
            "numbers, texts in quotes, True, False, None, or lists of these: "
            "--call 'width=0.5, classes=10'",
        ) from None


def _arguments(text: str) -> tuple[tuple[str, Any], ...]:
    if len(text) > MOST_CHARACTERS:
        raise ValueError
    call = ast.parse(f"_({text}\n)", mode="eval").body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
        raise ValueError
    found = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg}
    if len(found) != len(call.keywords):
        raise ValueError
    return tuple(sorted(found.items()))


def resolutions_of(values: Sequence[object]) -> tuple[int, ...]:
    """The sizes among some values of the parameter `resolution`. Raises UsageError."""
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise UsageError("resolution: expected whole numbers over 0")
    return tuple(sorted({value for value in values if isinstance(value, int)}))
