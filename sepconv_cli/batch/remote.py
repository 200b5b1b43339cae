"""Folders and files elsewhere: whatever fsspec reads (s3://, gs://, https://, memory:// ...)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sepconv_cli.batch.stream import Stream
from sepconv_cli.errors import UsageError
from sepconv_cli.files import EXTRA
from sepconv_cli.library.find import is_spec


def remote(address: str) -> Iterator[Stream]:
    """The specs in a remote folder, those that a glob matches, or one file, sorted.

    Raises UsageError where the place can't be reached.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise UsageError(f"{address} needs fsspec", EXTRA) from error
    with _explained(address):
        system, path = url_to_fs(address)
        if "*" in path or "?" in path or "[" in path:
            names = sorted(name for name in system.glob(path) if not system.isdir(name))
        elif system.isdir(path):
            names = [name for name in sorted(system.find(path)) if _is_shown(name, path)]
        else:
            names = [path] if system.exists(path) else []
    return (_stream(system, name) for name in names)


def _is_shown(name: str, folder: str) -> bool:
    below = name.removeprefix(folder).strip("/").split("/")
    return is_spec(name) and not any(part.startswith(".") for part in below)


def _stream(system: Any, name: str) -> Stream:
    return Stream(
        str(system.unstrip_protocol(name)),
        partial(_open, system, name),
        partial(_size, system, name),
    )


def _open(system: Any, name: str) -> Any:
    try:
        return system.open(name, "rb")
    except OSError:
        raise
    except Exception as error:
        raise OSError(str(error) or type(error).__name__) from error


def _size(system: Any, name: str) -> int | None:
    size = system.size(name)
    return int(size) if size else None


@contextmanager
def _explained(address: str) -> Iterator[None]:
    """A library of the far side raises what it likes; here it is one line."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{address}: {error}", "the protocol needs a package of its own"
        ) from error
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise UsageError(f"{address}: can't be reached: {reason}") from error
