"""Count many specs: a table with a row for each spec, setting and variant."""

import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sepconv_cli.commands import _options as options
from sepconv_cli.commands._flags import NO_OPTIONS, VariantOptions
from sepconv_cli.commands._models import models_at
from sepconv_cli.commands._output import to_stderr, write
from sepconv_cli.compare.engines import counted_by, tracer_for
from sepconv_cli.errors import UsageError, plural
from sepconv_cli.lowering.choose import check_options, rule
from sepconv_cli.lowering.settings import grid
from sepconv_cli.metrics import named_devices

if TYPE_CHECKING:
    from sepconv_cli.batch.run import Batch
    from sepconv_cli.batch.summary import Summary
    from sepconv_cli.latency.device import Device

_RUN = "Run"
_Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH...",
        help="Specs: files, folders, quoted globs, archives (.tar, .tar.gz), .jsonl, addresses "
        "such as s3://..., zoo: or zoo:NAME, models; - reads standard input.",
    ),
]
FilesFrom = Annotated[
    str | None, typer.Option(metavar="FILE", help="Read paths from a file too, one a line; or -.")
]
_Table = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The table of all rows: .parquet, .csv or .jsonl. (default: a summary only)",
        rich_help_panel="Output",
    ),
]
_PerLayer = Annotated[
    bool, typer.Option("--per-layer", help="Write a second table, with a row for every layer.")
]
Trace = Annotated[
    str | None,
    typer.Option(metavar="all|SHARE", help="Verify all specs with fvcore, or a sample such as 1%."),
]
Workers = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=1, help="Local processes. (default: a core each)", rich_help_panel=_RUN
    ),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS|FILE",
        help="Count on the cluster of this Dask scheduler, or of this scheduler file.",
        rich_help_panel=_RUN,
    ),
]
Shard = Annotated[
    str | None,
    typer.Option(metavar="I/N", help="Only the I-th of N shares.", rich_help_panel=_RUN),
]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on with a run that was stopped.", rich_help_panel=_RUN),
]
KeepGoing = Annotated[
    bool,
    typer.Option("--keep-going", help="Exit with 0 though specs failed.", rich_help_panel=_RUN),
]
_NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache", help="Count anew what the last run has counted.", rich_help_panel=_RUN
    ),
]
_Top = Annotated[
    int,
    typer.Option(metavar="N", min=0, help="Show the N best rows.", rich_help_panel="Output"),
]
ByName = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="What is ranked and spread: a metric, or its ratio such as count_ratio.",
        rich_help_panel="Output",
    ),
]


