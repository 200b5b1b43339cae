"""What the program keeps for itself in the user's cache: entries that are whole, or none.

An entry starts with a checksum: a damaged one is none. A cache that can't be written is done
without.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def read_entry(folder: str, name: str) -> bytes | None:
    """The entry of that name; None where there is none, or a damaged one."""
    try:
        raw = _path(folder, name).read_bytes()
    except OSError:
        return None
    checksum, _, body = raw.partition(b"\n")
    return body if checksum == sha256(body).hexdigest().encode() else None


def write_entry(folder: str, name: str, body: bytes) -> None:
    """Write an entry whole or not at all."""
    path = _path(folder, name)
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(sha256(body).hexdigest().encode() + b"\n" + body)
        part.replace(path)


def version_text(package: str) -> bytes:
    """What an installed package says of its version, without importing it or a metadata reader.

    Nothing where it isn't installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return b""
    home = Path(spec.origin).parent
    stated = home / "version.py"
    return (stated if stated.exists() else home / "__init__.py").read_bytes()


def stamp(rooms: Iterable[str]) -> bytes:
    """A name for the state of some folders of this package: sizes and times, without reading."""
    digest = sha256()
    for room in rooms:
        for name, size, changed in sorted(_stamps(str(_PACKAGE / room))):
            digest.update(f"{name} {size} {changed}\n".encode(errors="surrogateescape"))
    return digest.digest()


def _stamps(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir():
                yield from _stamps(entry.path)
            elif entry.name.endswith(".py"):
                seen = entry.stat()
                yield entry.path, seen.st_size, seen.st_mtime_ns


def _path(folder: str, name: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("sepconv") / folder / f"{name}.json"
