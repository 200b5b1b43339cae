"""What networks cost before: in a revision of git, or in the JSON of an earlier run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from sepconv_cli.budget.measured import budget_devices
from sepconv_cli.budget.verdict import Baseline, Before, measured_by
from sepconv_cli.errors import SpecError, UsageError
from sepconv_cli.history.revision import GIT_PREFIX, Revision, revision
from sepconv_cli.language.model import Budget, Spec
from sepconv_cli.library.find import holds_spec
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.settings import Settings, shown
from sepconv_cli.metrics import listed, metric

NEW = "the spec is new"
OUTSIDE = "lies outside of the repository"


Moved = Callable[[Sequence[Spec], Sequence[str]], list[str]]
"""What became of specs since the baseline: which were renamed, and which are gone from places."""


@contextmanager
def baseline(
    text: str, include: Sequence[Path] = (), places: Sequence[str] = ()
) -> Iterator[tuple[Baseline, Moved]]:
    """`git:REVISION` of these places, or a JSON file. Raises UsageError where it can't be had."""
    if not text.startswith(GIT_PREFIX):
        yield _from_file(Path(text)), lambda specs, places: []
        return
    with revision(text.removeprefix(GIT_PREFIX), Path.cwd(), places) as found:
        yield _from_revision(found, include), lambda specs, places: _moved(found, specs, places)


def _moved(found: Revision, specs: Sequence[Spec], places: Sequence[str]) -> list[str]:
    old = {spec.source.name: earlier(found, spec) for spec in specs}
    own = {name: found.path_in_repository(name) for name in old}
    renamed = [
        f"{own[name]} was {path}"
        for name, path in old.items()
        if path not in (None, OUTSIDE, own[name])
    ]
    missing = sorted(found.deleted - set(old.values()))
    gone = [path for path in missing if found.lies_in(path, places) and was_spec(found, path)]
    return [*renamed, *(f"{path} is gone" for path in gone)]


def was_spec(found: Revision, path: str) -> bool:
    """Whether a file of a revision looks like a spec."""
    return holds_spec(found.folder / path)


def earlier(found: Revision, spec: Spec) -> str | None:
    """The path that a spec had in a revision: its own, the one that it was renamed from, or that
    of a deleted spec of the same name. None where it is new, OUTSIDE where git can't know it."""
    path = found.path_in_repository(spec.source.name)
    if path is None or not Path(spec.source.name).exists():
        return OUTSIDE
    if path in found.files:
        return path
    if path in found.renamed:
        return found.renamed[path]
    return next((old for old in sorted(found.deleted) if _name_of(found, old) == spec.name), None)


def load_earlier(found: Revision, path: str, include: Sequence[Path] = ()) -> Spec:
    """A spec as it was. Raises UsageError that names the revision where it was broken."""
    try:
        return load(found.folder / path, included(found, include))
    except SpecError as error:
        message = f"{found.shown(path)} is broken: {error.problems[0].message}"
        raise UsageError(message) from error


def included(found: Revision, include: Sequence[Path]) -> list[Path]:
    """The folders to include from, as they were."""
    inside = [path for path in map(found.path_in_repository, include) if path]
    return [folder for path in inside if (folder := found.folder / path).is_dir()]


def _name_of(found: Revision, path: str) -> str | None:
    try:
        return load_earlier(found, path).name
    except SpecError:
        return None


def _from_revision(found: Revision, include: Sequence[Path]) -> Baseline:
    specs: dict[str, Spec] = {}

    def before(spec: Spec, budget: Budget, settings: Settings) -> Before:
        path = earlier(found, spec)
        if path is None or path == OUTSIDE:
            return Before(None, NEW if path is None else f"the spec {OUTSIDE}")
        try:
            if path not in specs:
                specs[path] = load_earlier(found, path, include)
            (case,) = cases(specs[path], [settings], [budget.variant])
            measured = measured_by(budget, case)
        except SpecError as error:
            return Before(None, error.problems[0].message)
        return Before(measured.value, measured.why)

    return before


class _Figure(msgspec.Struct, frozen=True):
    """What one metric was in an earlier run."""

    network: str
    file: str
    variant: str
    settings: dict[str, float | int | bool]
    metric: str
    dtype: str
    value: int | float | None
    scope: tuple[str, ...] = ()
    device: str | None = None
    batch_size: int | None = None


class _Check(msgspec.Struct, frozen=True):
    """The JSON of `check`."""

    verdicts: tuple[_Figure, ...]


class _Compare(msgspec.Struct, frozen=True):
    """The JSON of `compare`."""

    rows: tuple[dict[str, Any], ...]
    convention: str
    dtype: str
    devices: tuple[dict[str, Any], ...] = ()

    def figures(self) -> Iterator[dict[str, Any]]:
        """Every metric of every row by itself."""
        for row in self.rows:
            for one in listed():
                name = self.convention if one.name == "count" else one.name
                yield {**row, "metric": name, "dtype": self.dtype, "value": row.get(one.name)}
            for each in self.devices:
                of = {"device": each.get("device"), "batch_size": each.get("batch_size")}
                value = row.get(str(each.get("metric")))
                yield {**row, "metric": "latency", "dtype": self.dtype, "value": value, **of}


def _from_file(file: Path) -> Baseline:
    """The figures in the JSON of `check` or of `compare`."""
    known = _figures(file)

    def before(spec: Spec, budget: Budget, settings: Settings) -> Before:
        own = [figure for figure in known if _same_file(figure, spec)]
        # A spec in a file that was moved is known by its name, if no other one has it.
        named = [figure for figure in known if figure.network == spec.name]
        own = own or (named if len({figure.file for figure in named}) == 1 else [])
        if not own:
            return Before(None, NEW)
        devices = [(each.name, each.batch) for each in budget_devices(budget)]
        wanted = (budget.variant, _written(settings), budget.metric, budget.scope, devices)
        for figure in own:
            same = (
                figure.variant,
                _written(figure.settings),
                figure.metric,
                figure.scope,
                [(figure.device, figure.batch_size)] if figure.device else [],
            )
            # What depends on no data type is the same in every one.
            in_bytes = "dtype" in metric(budget.metric).needs
            if same == wanted and (not in_bytes or figure.dtype == budget.dtype):
                return Before(figure.value)
        missing = f"{budget.metric} of {budget.variant} with these settings, scope and data type"
        return Before(None, f"the baseline doesn't hold {missing}")

    return before


def _figures(file: Path) -> tuple[_Figure, ...]:
    """Raises UsageError for a file that is not of this program."""
    try:
        text = file.read_bytes()
    except OSError as error:
        why = f"the baseline {file} can't be read: {error.strerror}"
        raise UsageError(why) from error
    try:
        return msgspec.json.decode(text, type=_Check).verdicts
    except msgspec.DecodeError:
        pass
    try:
        compared = msgspec.json.decode(text, type=_Compare)
        return msgspec.convert(tuple(compared.figures()), tuple[_Figure, ...])
    except msgspec.DecodeError as error:
        hint = "the JSON of sepconv check or compare"
        raise UsageError(f"{file} is no baseline", hint) from error


def _written(settings: Mapping[str, Any]) -> set[str]:
    return set(shown(settings).split())


def _same_file(figure: _Figure, spec: Spec) -> bool:
    return Path(figure.file).resolve() == Path(spec.source.name).resolve()
