"""Paths as they are typed -> spec files: files, folders and globs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sepconv_cli.errors import UsageError
from sepconv_cli.zoo import PREFIX

ENDINGS = (".yaml", ".yml")
_MAGIC = re.compile(r"[*?[]")
# What a spec can't be without; other YAML files are passed over where a folder is searched.
_SPEC = re.compile(r"^\s*\{|^(input|layers)\s*:", re.MULTILINE)


def spec_files(paths: Sequence[str]) -> list[str]:
    """The files that are named, in their order, each once. Raises UsageError for what finds none.

    A file that is named itself is a spec whatever its name; of a folder and of what is below it
    the YAML files that hold a spec are taken, hidden folders aside.
    """
    found: dict[str, None] = {}
    for path in paths:
        files = list(_files(path))
        if not files:
            raise UsageError(f"{path}: no spec there", "a YAML file with `input` and `layers`")
        found.update(dict.fromkeys(files))
    return list(found)


def is_spec(text: str) -> bool:
    """Whether a YAML text looks like a spec, be it a bad one."""
    return _SPEC.search(text) is not None


def _files(path: str) -> Iterator[str]:
    if path == "-" or path.startswith(PREFIX):
        yield path
    elif Path(path).is_dir():
        yield from _below(Path(path))
    elif Path(path).exists() or not _MAGIC.search(path):
        yield path
    else:
        yield from _globbed(path)


def _below(folder: Path) -> Iterator[str]:
    """The specs in a folder and below it, in the order of their names."""
    return _specs(file for file in folder.rglob("*") if not _is_hidden(file.relative_to(folder)))


def _globbed(pattern: str) -> Iterator[str]:
    parts = Path(pattern).parts
    at = next(index for index, part in enumerate(parts) if _MAGIC.search(part))
    rest = Path(*parts[at:]).as_posix()
    # `**` at the end means folders alone to pathlib before 3.13.
    rest = f"{rest}/*" if rest.endswith("**") else rest
    yield from _specs(Path(*parts[:at]).glob(rest))


def _specs(files: Iterable[Path]) -> Iterator[str]:
    for file in sorted(files):
        if file.suffix in ENDINGS and file.is_file() and is_spec(_text(file)):
            yield str(file)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
