"""Paths as a user types them -> streams of documents, in an order that is the same every time.

library/find.py finds files; here come standard input, the zoo, lists of paths, and addresses.
"""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from glob import has_magic
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, TextIO

from sepconv_cli.batch.stream import Stream
from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.importing.address import USUAL, ModelOptions, model_source
from sepconv_cli.importing.model_text import model_text
from sepconv_cli.library import zoo
from sepconv_cli.library.find import files

_HINT = "a file, a folder of *.yaml and *.yml, or a quoted glob such as 'configs/**/*.yaml'"


def streams(
    paths: Sequence[str], files_from: str | None = None, models: ModelOptions = USUAL
) -> Iterator[Stream]:
    """The streams that the paths name, in their order, each path's own sorted.

    A model is a stream of its spec, which is made when it is opened, as `models` say.

    Raises UsageError at once for a path that names nothing. A line of `files_from` (`-`:
    standard input) that names nothing comes out as a stream that can't be read.
    """
    if not paths and files_from is None:
        raise UsageError("no specs are named", _HINT)
    if "-" in paths and files_from == "-":
        raise UsageError("standard input can't be both a spec and a list of files")
    named = [_at_least_one(path, _named(path, models)) for path in paths]
    listed = () if files_from is None else _listed(_open_list(files_from), models)
    return chain(chain.from_iterable(named), listed)


def _named(path: str, models: ModelOptions) -> Iterator[Stream]:
    """The streams that one path names; none where there are none."""
    if path == "-":
        return iter([_standard_input()])
    if path.startswith(zoo.ZOO_PREFIX):
        return iter(_zoo(path.removeprefix(zoo.ZOO_PREFIX)))
    if model_source(path):
        return iter([_model(path, models)])
    if "://" in path:
        from sepconv_cli.batch.remote import remote

        return remote(path)
    return (_model(file, models) if model_source(file) else local(file) for file in files(path))


def _model(address: str, models: ModelOptions) -> Stream:
    """The spec of a model."""

    def made() -> IO[bytes]:
        source = model_source(address)
        assert source
        try:
            return BytesIO(model_text(source, address, models).text.encode())
        except SpecError as error:
            problem = error.problems[0]
            raise OSError(" - ".join(filter(None, (problem.message, problem.hint)))) from error

    return Stream(readable(address), made)


def local(path: str) -> Stream:
    """A file on this machine. A name that isn't UTF-8 is shown with its odd bytes escaped."""
    return Stream(readable(path), partial(_open, path), partial(_size, path))


def readable(name: str) -> str:
    """A name that can be written as UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _open(path: str) -> IO[bytes]:
    # Opening a pipe that nobody writes would wait for ever.
    if stat.S_ISFIFO(os.stat(path).st_mode) and not path.startswith("/dev/"):  # noqa: PTH116
        raise ValueError("a pipe, not a file")
    return Path(path).open("rb")


def _size(path: str) -> int | None:
    return Path(path).stat().st_size or None


def _standard_input() -> Stream:
    if sys.stdin is None:
        raise UsageError("no standard input")
    return Stream("<stdin>", lambda: sys.stdin.buffer)


def _zoo(name: str) -> list[Stream]:
    names = [name] if name else zoo.zoo_names()
    found = [(f"{zoo.ZOO_PREFIX}{each}", str(zoo.path_of(each))) for each in names]
    return [Stream(shown, partial(_open, file)) for shown, file in found]


def _at_least_one(path: str, found: Iterator[Stream]) -> Iterator[Stream]:
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


def _listed(lines: TextIO, models: ModelOptions) -> Iterator[Stream]:
    """What each line names; a name that matches nothing is a stream that can't be opened."""
    with lines:
        for line in lines:
            path = line.rstrip("\r\n")
            if path:
                yield from _named_or_lost(path, models)


def _named_or_lost(path: str, models: ModelOptions) -> Iterator[Stream]:
    source = model_source(path)
    if source and source.runs_code:
        return iter([_lost(path, "torch: runs code, so that only a command line may name it")])
    try:
        found = _named(path, models)
    except UsageError as error:
        return iter([_lost(path, error.problems[0].message)])
    first = next(found, None)
    return chain([local(path) if first is None else first], found)


def _lost(path: str, why: str) -> Stream:
    """What a list names and nobody can find, for its error."""

    def fail() -> IO[bytes]:
        raise OSError(why)

    return Stream(readable(path), fail)
