"""Paths as a user types them -> inputs, in an order that is the same every time.

Folders are walked and globs expanded as the run goes on; only the names of one folder at a
time are held.
"""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from glob import has_magic
from itertools import chain
from pathlib import Path
from typing import IO, TextIO

from sepconv_cli.batch.documents import Input, is_spec
from sepconv_cli.errors import UsageError
from sepconv_cli.library import zoo

_HINT = "a file, a folder of *.yaml and *.yml, or a quoted glob such as 'configs/**/*.yaml'"


def find(paths: Sequence[str], files_from: str | None = None) -> Iterator[Input]:
    """The inputs that the paths name, in their order, each path's own sorted.

    Raises UsageError at once for a path that names nothing. A line of `files_from` (`-`:
    standard input) that names nothing comes out as an input that can't be read.
    """
    if not paths and files_from is None:
        raise UsageError("no specs are named", _HINT)
    if "-" in paths and files_from == "-":
        raise UsageError("standard input can't be both a spec and a list of files")
    named = [_at_least_one(path, inputs(path)) for path in paths]
    listed = () if files_from is None else _listed(_open_list(files_from))
    return chain(chain.from_iterable(named), listed)


def inputs(path: str) -> Iterator[Input]:
    """The inputs that one path names; none where there are none."""
    if path == "-":
        return iter([_standard_input()])
    if path.startswith(zoo.PREFIX):
        return iter(_zoo(path.removeprefix(zoo.PREFIX)))
    if "://" in path:
        from sepconv_cli.batch.remote import remote

        return remote(path)
    if Path(path).is_dir():
        return walk(path)
    if not os.path.lexists(path):
        return (local(name) for name in (_matches(path) if has_magic(path) else ()))
    return iter([local(path)])


def _matches(pattern: str) -> list[str]:
    """The files that a glob fits, hidden ones only where it says so. Links aren't followed."""
    start = Path(Path(pattern).anchor)
    try:
        found = list(start.glob(str(Path(pattern).relative_to(start))))
    except ValueError:  # such as a**
        return []
    dotted = {part for part in Path(pattern).parts if part.startswith(".")}
    return sorted(
        str(path)
        for path in found
        if not path.is_dir()
        and not any(part.startswith(".") and part not in dotted for part in path.parts)
    )


def walk(folder: str) -> Iterator[Input]:
    """The specs in a folder and below it; hidden folders, such as those of Git, are left out."""
    try:
        names = os.listdir(folder)  # noqa: PTH208
        names.sort(reverse=True)
    except OSError as error:
        yield _lost(folder, error)
        return
    while names:
        name = names.pop()
        path = os.path.join(folder, name)  # noqa: PTH118
        if name.startswith("."):
            continue
        if os.path.isdir(path):  # noqa: PTH112
            yield from () if Path(path).is_symlink() else walk(path)
        elif is_spec(name):
            yield local(path)


def _lost(path: str, error: Exception) -> Input:
    """What can't be opened, for its error."""

    def fail() -> IO[bytes]:
        raise error

    return Input(_shown(path), fail)


def local(path: str) -> Input:
    """A file on this machine. A name that isn't UTF-8 is shown with its odd bytes escaped."""
    return Input(_shown(path), partial(_open, path), partial(_size, path))


def _shown(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _open(path: str) -> IO[bytes]:
    # Opening a pipe that nobody writes would wait for ever.
    if stat.S_ISFIFO(os.stat(path).st_mode) and not path.startswith("/dev/"):  # noqa: PTH116
        raise ValueError("a pipe, not a file")
    return Path(path).open("rb")


def _size(path: str) -> int | None:
    return Path(path).stat().st_size or None


def _standard_input() -> Input:
    if sys.stdin is None:
        raise UsageError("no standard input")
    return Input("<stdin>", lambda: sys.stdin.buffer)


def _zoo(name: str) -> list[Input]:
    names = [name] if name else zoo.names()
    files = [(f"{zoo.PREFIX}{each}", str(zoo.path_of(each))) for each in names]
    return [Input(shown, partial(_open, file)) for shown, file in files]


def _at_least_one(path: str, found: Iterator[Input]) -> Iterator[Input]:
    first = next(found, None)
    if first is not None:
        return chain([first], found)
    if Path(path).is_dir():
        raise UsageError(
            f"{path}: holds no *.yaml or *.yml", "JSONL and archives go by their names"
        )
    what = "matches no file" if has_magic(path) else "no such file or folder"
    raise UsageError(f"{path}: {what}", _HINT)


def _open_list(name: str) -> TextIO:
    if name == "-":
        if sys.stdin is None:
            raise UsageError("no standard input")
        return sys.stdin
    try:
        return Path(name).open(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"--files-from {name}: {error.strerror}") from error


def _listed(lines: TextIO) -> Iterator[Input]:
    """What each line names; a name that matches nothing is an input that can't be opened."""
    with lines:
        for line in lines:
            path = line.rstrip("\r\n")
            if path:
                yield from _inputs_or_error(path)


def _inputs_or_error(path: str) -> Iterator[Input]:
    try:
        found = inputs(path)
    except UsageError as error:
        return iter([_lost(path, OSError(error.problems[0].message))])
    first = next(found, None)
    return chain([local(path) if first is None else first], found)
