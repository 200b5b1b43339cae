"""Paths as they are typed -> spec files: files, folders and globs."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sepconv_cli.errors import UsageError
from sepconv_cli.library.zoo import PREFIX

ENDINGS = (".yaml", ".yml")
_MAGIC = re.compile(r"[*?[]")
# What a spec can't be without; other YAML files are passed over where a folder is searched.
_KEYS = re.compile(r"""^["']?layers["']?\s*:""", re.MULTILINE)
_FLOW = re.compile(r"""\A\s*\{.*["']?\blayers["']?\s*:""", re.DOTALL)


def spec_files(paths: Sequence[str]) -> list[str]:
    """The files that are named, in their order, each once however it is spelt.

    Raises UsageError for a path that leads to none.

    A file that is named itself is a spec whatever its name; of a folder and of what is below it
    the YAML files that hold a spec are taken, hidden folders aside.
    """
    found: dict[str, str] = {}
    for path in paths:
        files = list(_files(path))
        if not files:
            raise UsageError(f"{path}: no spec there", "a YAML file with `input` and `layers`")
        for file in files:
            found.setdefault(os.path.realpath(file) if Path(file).exists() else file, file)
    return list(found.values())


def holds_spec(file: Path) -> bool:
    """Whether a YAML file looks like a spec, be it a bad one."""
    text = file.read_text(encoding="utf-8", errors="replace")
    return bool(_KEYS.search(text) or _FLOW.search(text))


def _files(path: str) -> Iterator[str]:
    if path == "-" or path.startswith(PREFIX):
        yield path
    elif Path(path).is_dir():
        yield from _below(Path(path))
    elif Path(path).exists() or not _MAGIC.search(path):
        yield path
    else:
        yield from _by_pattern(path)


def _below(folder: Path) -> Iterator[str]:
    """The specs in a folder and below it, in the order of their names."""
    return _specs(file for file in folder.rglob("*") if not _is_hidden(file.relative_to(folder)))


def _by_pattern(pattern: str) -> Iterator[str]:
    parts = Path(pattern).parts
    at = next(index for index, part in enumerate(parts) if _MAGIC.search(part))
    rest = Path(*parts[at:]).as_posix()
    yield from _specs(globbed(Path(*parts[:at]), rest))


def globbed(folder: Path, pattern: str) -> list[Path]:
    """What fits a pattern in a folder. Raises UsageError for one that is none."""
    # `**` at the end means folders alone to pathlib before 3.13.
    pattern = f"{pattern}/*" if pattern.endswith("/**") or pattern == "**" else pattern
    try:
        return list(folder.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise UsageError(f"{pattern} is no glob: {error}", "such as **/*.yaml") from error


def _specs(files: Iterable[Path]) -> Iterator[str]:
    for file in sorted(files):
        if file.suffix in ENDINGS and file.is_file() and holds_spec(file):
            yield str(file)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
