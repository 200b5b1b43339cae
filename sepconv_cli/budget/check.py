"""Specs, their own budgets and the project's: every verdict, and every problem on the way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from sepconv_cli.budget.project import Project, is_address
from sepconv_cli.budget.verdict import Baseline, Verdict, budget_settings, verdicts, worst_first
from sepconv_cli.compare.agreement import disagreements
from sepconv_cli.compare.engines import tracer_for
from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.importing.address import RESOLUTION, USUAL, ModelOptions
from sepconv_cli.importing.asked import resolutions_of
from sepconv_cli.language.model import Budget, Spec
from sepconv_cli.library.load import load


class Checked(msgspec.Struct, frozen=True):
    """Verdicts, worst first, over these specs, and what was wrong with others."""

    verdicts: tuple[Verdict, ...]
    specs: tuple[Spec, ...]
    problems: tuple[Problem, ...]


def check(
    files: Sequence[str | Path],
    project: Project | None = None,
    baseline: Baseline | None = None,
    include: Sequence[Path] = (),
    options: ModelOptions = USUAL,
) -> Checked:
    """Hold specs to all budgets that apply to them.

    A spec that can't be read, or that a budget doesn't fit, is a problem and doesn't stop the
    rest. Raises UsageError where there is no budget at all.
    """
    problems: list[Problem] = []
    specs: list[Spec] = []
    matched = _matched(project, problems)
    for file in files:
        with _gathered(problems):
            sizes = _at_sizes(options, _of_project(str(file), project, matched))
            specs.append(load(file, include, sizes))
    written = [*(project.budgets if project else ()), *(b for spec in specs for b in spec.budgets)]
    if not written and not problems:
        hint = "write `budgets` in a spec or in sepconv.yaml"
        raise UsageError("there is nothing to check: no budget is written anywhere", hint)
    judged: list[Verdict] = []
    for spec in specs:
        for budget in (*spec.budgets, *_of_project(spec.source.name, project, matched)):
            with _gathered(problems):
                judged.extend(verdicts(spec, budget, baseline))
    return Checked(tuple(worst_first(judged)), tuple(specs), tuple(problems))


def verified(checked: Checked, *, use_cache: bool = True) -> list[str]:
    """Where tracing the checked networks contradicts the formulas. Raises UsageError."""
    tracer = tracer_for("both", use_cache, asked="--verify")
    assert tracer
    told: list[str] = []
    for case in {id(verdict.case.network): verdict.case for verdict in checked.verdicts}.values():
        for items in disagreements(case, tracer(case.network)).values():
            told.extend(f"the engines disagree: {item}" for item in items)
    return told


def _at_sizes(options: ModelOptions, budgets: Iterable[Budget]) -> ModelOptions:
    """The same for a model whose spec holds at each `resolution` that its budgets set."""
    points = [point for budget in budgets for point in budget_settings(budget)]
    sizes = resolutions_of([point[RESOLUTION] for point in points if RESOLUTION in point])
    return msgspec.structs.replace(options, resolutions=sizes) if sizes else options


@contextmanager
def _gathered(problems: list[Problem]) -> Iterator[None]:
    """Put aside what is wrong, and go on."""
    try:
        yield
    except SpecError as error:
        problems.extend(error.problems)


def _matched(project: Project | None, problems: list[Problem]) -> Mapping[str, frozenset[Path]]:
    """The files that each rule of the project is for; one that is for none is a problem."""
    found: dict[str, frozenset[Path]] = {}
    for budget in project.budgets if project else ():
        with _gathered(problems):
            found[budget.id] = project.matches(budget) if project and budget.match else frozenset()
    return found


def _of_project(
    name: str, project: Project | None, matched: Mapping[str, frozenset[Path]]
) -> Iterator[Budget]:
    """The project's rules for the spec of a file or address; one without globs is for all."""
    if project is None:
        return
    file = Path(name).resolve() if any(matched.values()) else Path()
    for budget in project.budgets:
        fits = not budget.match or file in matched.get(budget.id, ()) or _names(budget, name)
        if budget.id in matched and fits:
            yield budget


def _names(budget: Budget, name: str) -> bool:
    """Whether a rule is for a model by its address."""
    patterns = (pattern for pattern in budget.match if is_address(pattern))
    return any(fnmatchcase(name, pattern) for pattern in patterns)
