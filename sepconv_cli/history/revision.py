"""The specs of another revision in git, written to a folder of their own for as long as they
are needed. Nothing in the repository is changed.
"""

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.address import is_model_file
from sepconv_cli.library.find import is_spec

GIT_PREFIX = "git:"


class Revision(msgspec.Struct, frozen=True):
    """The YAML files of a revision, in a folder that mirrors the repository's.

    `files` are their paths from the repository's root, `renamed` the old path of a file by its
    new one, `deleted` those that the working tree no longer has.
    """

    name: str
    root: Path
    folder: Path
    files: frozenset[str]
    renamed: dict[str, str]
    deleted: frozenset[str]

    def path_in_repository(self, file: str | Path) -> str | None:
        """A file's path from the root; None where it lies outside."""
        return _inside(self.root, file)

    def lies_in(self, path: str, places: Iterable[str]) -> bool:
        """Whether a path of the repository is one of these places, or below one."""
        inside = [self.path_in_repository(place) for place in places]
        return any(Path(path).is_relative_to(place) for place in inside if place is not None)

    def shown(self, path: str) -> str:
        """How a file of the revision is called in a message."""
        return f"{GIT_PREFIX}{self.name}:{path}"


def _inside(root: Path, file: str | Path) -> str | None:
    resolved = Path(file).resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else None


@contextmanager
def revision(name: str, near: Path, places: Sequence[str] = ()) -> Iterator[Revision]:
    """A revision of the repository that a folder is in. Raises UsageError where there is none.

    `places` are what the user named: the files of models among them are in it too.
    """
    root = Path(_git(near, "rev-parse", "--show-toplevel").strip())
    commit = _commit(root, name)
    listed = _git(root, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")
    models = {_inside(root, place) for place in places if is_model_file(place)}
    files = [path for path in listed if is_spec(path) or path in models]
    renamed, deleted = _changes(root, commit)
    with TemporaryDirectory(prefix="sepconv-") as folder:
        _extract(root, commit, files, Path(folder))
        yield Revision(
            name,
            root,
            Path(folder),
            frozenset(files),
            renamed,
            frozenset(path for path in deleted if path in files),
        )


def split(text: str) -> tuple[str, str]:
    """`git:REV:path` as revision and path. Raises UsageError."""
    name, colon, path = text.removeprefix(GIT_PREFIX).partition(":")
    if not colon or not name or not path:
        raise UsageError(f"{text}: expected git:REVISION:PATH", "such as git:main:configs/net.yaml")
    return name, path


def _commit(root: Path, name: str) -> str:
    try:
        found = _git(
            root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
    except UsageError:
        shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
        hint = "this clone is shallow: fetch more of it (git fetch --unshallow, fetch-depth: 0)"
        known = "a branch, a tag or a commit, such as origin/main"
        message = f"git knows no revision {name}"
        raise UsageError(message, hint if shallow else known) from None
    return found.strip()


def _changes(root: Path, commit: str) -> tuple[dict[str, str], list[str]]:
    """Old paths by new ones, and the paths that are gone, in the working tree."""
    fields = _git(
        root, "diff", "--name-status", "-z", "--find-renames", "--diff-filter=RD", commit, "--"
    ).split("\0")
    renamed: dict[str, str] = {}
    deleted: list[str] = []
    rest = iter(fields)
    for status in rest:
        if status.startswith("R"):
            old = next(rest)
            renamed[next(rest)] = old
        elif status:
            deleted.append(next(rest))
    return renamed, deleted


def _extract(root: Path, commit: str, files: Sequence[str], folder: Path) -> None:
    """Write the files as they were; one call of git reads them all."""
    if not files:
        return
    wanted = "".join(f"{commit}:{path}\n" for path in files if "\n" not in path)
    data = _run(root, ["cat-file", "--batch"], wanted.encode())
    for path in (path for path in files if "\n" not in path):
        header, _, data = data.partition(b"\n")
        if header.endswith(b"missing"):
            raise UsageError(f"git doesn't have {path} at hand", "git fetch it")
        size = int(header.rsplit(b" ", 1)[1])
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data[:size])
        data = data[size + 1 :]


def _git(folder: Path, *arguments: str) -> str:
    return _run(folder, arguments).decode(errors="surrogateescape")


def _run(folder: Path, arguments: Iterable[str], stdin: bytes = b"") -> bytes:
    """What git says. Raises UsageError where it fails or isn't there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments],
            input=stdin,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("a revision needs git, which isn't installed") from None
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(message[0] if message else "git failed", f"in {folder}")
    return done.stdout