def command(
    paths: _Paths = None,
    files_from: FilesFrom = None,
    settings: options.SettingTexts = None,
    include: options.Include = None,
    variants: options.VariantNames = None,
    rewrite: options.Rewrite = None,
    chosen: VariantOptions = NO_OPTIONS,
    convention: options.ConventionName = "macs",
    strict: options.Strict = False,
    dtype: options.DTypeName = "float32",
    device: options.DeviceName = None,
    batch_size: options.BatchSize = None,
    per_layer: _PerLayer = False,
    trace: Trace = None,
    workers: Workers = None,
    dask: Dask = None,
    shard: Shard = None,
    resume: Resume = False,
    keep_going: KeepGoing = False,
    no_cache: _NoCache = False,
    table: _Table = None,
    top: _Top = 3,
    by: ByName = "count",
    format: options.Format = None,  # noqa: A002
    quiet: options.Quiet = False,
) -> int:
    """Count many specs: a table with a row for each spec, setting and variant."""
    from sepconv_cli.batch.job import Job, program_digest
    from sepconv_cli.batch.report import batch_report
    from sepconv_cli.batch.run import Batch
    from sepconv_cli.batch.summary import ranked_by

    rules = tuple(rule(text) for text in rewrite or ())
    check_options(variants or (), chosen, rules)
    column = ranked_by(by, counted_by(convention, "auto").name, bool(device))
    devices = named_devices([device] if device else [], batch_size)
    for folder in include or ():
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder to include from")
    share = traced_share(trace)
    if share:
        tracer_for("both")
    job = Job(
        settings=tuple(grid(settings or ())),
        variants=tuple(variants or ()),
        options=chosen,
        rules=rules,
        convention=convention,
        dtype=dtype,
        profile="".join(profile_text(each) for each in devices),
        batch=batch_size,
        per_layer=per_layer,
        include=tuple(str(folder.absolute()) for folder in include or ()),
        trace=share,
        use_cache=not no_cache,
        program=program_digest(),
        tools=tools() if share else "",
    )
    batch = Batch(
        paths=tuple(paths or ()),
        job=job,
        files_from=files_from,
        output=table,
        shard=shard_of(shard),
        workers=workers,
        scheduler=dask,
        resume=resume,
        use_cache=not no_cache,
        by=column,
        top=top,
        models=models_at(job.settings, use_cache=not no_cache),
    )
    try:
        summary = _run(batch, quiet)
    except KeyboardInterrupt:
        if table and not quiet:
            to_stderr("hint: what has been counted is kept: --resume goes on from there")
        raise
    write(batch_report(summary, job, str(table) if table else None), format, None)
    if summary.unused and not quiet:
        rows = plural(summary.unused, "row")
        to_stderr(f"warning: {rows} with layers that lead to no output: see unused_layers")
    return _verdict(summary, keep_going, strict)


def profile_text(device: "Device") -> str:
    """A device's profile as the text that a job carries."""
    from sepconv_cli.latency.profile import profile_json

    return profile_json(device.profile)


def _run(batch: "Batch", quiet: bool) -> "Summary":
    """Run the batch, with a bar where somebody watches."""
    from sepconv_cli.batch import progress
    from sepconv_cli.batch.run import count_all
    from sepconv_cli.batch.streams import streams

    if quiet or sys.stderr is None or not sys.stderr.isatty():
        return count_all(batch)
    # Standard input can't be read twice.
    known = batch.files_from != "-" and "-" not in batch.paths
    number = sum(1 for _ in streams(batch.paths, batch.files_from)) if known else None
    return count_all(batch, progress=progress.bar(number and number / batch.shard[1]))


def _verdict(summary: "Summary", keep_going: bool, strict: bool) -> int:
    """The exit code: 2 where specs failed, else 1 where the engines disagree."""
    if summary.failed:
        to_stderr(f"{summary.failed:,} of {plural(summary.specs, 'spec')} failed")
    if summary.disagreeing:
        to_stderr(f"the engines disagree in {plural(summary.disagreeing, 'row')}")
    if strict and summary.left_out:
        to_stderr(f"--strict: {plural(summary.left_out, 'row')} with layers that aren't counted")
    if strict and summary.unused:
        to_stderr("--strict: there are layers that lead to no output")
    if summary.failed and not keep_going:
        return 2
    return int(bool(summary.disagreeing or (strict and (summary.left_out or summary.unused))))


def traced_share(text: str | None) -> float:
    """`all` as 1, `1%` as 0.01. Raises UsageError."""
    if text is None:
        return 0.0
    try:
        share = (
            1.0 if text == "all" else float(text.removesuffix("%")) / (100 if "%" in text else 1)
        )
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise UsageError(f"--trace {text}: expected all, or a share such as 1%")
    return share


def shard_of(text: str | None) -> tuple[int, int]:
    """`2/8` as (2, 8). Raises UsageError."""
    if text is None:
        return 1, 1
    number, _, of = text.partition("/")
    if number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    raise UsageError(f"--shard {text}: expected the number of a share and how many, such as 1/8")


def tools() -> str:
    """What a trace depends on beside the program: the versions of torch and fvcore."""
    from sepconv_cli.trace.cache import builder_fingerprint

    return sha256(builder_fingerprint()).hexdigest()
