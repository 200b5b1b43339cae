"""The project file: budgets for many specs, in `sepconv.yaml` or pyproject.toml.

It is looked for from the working folder upwards. What its rules come to is budget/'s business.
"""

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import msgspec

from sepconv_cli.errors import Place, Problem, Problems, Source, SpecError, UsageError
from sepconv_cli.importing.address import is_model_file, model_source
from sepconv_cli.language.budgets import BudgetReader
from sepconv_cli.language.model import Budget
from sepconv_cli.language.nodes import Mapping, Sequence, YamlNode, node_of
from sepconv_cli.language.source import parse, read_source
from sepconv_cli.language.values import ValueReader
from sepconv_cli.library.find import fitting, holds_spec

FILE = "sepconv.yaml"
PYPROJECT = "pyproject.toml"
PROJECT_KEYS = ("budgets",)


class Project(msgspec.Struct, frozen=True):
    """A project file and its budgets, whose globs start in its folder."""

    file: Path
    budgets: tuple[Budget, ...]

    def matches(self, budget: Budget) -> frozenset[Path]:
        """The files that a rule is for. Raises SpecError where there are none."""
        folder = self.file.parent
        found: set[Path] = set()
        for pattern in budget.match:
            if is_address(pattern):
                continue
            if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
                raise SpecError([Problem(f"{pattern} leaves the project's folder", budget.place)])
            files = _files(folder, pattern, budget.place)
            if not any(is_model_file(str(file)) or holds_spec(file) for file in files):
                message = f"the budget {budget.id} matches no spec: {pattern}"
                raise SpecError([Problem(message, budget.place, f"globs start in {folder}")])
            found.update(file.resolve() for file in files)
        return frozenset(found)


def is_address(pattern: str) -> bool:
    """Whether a pattern is one of models that aren't files: `timm:resnet*`."""
    return model_source(pattern) is not None and not is_model_file(pattern)


def _files(folder: Path, pattern: str, place: Place) -> list[Path]:
    try:
        found = map(Path, fitting(str(folder), pattern))
        return [file for file in found if file.is_file()]
    except UsageError as error:
        (problem,) = error.problems
        raise SpecError([Problem(problem.message, place, problem.hint)]) from error


def find(start: Path) -> Path | None:
    """The nearest project file, in a folder or above it."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        pyproject = folder / PYPROJECT
        if pyproject.is_file() and "[tool.sepconv" in pyproject.read_text(errors="replace"):
            return pyproject
    return None


def read_project(file: Path) -> Project:
    """The project in a file. Raises SpecError with all of its problems."""
    if not file.is_file():
        raise UsageError(f"there is no project file {file}", f"a {FILE} with `budgets`")
    source = read_source(str(file))
    problems = Problems()
    root = _toml(source) if file.suffix == ".toml" else parse(source, problems)
    values = ValueReader(problems)
    top = values.mapping(root, "a project file as keys and values", "such as `budgets: [...]`")
    budgets: tuple[Budget, ...] = ()
    if top is not None:
        values.known_keys(top, PROJECT_KEYS, "key of a project file")
        budgets = BudgetReader(problems).budgets(top.entries.get("budgets"), in_project=True)
    if problems:
        raise SpecError(problems)
    return Project(file, budgets)


def _toml(source: Source) -> YamlNode:
    """The table [tool.sepconv] of a TOML file as nodes. Its parser tells no places: a budget is
    taken to stand where its table starts, or else where the tool's does."""
    try:
        data = tomllib.loads(source.text, parse_float=_number)
    except ValueError as error:
        raise SpecError([Problem(f"not TOML: {error}", Place(source, 1, 1))]) from error
    start, tables = _headers(source)
    tool = data.get("tool")
    table = tool.get("sepconv", {}) if isinstance(tool, dict) else tool
    if not isinstance(table, dict):
        raise SpecError([Problem("[tool.sepconv] is a table", start, "with `budgets` in it")])
    entries = {name: node_of(value, start) for name, value in table.items()}
    budgets = table.get("budgets")
    if isinstance(budgets, list):
        places = [*tables, *[start] * len(budgets)]
        items = [node_of(item, place) for item, place in zip(budgets, places, strict=False)]
        entries["budgets"] = Sequence(tuple(items), start)
    return Mapping(entries, dict.fromkeys(entries, start), start)


def _number(text: str) -> Fraction | str:
    """An exact number; what isn't one, or is beyond all measure, stays a text for the reader."""
    found = re.fullmatch(r"[+-]?[0-9_]*\.?[0-9_]+(?:[eE][+-]?[0-9]{1,2})?", text)
    return Fraction(text.replace("_", "")) if found else text


def _headers(source: Source) -> tuple[Place, list[Place]]:
    """Where the tool's table starts, and where each table of its list of budgets does."""
    lines = [line.replace(" ", "") for line in source.text.splitlines()]
    found = [
        (line, Place(source, number, 1))
        for number, line in enumerate(lines, start=1)
        if line.lstrip("[").startswith("tool.sepconv")
    ]
    start = found[0][1] if found else Place(source, 1, 1)
    return start, [place for line, place in found if line.startswith("[[tool.sepconv.budgets]]")]
