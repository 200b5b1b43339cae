"""A spec's text, and the YAML document in it.

Reads files and standard input, and composes the document with its depth bounded
beforehand: PyYAML recurses in C. What the nodes are is nodes.py's, what they mean read.py's.
"""

import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sepconv_cli.errors import Place, Problem, Problems, Source, SpecError
from sepconv_cli.language.nodes import MAX_DEPTH, MAX_NODES, Converter, YamlNode

MAX_BYTES = 2 * 2**20

# Up to these a text needs no scan, and the stack is far from its end.
_SAFE_DEPTH = 1000
_SAFE_LENGTH = 200_000

_BRACKET = re.compile(r"[\[{]")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """PyYAML's loader, in C where there is one. What it takes a word for is remembered: it asks
    in Python, and the words of specs recur."""

    resolve = staticmethod(lru_cache(maxsize=256)(yaml.SafeLoader("").resolve))


def read_source(path: str) -> Source:
    """The text of a file, or of standard input for `-`. Raises SpecError where it can't be read."""
    name = "<stdin>" if path == "-" else path
    if not path or (path == "-" and sys.stdin is None):
        raise SpecError([Problem("no file is named" if not path else "no standard input")])
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SpecError([_unreadable(name, error)]) from error
    return decode(raw, name)


def decode(raw: bytes, name: str) -> Source:
    """Bytes as UTF-8 text. Raises SpecError for what is empty, binary or too large."""

    def refuse(message: str, hint: str | None = None) -> SpecError:
        return SpecError([Problem(f"{name}: {message}", hint=hint)])

    if len(raw) > MAX_BYTES:
        raise refuse(f"larger than {MAX_BYTES // 2**20} MiB, which no spec should be")
    if b"\0" in raw:
        raise refuse("a binary file, not a YAML spec")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(f"not UTF-8 text (byte {error.start + 1})") from error
    if not text.strip():
        raise refuse("empty", hint="a spec needs at least `input` and `layers`")
    return Source(name, text)


def parse(source: Source, problems: Problems) -> YamlNode:
    """The document as nodes. What can be read around is added to `problems`.

    Raises SpecError where the text isn't one YAML document.
    """
    _bound(source)
    try:
        root = yaml.compose(source.text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise SpecError([_syntax_problem(source, error)]) from error
    if root is None:
        raise SpecError([Problem(f"{source.name}: empty", hint="it holds only comments")])
    return Converter(source, problems).node(root, 0)


def _unreadable(name: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(f"{name}: no such file")
    if isinstance(error, IsADirectoryError):
        return Problem(f"{name}: a directory, not a spec", hint=f"name a file: {name}/*.yaml")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Problem(f"{name}: can't be read: {reason}")


def _bound(source: Source) -> None:
    """Refuse what is too deep or too much; a text that can't be costs only a few searches."""
    text = source.text
    if len(text) <= _SAFE_LENGTH and _most_depth(text) <= _SAFE_DEPTH:
        return
    depth = 0
    try:
        for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if number > 2 * MAX_NODES:
                raise SpecError([Problem(f"more than {MAX_NODES:,} values")])
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    place = _place(source, event.start_mark)
                    raise SpecError([Problem(f"nested deeper than {MAX_DEPTH} levels", place)])
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        raise SpecError([_syntax_problem(source, error)]) from error


def _most_depth(text: str) -> int:
    """What the depth of a text can't exceed.

    Each bracket opens a collection, and a block at most two a column: a list may stand at its
    key's indent. After a bracket no block can open on the same line, so that a line of JSON
    needs no scan.
    """
    brackets = text.count("[") + text.count("{")
    lines = text.splitlines()
    most = brackets + 2 * max(map(len, lines))
    if most <= _SAFE_DEPTH:
        return most
    return brackets + 2 * max(len(_BRACKET.split(line, 1)[0]) for line in lines)


def _place(source: Source, mark: Any) -> Place:
    return Place(source, mark.line + 1, mark.column + 1)


def _syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        # Its position counts bytes in one loader and characters in the other.
        found = yaml.reader.Reader.NON_PRINTABLE.search(source.text)
        lines = source.text[: found.start() + 1 if found else 1].splitlines()
        place = Place(source, len(lines), len(lines[-1]))
        return Problem("a control character, which YAML doesn't allow", place)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = getattr(error, "problem", None) or "not YAML"
    hint = None
    if "cannot start any token" in message and mark and _rest(source, mark).startswith("\t"):
        message, hint = "a tab, where YAML wants spaces", "indent with spaces"
    elif "single document" in (getattr(error, "context", None) or ""):
        message, hint = "a second document starts here", "one file holds one spec"
    elif "mapping values are not allowed" in message:
        hint = "a line before it lacks a space after its colon, or this one is indented too far"
    elif "expected ',' or" in message:
        hint = "a bracket is not closed, or a comma is missing"
    return Problem(message, _place(source, mark) if mark else None, hint)


def _rest(source: Source, mark: Any) -> str:
    """What stands on the line from a mark on."""
    return source.line(mark.line + 1)[mark.column :]
