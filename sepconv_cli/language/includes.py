"""The files that a spec includes, each read once however often it is named.

An included file holds `blocks` and may include others. It lies in the folder of the
spec or below, or in a folder that was named when the spec was loaded.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sepconv_cli.errors import Place, Problem, Problems, Source, SpecError
from sepconv_cli.language.nodes import Mapping, YamlNode
from sepconv_cli.language.nodes import Sequence as NodeSequence
from sepconv_cli.language.source import MAX_BYTES, parse, read_source
from sepconv_cli.language.values import ValueReader

FILE_KEYS = ("include", "blocks", "source")
MAX_FILES = 100


class Includes:
    """Reads included files, from the spec's own folder and from these.

    There are at most MAX_FILES of them, and all together are no larger than one spec may be.
    """

    def __init__(self, folders: Sequence[Path], problems: Problems) -> None:
        self.sources: list[Source] = []
        self._folders = folders
        self._problems = problems
        self._values = ValueReader(problems)
        self._met: set[Path] = set()
        self._bytes_left = MAX_BYTES

    def files(self, top: Mapping, spec: str) -> list[Mapping]:
        """The spec, and every file that it includes, itself or by way of others."""
        if "include" not in top.entries:
            return [top]
        file = Path(spec).resolve()
        path = (file,) if file.is_file() else ()
        folders = (*(own.parent for own in path), *self._folders)
        self._folders = [folder.resolve() for folder in folders]
        return [top, *self._below(top, path)]

    def _below(self, entries: Mapping, path: tuple[Path, ...]) -> Iterator[Mapping]:
        """What a file includes, itself or by way of others; `path` leads to it."""
        node = entries.entries.get("include")
        for item in node.items if isinstance(node, NodeSequence) else (node,) if node else ():
            file = self._find(item, path)
            if file is None or file in self._met:
                continue
            self._met.add(file)
            included = self._open(file, item.place)
            if included is not None:
                yield included
                yield from self._below(included, (*path, file))

    def _find(self, item: YamlNode, path: tuple[Path, ...]) -> Path | None:
        """The file of that name, beside the including one or in the folders; None if refused."""
        name, complain = self._values.word(item), self._problems.complain
        if not name:
            return None
        beside = [path[-1].parent] if path else []
        candidates = [(folder / name).resolve() for folder in (*beside, *self._folders)]
        found = next((file for file in candidates if file.is_file()), None)
        if found is None:
            complain(f"no file {name} to include", item.place, "a path from the spec's own folder")
        elif found in path:
            circle = " -> ".join(file.name for file in (*path[path.index(found) :], found))
            complain(f"files that include each other: {circle}", item.place)
        elif not any(found.is_relative_to(folder) for folder in self._folders):
            hint = "name its folder: --include FOLDER"
            complain(f"{name} lies outside of the spec's folder", item.place, hint)
        else:
            return found
        return None

    def _open(self, file: Path, place: Place) -> Mapping | None:
        """What stands in a file; None where it can't be read."""
        try:
            source = read_source(str(file))
            node = parse(source, self._problems)
        except SpecError as error:
            self._problems.extend(error.problems)
            return None
        self._bound(source, place)
        self.sources.append(source)
        entries = self._values.mapping(node, "blocks as keys and values")
        if entries is not None:
            self._values.known_keys(entries, FILE_KEYS, "key of an included file")
        return entries

    def _bound(self, source: Source, place: Place) -> None:
        """Raises SpecError where there are more files, or larger ones, than can be meant."""
        self._bytes_left -= len(source.text.encode())
        if len(self._met) > MAX_FILES:
            message = f"more than {MAX_FILES} included files"
        elif self._bytes_left < 0:
            message = f"included files of more than {MAX_BYTES // 2**20} MiB together"
        else:
            return
        raise SpecError([*self._problems, Problem(message, place)])
