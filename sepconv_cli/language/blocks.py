"""Nodes -> blocks: those of the spec, and those of the files that it includes.

An included file holds `blocks` and may include others. It lies in the folder of the
spec or below, or in a folder that was named when the spec was loaded.
"""

from collections.abc import Mapping, Sequence
from keyword import kwlist
from pathlib import Path

from sepconv_cli.errors import Place, Problem, Source, SpecError
from sepconv_cli.language.layers import LAYER_KEYS, LISTS, LayerReader, broken_layer, calls
from sepconv_cli.language.model import Block, Parameters, Required
from sepconv_cli.language.nodes import Mapping as NodeMapping
from sepconv_cli.language.nodes import Node, Scalar
from sepconv_cli.language.nodes import Sequence as NodeSequence
from sepconv_cli.language.source import parse, read_source
from sepconv_cli.registry import names

BLOCK_KEYS = ("parameters", "layers")
FILE_KEYS = ("include", "blocks", "source")
MAX_CALLS = 50
_RESERVED = frozenset({"in_channels", "in_size", "true", "false", *LISTS, *LAYER_KEYS, *kwlist})

Bodies = dict[str, tuple[NodeMapping, Place]]


class BlockReader(LayerReader):
    """Reads blocks; included files are looked for in the spec's own folder, then in these."""

    def __init__(self, problems: list[Problem], folders: Sequence[Path] = ()) -> None:
        super().__init__(problems)
        self._folders = list(folders)
        self.included: list[Source] = []

    def read_blocks(self, top: NodeMapping, name: str) -> dict[str, Block]:
        """All blocks of a file and those it includes, in two passes: any may call any other."""
        bodies: Bodies = {}
        path: tuple[Path, ...] = ()
        if "include" in top.entries:
            file = Path(name).resolve()
            path = (file,) if file.is_file() else ()
            own = [file.parent for file in path]
            self._folders = [*own, *(folder.resolve() for folder in self._folders)]
        self._gather(top, path, bodies)
        blocks = {
            name: Block(
                self.blocks[name],
                self.layers(body.entries.get("layers")) or (broken_layer(body.place),),
            )
            for name, (body, _) in bodies.items()
        }
        places = {name: place for name, (_, place) in bodies.items()}
        for name, place in self._endless(blocks, places).items():
            blocks[name] = Block(blocks[name].parameters, (broken_layer(place),))
        return blocks

    def _gather(self, top: NodeMapping, path: tuple[Path, ...], bodies: Bodies) -> None:
        """The bodies in a file and in those it includes; `path` is how it was come by."""
        self._gather_blocks(top.entries.get("blocks"), bodies)
        node = top.entries.get("include")
        items = node.items if isinstance(node, NodeSequence) else (node,) if node else ()
        for item in items:
            name = self.word(item)
            file = self._find(name, path, item.place) if name else None
            included = self._open(file, item.place) if file else None
            if file and included:
                self._gather(included, (*path, file), bodies)

    def _find(self, name: str, path: tuple[Path, ...], place: Place) -> Path | None:
        """The file of that name, beside the including one or in the folders; None if refused."""
        beside = [path[-1].parent] if path else []
        candidates = [(folder / name).resolve() for folder in (*beside, *self._folders)]
        found = next((file for file in candidates if file.is_file()), None)
        if found is None:
            self.complain(f"no file {name} to include", place, "a path from the spec's own folder")
            return None
        if found in path:
            circle = " -> ".join(file.name for file in (*path[path.index(found) :], found))
            self.complain(f"files that include each other: {circle}", place)
            return None
        if not any(found.is_relative_to(folder) for folder in self._folders):
            hint = "name its folder: --include FOLDER"
            self.complain(f"{name} lies outside of the spec's folder", place, hint)
            return None
        return found

    def _open(self, file: Path, place: Place) -> NodeMapping | None:
        try:
            source = read_source(str(file))
            node = parse(source, self.problems)
        except SpecError as error:
            self.problems.extend(error.problems)
            return None
        self.included.append(source)
        entries = self.mapping(node, "blocks as keys and values")
        if entries is not None:
            self.known_keys(entries, FILE_KEYS, "key of an included file")
        return entries

    def _gather_blocks(self, node: Node | None, bodies: Bodies) -> None:
        entries = self.optional_mapping(node, "blocks as keys and values")
        for name, value in entries.entries.items() if entries else ():
            assert entries is not None
            place = entries.keys[name]
            if name in names("ops") or name in _RESERVED:
                self.complain(f"{name} is already the name of an op", place, "name it otherwise")
            elif name in bodies:
                where = bodies[name][1]
                hint = f"the first is in {where.source.name}, line {where.line}"
                self.complain(f"a second block called {name}", place, hint)
            else:
                bodies[name] = (self._body(name, value, place), place)

    def _body(self, name: str, node: Node, place: Place) -> NodeMapping:
        """What stands under a block's name, its parameters read."""
        self.blocks[name] = {}
        body = self.mapping(node, f"the block {name} as keys and values")
        if body is None or not self.is_name(name, "block", place):
            return NodeMapping({}, {}, node.place)
        self.known_keys(body, BLOCK_KEYS, "key of a block")
        self.required_keys(body, ("layers",), f"the block {name}")
        self.blocks[name] = self.parameters(body.entries.get("parameters"))
        return body

    def parameters(self, node: Node | None) -> Parameters:
        """The parameters of a spec or a block, each with its default or required."""
        entries = self.optional_mapping(node, "parameters as keys and values")
        if entries is None:
            return {}
        parameters: Parameters = {}
        for name, value in entries.entries.items():
            if not (name.isidentifier() and name.isascii()) or name in _RESERVED:
                self.complain(
                    f"{name} can't be a parameter's name",
                    entries.keys[name],
                    "a name has letters, digits and underscores, and is no word of the language",
                )
            elif isinstance(value, Scalar) and value.value == "required":
                parameters[name] = Required(value.place)
            else:
                parameters[name] = self.value(value)
        return parameters

    def _endless(self, blocks: dict[str, Block], places: Mapping[str, Place]) -> dict[str, Place]:
        """Report the blocks that call themselves, be it by way of others, or too many others."""
        found: dict[str, Place] = {}
        depths: dict[str, int] = {}

        def depth(name: str, path: tuple[str, ...]) -> int:
            """How deep the calls below a block go, which is one call deep itself."""
            if name in depths or len(path) > MAX_CALLS:
                return depths.get(name, 1)
            deepest = 0
            for call in calls(blocks[name].layers):
                if call.kind in (*path, name):
                    circle = " -> ".join((*path, name, call.kind))
                    found[call.kind] = call.place
                    self.complain(f"a block that calls itself: {circle}", call.place)
                elif call.kind in blocks:
                    deepest = max(deepest, depth(call.kind, (*path, name)))
            depths[name] = deepest + 1
            if depths[name] > MAX_CALLS:
                found[name] = places[name]
                depths[name] = 1
                message = f"blocks that call blocks, more than {MAX_CALLS} deep"
                self.complain(message, places[name])
            return depths[name]

        for name in blocks:
            depth(name, ())
        return found
