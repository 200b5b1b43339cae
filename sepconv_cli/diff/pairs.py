"""What `diff` compares: the same specs twice, in two places or in two revisions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.history.baseline import OUTSIDE, earlier, included, load_earlier, was_spec
from sepconv_cli.history.revision import GIT_PREFIX, Revision, revision, split
from sepconv_cli.importing.address import USUAL, ModelOptions, model_source
from sepconv_cli.language.model import Spec
from sepconv_cli.library.find import spec_files
from sepconv_cli.library.load import load

IncludeFolders = Sequence[Path]


class Pair(msgspec.Struct, frozen=True):
    """A spec before and after, and what its files are called; None where there was or is none.

    `why` says in what way the old one is broken, which is then None too. `moved` is whether
    the file was called otherwise before.
    """

    old: Spec | None
    new: Spec | None
    old_file: str | None
    new_file: str | None
    why: str = ""
    moved: bool = False


class _Place(msgspec.Struct, frozen=True):
    """A file or folder on disk, or a model's address, and what the user called it."""

    path: Path
    shown: str
    revision: Revision | None = None
    options: ModelOptions = USUAL


@contextmanager
def sides(
    old: str,
    new: str,
    include: IncludeFolders,
    problems: list[Problem],
    options: ModelOptions = USUAL,
) -> Iterator[list[Pair]]:
    """The specs of two files, models or folders, each of which may be git:REVISION:PATH.

    What is wrong with a new spec is added to the problems. Raises UsageError.
    """
    with ExitStack() as stack:
        before, after = (_place(text, stack, options) for text in (old, new))
        if before.path.is_dir() != after.path.is_dir():
            raise UsageError(f"{old} and {new} are a file and a folder", "two files or two folders")
        if before.path.is_dir():
            yield _folders(before, after, include, problems)
        else:
            yield [_pair(before, after, include, problems)]


@contextmanager
def since(
    paths: Sequence[str],
    name: str,
    include: IncludeFolders,
    problems: list[Problem],
    options: ModelOptions = USUAL,
) -> Iterator[list[Pair]]:
    """The specs in these places as they are, and as they were in git:REVISION."""
    if not name.startswith(GIT_PREFIX):
        raise UsageError(f"diff compares with a revision, not with {name}", "git:REVISION")
    with revision(name.removeprefix(GIT_PREFIX), Path.cwd(), paths) as found:
        pairs = []
        for file in spec_files([path for path in paths if not _is_gone(found, path)]):
            new = _new(file, include, problems, options)
            if new is not None:
                pairs.append(_before(found, file, new, include))
        taken = {pair.old_file for pair in pairs}
        gone = [path for path in sorted(found.deleted) if found.lies_in(path, paths)]
        pairs.extend(
            Pair(*_old(found, path, include)[:1], None, found.shown(path), None)
            for path in gone
            if found.shown(path) not in taken and was_spec(found, path)
        )
        yield pairs


def _is_gone(found: Revision, path: str) -> bool:
    return not Path(path).exists() and found.path_in_repository(path) in found.files


def _before(found: Revision, file: str, new: Spec, include: IncludeFolders) -> Pair:
    path = earlier(found, new)
    if path == OUTSIDE:
        return Pair(None, new, None, file, f"{file} {OUTSIDE}")
    if path is None:
        return Pair(None, new, None, file)
    old, why = _old(found, path, include)
    moved = path != found.path_in_repository(file)
    return Pair(old, new, found.shown(path), file, why, moved)


def _old(found: Revision, path: str, include: IncludeFolders) -> tuple[Spec | None, str]:
    try:
        return load_earlier(found, path, include), ""
    except SpecError as error:
        return None, error.problems[0].message


def _new(
    path: str, include: IncludeFolders, problems: list[Problem], options: ModelOptions
) -> Spec | None:
    try:
        return load(path, include, options)
    except SpecError as error:
        problems.extend(error.problems)
        return None


def _place(text: str, stack: ExitStack, options: ModelOptions) -> _Place:
    if not text.startswith(GIT_PREFIX):
        if not Path(text).exists() and not model_source(text):
            raise UsageError(f"there is no {text}", "a file, a folder, or git:REVISION:PATH")
        return _Place(Path(text), text, options=options)
    name, path = split(text)
    found = stack.enter_context(revision(name, Path.cwd(), [path]))
    inside = found.path_in_repository(path)
    place = found.folder / (inside or path)
    if not place.exists():
        raise UsageError(f"{name} has no spec {path}", "a path from here, as it was then")
    return _Place(place, text, found)


def _pair(
    old: _Place | None, new: _Place | None, include: IncludeFolders, problems: list[Problem]
) -> Pair:
    before, why = _loaded(old, include) if old else (None, "")
    after = _new(str(new.path), include, problems, new.options) if new else None
    return Pair(before, after, old.shown if old else None, new.shown if new else None, why)


def _loaded(place: _Place, include: IncludeFolders) -> tuple[Spec | None, str]:
    folders = included(place.revision, include) if place.revision else include
    try:
        return load(str(place.path), folders, place.options), ""
    except SpecError as error:
        return None, f"{place.shown} is broken: {error.problems[0].message}"


def _folders(
    old: _Place, new: _Place, include: IncludeFolders, problems: list[Problem]
) -> list[Pair]:
    """Files of the same path belong together, and of the rest those of the same network."""
    before, after = _below(old), _below(new)
    both = [name for name in after if name in before]
    pairs = [_pair(before[name], after[name], include, problems) for name in both]
    added = [
        _pair(None, place, include, problems) for name, place in after.items() if name not in both
    ]
    removed = [
        _pair(place, None, include, []) for name, place in before.items() if name not in both
    ]
    return [*pairs, *_renamed(added, removed)]


def _renamed(added: Sequence[Pair], removed: Sequence[Pair]) -> Iterator[Pair]:
    left = list(removed)
    for pair in added:
        was = next(
            (old for old in left if old.old and pair.new and old.old.name == pair.new.name), None
        )
        if was is not None:
            left.remove(was)
        yield Pair(was.old, pair.new, was.old_file, pair.new_file, moved=True) if was else pair
    yield from left


def _below(folder: _Place) -> Mapping[str, _Place]:
    found = {}
    for file in spec_files([str(folder.path)]):
        name = Path(file).relative_to(folder.path).as_posix()
        shown = f"{folder.shown.rstrip('/')}/{name}"
        found[name] = _Place(Path(file), shown, folder.revision)
    return found
