"""The program in a .pt2 file, which is a zip archive.

Its JSON is all that is read. Weights stay where they are, and so does everything that was pickled,
since reading that may run anything; nothing is written to disk.
"""

from pathlib import Path
from stat import S_ISREG
from zipfile import ZipFile, ZipInfo

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.pt2_graph.program import ProgramHead, SavedProgram

MAX_PROGRAM = 256 * 1024**2
"""Bytes of JSON, unpacked; that of a large network is of a few MB."""

NEWEST_SCHEMA = 8
"""The newest version of the schema that is known here: torch 2.6 to 2.13."""

_EXPORT = 'torch.export.save(torch.export.export(model, inputs), "program.pt2") writes one'
_OLDER = "serialized_exported_program.json"
# What else is called .pt2: programs of TorchScript, torch.save and AOTInductor.
_OTHERS = (
    ("constants.pkl", "a program of TorchScript"),
    ("data.pkl", "a checkpoint, whose pickled data isn't read"),
    (".so", "a compiled program"),
)


def read_program(path: Path) -> SavedProgram:
    """The program that a file holds. Raises UsageError."""
    text = _json(path)
    try:
        version = msgspec.json.decode(text, type=ProgramHead).schema_version
        if version.major > NEWEST_SCHEMA:
            raise UsageError(
                f"{path} is of version {version.major}.{version.minor} of torch.export's schema",
                f"versions up to {NEWEST_SCHEMA} are known here: a newer sepconv may read it",
            )
        return msgspec.json.decode(text, type=SavedProgram)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} holds no program of torch.export: {error}", _EXPORT) from None
    except RecursionError:
        raise UsageError(f"{path} is nested too deep") from None


def _json(path: Path) -> bytes:
    try:
        if not S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path} is no file")
        with ZipFile(path) as archive, archive.open(_member(path, archive)) as file:
            text = file.read(MAX_PROGRAM + 1)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}") from None
    except Exception as error:
        if isinstance(error, UsageError):
            raise
        # zipfile says what is wrong by BadZipFile, zlib.error, EOFError, RuntimeError and others.
        raise UsageError(f"{path} is damaged, or no .pt2 file: {error}", _EXPORT) from None
    if len(text) > MAX_PROGRAM:
        raise _too_large(path)
    return text


def _member(path: Path, archive: ZipFile) -> ZipInfo:
    """The only program, or the one that torch.export.save calls model."""
    found = [each for each in archive.infolist() if _is_program(each.filename)]
    named = [each for each in found if each.filename.endswith("/model.json")] or found
    if not found:
        raise UsageError(f"{path} is {_kind(archive)}, no program of torch.export", _EXPORT)
    if len(named) > 1:
        names = ", ".join(sorted(each.filename for each in named)[:5])
        raise UsageError(f"{path} holds several programs: {names}")
    if named[0].file_size > MAX_PROGRAM:
        raise _too_large(path)
    return named[0]


def _is_program(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    inside = folder == "models" or folder.endswith("/models")
    return (inside and file.endswith(".json")) or file == _OLDER


def _kind(archive: ZipFile) -> str:
    names = archive.namelist()
    found = (kind for end, kind in _OTHERS if any(name.endswith(end) for name in names))
    return next(found, "a zip archive")


def _too_large(path: Path) -> UsageError:
    return UsageError(f"{path} unpacks to more than {MAX_PROGRAM // 1024**2} MB of JSON")
