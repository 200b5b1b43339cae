"""Hold specs to their budgets: exit code 1 where one is exceeded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sepconv_cli.budget import project
from sepconv_cli.budget.check import check, verified
from sepconv_cli.budget.project import Project
from sepconv_cli.budget.report import check_report
from sepconv_cli.commands import _options as options
from sepconv_cli.commands._models import model_options
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.commands._unused import refuse_unused
from sepconv_cli.errors import SpecError
from sepconv_cli.history.baseline import baseline
from sepconv_cli.library.find import spec_files

_Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...", help=f"Spec files, folders, globs in quotes; {options.MODELS}."
    ),
]
BaselineText = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="git:REV|FILE",
        help="What growth is measured against: a revision, or the JSON of an earlier check.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The project file. (default: sepconv.yaml or pyproject.toml, from here upwards)",
    ),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no project file.")]
FailOn = Annotated[
    Literal["warn", "error"],
    typer.Option("--fail-on", help="The least level that makes the exit code 1."),
]
Verify = Annotated[
    bool, typer.Option("--verify", help="Trace the networks with fvcore too, which needs torch.")
]


def command(
    paths: _Paths,
    baseline_text: BaselineText = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
    include: options.Include = None,
    inputs: options.ModelInputs = None,
    call: options.ModelCall = None,
    device: options.ModelDevice = "meta",
    fail_on: FailOn = "error",
    verify: Verify = False,
    strict: options.StrictOutputs = False,
    no_cache: options.NoCache = False,
    format: options.Format = None,  # noqa: A002
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> int:
    """Hold specs to their budgets: exit code 1 where one is exceeded."""
    models = model_options(paths, inputs, call, device=device, use_cache=not no_cache)
    files = spec_files(paths)
    found = None if no_config else _project(config)
    with _baseline(baseline_text, include or (), paths) as (before, moved):
        checked = check(files, found, before, include or (), models)
        notes = moved(checked.specs, paths)
    disagreements = verified(checked, use_cache=not no_cache) if verify else []
    if checked.verdicts or not checked.problems:
        write(check_report(checked, notes), format, output)
    unused = refuse_unused(
        (verdict.case for verdict in checked.verdicts), strict=strict, quiet=quiet
    )
    for line in disagreements:
        to_stderr(line)
    if checked.problems:
        raise SpecError(checked.problems)
    bad = {"failed", "warned"} if fail_on == "warn" else {"failed"}
    exceeded = any(verdict.status in bad for verdict in checked.verdicts)
    return int(exceeded or bool(disagreements) or unused)


def _project(config: Path | None) -> Project | None:
    file = config or project.find(Path.cwd())
    return project.read_project(file) if file else None


@contextmanager
def _baseline(text: str | None, include: Sequence[Path], places: Sequence[str]) -> Iterator[Any]:
    """The baseline, and what became of specs since; neither where none is asked for."""
    if text is None:
        yield None, lambda specs, places: []
    else:
        with baseline(text, include, places) as found:
            yield found
