"""The rooms of the house: which may import which, and that a public name has one meaning."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sepconv_cli"
FILES = sorted(PACKAGE.rglob("*.py"))

# Entries of a registry have these on purpose; each is of its own folder.
OF_REGISTRIES = {
    "CONVENTION",
    "METRIC",
    "PACKAGES",
    "SOURCE",
    "command",
    "count",
    "prepare",
    "render",
    "summary",
}
# The package's own face and start.
OUTSIDE = {"__init__.py", "__main__.py"}


def rooms() -> list[str]:
    """The rooms in the order of docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    listed = re.search(r"```rooms\n(.*?)```", text, re.DOTALL)
    assert listed is not None
    return [line.split()[0].strip("/").removesuffix(".py") for line in listed[1].splitlines()]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The modules of this package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "sepconv_cli":
            yield from (f"sepconv_cli.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sepconv_cli."):
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("sepconv_cli"))


def test_every_room_is_listed() -> None:
    found = {room_of(path) for path in FILES if path.parent != PACKAGE or path.name not in OUTSIDE}
    assert found == set(rooms())


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_only_rooms_above_it(room: str) -> None:
    order = rooms()
    below = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in FILES
        if room_of(path) == room
        for module in imports(path)
        if module.split(".")[1] not in order[: order.index(room) + 1]
    }
    assert not below


def public_names(path: Path) -> Iterator[str]:
    """What a module defines at its top and doesn't mark as its own."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def test_a_public_name_stands_in_one_module() -> None:
    places: dict[str, list[str]] = {}
    for path in FILES:
        for name in set(public_names(path)):
            if not name.startswith("_") and name not in OF_REGISTRIES:
                places.setdefault(name, []).append(path.relative_to(PACKAGE).as_posix())
    assert not {name: found for name, found in places.items() if len(found) > 1}
