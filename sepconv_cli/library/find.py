"""Paths as they are typed -> files: files, folders and globs, lazily and always in one order.

The order is that of a walk: the names of a folder sorted by their bytes, and what lies in a folder
in its place. Few names are held however many a folder has: where there are MANY, SQLite sorts
them on disk. What is hidden is left out unless it is named, and links to folders aren't followed
where any depth is meant, since they may lead in circles.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.address import model_source
from sepconv_cli.library.zoo import ZOO_PREFIX

_ENDINGS = (".yaml", ".yml")
MANY = 5_000
_MAGIC = re.compile(r"[*?[]")
_DEEP = "**"
# What a spec can't be without; other YAML files are passed over where a folder is checked.
_KEYS = re.compile(r"""^["']?layers["']?\s*:""", re.MULTILINE)
_FLOW = re.compile(r"""\A\s*\{.*["']?\blayers["']?\s*:""", re.DOTALL)


def spec_files(paths: Sequence[str]) -> list[str]:
    """The specs that are named, in their order, each once however it is spelt.

    Raises UsageError for a path that leads to none.

    A file that is named itself is a spec whatever its name; of a folder and of what a glob fits
    the YAML files that hold a spec are taken.
    """
    found: dict[str, str] = {}
    for path in paths:
        files = list(_specs(path))
        if not files:
            raise UsageError(f"{path}: no spec there", "a YAML file with `input` and `layers`")
        for file in files:
            found.setdefault(os.path.realpath(file) if Path(file).exists() else file, file)
    return list(found.values())


def _specs(path: str) -> Iterator[str]:
    if path == "-" or path.startswith(ZOO_PREFIX) or _is_one(path) or model_source(path):
        return iter([path])
    return (file for file in files(path) if _may_hold_spec(Path(file)))


def _may_hold_spec(file: Path) -> bool:
    """Whether a file that was found is to be read; a folder that can't be listed says so then."""
    return file.is_dir() or (is_spec(file.name) and file.is_file() and holds_spec(file))


def is_spec(name: str) -> bool:
    """Whether a file has the name of a spec."""
    return name.lower().endswith(_ENDINGS)


def holds_spec(file: Path) -> bool:
    """Whether a YAML file looks like a spec, even a bad one, or one that can't be read."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return bool(_KEYS.search(text) or _FLOW.search(text))


def files(path: str) -> Iterator[str]:
    """The files that a path names: itself, the specs in a folder, or what a glob fits.

    None where there are none. A folder that can't be listed comes out itself: opening it says why.
    Raises UsageError for what is no glob.
    """
    if _is_one(path):
        return iter([path] if os.path.lexists(path) else [])
    if Path(path).is_dir():
        return fitting(path, _DEEP, is_spec)
    parts = Path(path).parts
    first = next(at for at, part in enumerate(parts) if _MAGIC.search(part))
    start = os.path.join(*parts[:first]) if first else ""  # noqa: PTH118
    everything = parts[-1] == _DEEP
    return fitting(start, "/".join(parts[first:]), is_spec if everything else _any)


def _is_one(path: str) -> bool:
    """Whether a path means the file of that name, if there is one."""
    if Path(path).is_dir():
        return False
    return os.path.lexists(path) or not _MAGIC.search(path)


def _any(_: str) -> bool:
    return True


def fitting(folder: str, pattern: str, wanted: Callable[[str], bool] = _any) -> Iterator[str]:
    """The files below a folder that a glob fits, and whose names are wanted.

    Raises UsageError for what is no glob.
    """
    parts = Path(pattern).parts
    if not parts or any(_DEEP in part and part != _DEEP for part in parts):
        raise UsageError(f"{pattern} is no glob: ** stands for whole folders", "such as **/*.yaml")
    return _walk(folder, parts, wanted)


class _Entry(NamedTuple):
    """What a folder holds, by the bytes of its name. `is_link` is said of folders alone."""

    name: bytes
    is_folder: bool
    is_link: bool


_Reached = frozenset[int]
"""How many parts of a glob the names so far may have used up, each way of reading it."""


def _walk(folder: str, parts: tuple[str, ...], wanted: Callable[[str], bool]) -> Iterator[str]:
    open_folders = [(folder, _begun(frozenset([0]), parts), _sorted(_entries(folder)))]
    while open_folders:
        path, reached, entries = open_folders[-1]
        try:
            entry = next(entries, None)
        except (OSError, ValueError):
            entry = None
            yield path
        if entry is None:
            open_folders.pop()
            continue
        name = os.fsdecode(entry.name)
        below = os.path.join(path, name)  # noqa: PTH118
        further = _further(reached, name, entry.is_link, parts)
        if not entry.is_folder:
            if len(parts) in further and wanted(name):
                yield below
        elif further - {len(parts)}:
            open_folders.append((below, further, _sorted(_entries(below))))


def _further(reached: _Reached, name: str, is_link: bool, parts: tuple[str, ...]) -> _Reached:
    """What is reached with one more name."""
    hidden = name.startswith(".")
    found = set()
    for at in reached - {len(parts)}:
        part = parts[at]
        if part == _DEEP:
            found.update([] if hidden or is_link else [at])
        elif fnmatchcase(name, part) and (part.startswith(".") or not hidden):
            found.add(at + 1)
    return _begun(frozenset(found), parts)


def _begun(reached: _Reached, parts: tuple[str, ...]) -> _Reached:
    """The same, where `**` may also stand for no folder at all."""
    found = set(reached)
    for at, part in enumerate(parts):
        if part == _DEEP and at in found:
            found.add(at + 1)
    return frozenset(found)


def _entries(folder: str) -> Iterator[_Entry]:
    with os.scandir(folder or ".") as found:
        for entry in found:
            is_folder = _is_folder(entry)
            yield _Entry(os.fsencode(entry.name), is_folder, is_folder and entry.is_symlink())


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _sorted(entries: Iterator[_Entry]) -> Iterator[_Entry]:
    """Entries by their names; no more than MANY are in memory."""
    held = list(islice(entries, MANY))
    if len(held) < MANY:
        yield from sorted(held)
        return
    import sqlite3

    with closing(sqlite3.connect("")) as disk:  # a file that goes when it is closed
        try:
            disk.execute("CREATE TABLE entries (name BLOB, is_folder INTEGER, is_link INTEGER)")
            disk.executemany("INSERT INTO entries VALUES (?, ?, ?)", chain(held, entries))
            held.clear()
            yield from map(_Entry._make, disk.execute("SELECT * FROM entries ORDER BY name"))
        except sqlite3.Error as error:
            raise UsageError(f"the names of a large folder can't be sorted: {error}") from error
