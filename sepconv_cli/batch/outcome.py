"""Documents -> what came of them: rows, or the row that says why there are none.

It is pure, and all that a worker runs. Nothing that is wrong with a document gets out of here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from sepconv_cli.batch.documents import Document
from sepconv_cli.batch.job import Job, is_traced, job_devices, program_digest
from sepconv_cli.batch.rows import (
    LARGEST,
    Code,
    Included,
    SpecLayerRow,
    SpecOutcome,
    SpecRow,
    digest_of,
)
from sepconv_cli.compare.agreement import Disagreement, Traces
from sepconv_cli.compare.comparison import Comparison, compared
from sepconv_cli.compare.engines import counted_by
from sepconv_cli.compare.rows import LayerRow, Row, numbers
from sepconv_cli.conventions import opaque_text
from sepconv_cli.errors import Problem, SpecError, UsageError, show
from sepconv_cli.language.model import Spec
from sepconv_cli.language.source import decode
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.lowering.read import read_spec
from sepconv_cli.lowering.settings import Settings
from sepconv_cli.trace import TraceError, trace


class OtherVersion(Exception):
    """A worker runs another version of the program."""


def outcomes(job: Job, documents: Sequence[Document]) -> list[bytes]:
    """The outcome of each document, encoded. Raises OtherVersion."""
    if job.program != program_digest():
        raise OtherVersion("a worker runs another version of sepconv")
    return [_encoded(job, document) for document in documents]


def _encoded(job: Job, document: Document) -> bytes:
    try:
        return msgspec.msgpack.encode(_outcome(job, document))
    except Exception as error:  # a text that is no text
        return msgspec.msgpack.encode(SpecOutcome(False, [_failed_inside(job, error)]))


def crashed(job: Job) -> bytes:
    """What is told of a document that kills whatever process counts it."""
    problem = Problem("it killed the process that counted it", hint="out of memory?")
    return msgspec.msgpack.encode(SpecOutcome(False, [_failed(job, "crash", [problem])]))


def _outcome(job: Job, document: Document) -> SpecOutcome:
    """All rows of one document."""
    if document.problem:
        problem = Problem(document.problem)
        return SpecOutcome(False, [_failed(job, "input", [problem])])
    code: Code = "input"
    try:
        source = decode(document.raw, document.source)
        code = "spec"
        spec = read_spec(source, [Path(folder) for folder in job.include])
    except SpecError as error:
        # An included file that is missing or wrong may be mended; it isn't known which it was.
        lasting = b"include" not in document.raw
        return SpecOutcome(lasting, [_failed(job, code, error.problems, document)])
    except Exception as error:
        return SpecOutcome(False, [_failed_inside(job, error)])
    rows: list[SpecRow] = []
    layers: list[SpecLayerRow] = []
    for settings in job.settings:
        for row, below in _counted(job, document, spec, settings):
            rows.append(row)
            layers.extend(below)
    included = [Included(text.name, digest_of(text.text)) for text in spec.included]
    return SpecOutcome(not any(row.code == "internal" for row in rows), rows, layers, included)


_Rows = tuple[SpecRow, list[SpecLayerRow]]


def _counted(job: Job, document: Document, spec: Spec, settings: Settings) -> Iterator[_Rows]:
    """The rows of one choice of settings, or the one that says why there are none."""
    told: dict[str, Any] = {"network": spec.name, "settings": _settings(settings)}
    try:
        planned = list(cases(spec, [settings], job.variants, job.options, job.rules))
        traces = _traces(job, document, planned)
        comparison = compared(
            planned,
            traces,
            counted_by(job.convention, "auto"),
            job.dtype,
            devices=job_devices(job.profile, job.batch),
            per_layer=job.per_layer,
        )
    except UsageError as error:
        yield _failed(job, "usage", error.problems, document, told), []
    except SpecError as error:
        yield _failed(job, "spec", error.problems, document, told), []
    except TraceError as error:
        yield _failed(job, "trace", [Problem(str(error))], document, told), []
    except Exception as error:
        yield _failed_inside(job, error, told), []
    else:
        for row in comparison.rows:
            yield _row(job, comparison, row, told)


def _traces(job: Job, document: Document, planned: Sequence[Case]) -> list[Traces]:
    if not is_traced(job, document.raw):
        return []
    return [trace(case.network, job.use_cache) for case in planned]


def _settings(settings: Settings) -> str:
    return " ".join(f"{name}={show(value)}" for name, value in settings.items())


def _row(job: Job, comparison: Comparison, row: Row, told: dict[str, Any]) -> _Rows:
    """The row of one variant with those of its layers, if all of its numbers can be kept."""
    named = {**told, "variant": row.variant, "input": row.input}
    found = numbers(row)
    over = [name for name, value in found.items() if _is_over(value)]
    if over:
        number: Any = found[over[0]]
        shown = f"{number:,}" if abs(number) < 10**60 else f"a number of {len(str(number))} digits"
        problem = Problem(f"{over[0]} is {shown}, more than 64 bits hold")
        return _failed(job, "overflow", [problem], told=named), []
    made = SpecRow(
        source="",
        document=0,
        **_head(job),
        **named,
        **found,
        not_counted=_gaps(row, reasoned=False),
        not_comparable=_gaps(row, reasoned=True),
        opaque=opaque_text(row.gaps) or None,
        unused_layers=" ".join(row.unused_layers) or None,
        **_disagreement(comparison.disagreements, row),
    )
    return made, [_layer(job, named, layer) for layer in row.layers]


def _is_over(value: object) -> bool:
    return type(value) is int and not -LARGEST <= value <= LARGEST


def _gaps(row: Row, *, reasoned: bool) -> str | None:
    if not row.gaps:
        return None
    return " ".join(gap.layer for gap in row.gaps if bool(gap.reason) == reasoned) or None


def _disagreement(found: Sequence[Disagreement], row: Row) -> dict[str, Any]:
    """The first layer on which the engines differ."""
    if row.agrees is not False:
        return {}
    mine = [item for item in found if item.variant == row.variant]
    return {"code": "disagree", "message": str(mine[0]), "problems": len(mine)}


def _layer(job: Job, named: dict[str, Any], layer: LayerRow) -> SpecLayerRow:
    return SpecLayerRow(
        source="",
        document=0,
        network=named["network"],
        settings=named["settings"],
        variant=named["variant"],
        layer=layer.layer,
        op=layer.op,
        input=layer.input,
        output=layer.output,
        receptive_field=layer.sees,
        **_head(job),
        **numbers(layer),
    )


def _head(job: Job) -> dict[str, Any]:
    counting = counted_by(job.convention, "auto")
    head = {"convention": counting.name, "unit": counting.unit, "dtype": job.dtype}
    for device in job_devices(job.profile, job.batch):
        return {**head, "device": device.name, "batch_size": device.batch}
    return head


def _failed_inside(job: Job, error: Exception, told: dict[str, Any] | None = None) -> SpecRow:
    """The row of a mistake of the program's."""
    message = f"sepconv failed inside: {type(error).__name__}: {error}"[:500]
    hint = "this is a mistake of the program's; please report it with the spec"
    return _failed(job, "internal", [Problem(message, hint=hint)], told=told)


def _failed(
    job: Job,
    code: Code,
    problems: Sequence[Problem],
    document: Document | None = None,
    told: dict[str, Any] | None = None,
) -> SpecRow:
    """The row of a failure: the first problem in the order of the text."""
    first = min(problems, key=lambda problem: _place(problem))
    place = first.place
    # A place in an included file or an option is told in words; the columns are for the spec.
    is_here = place is not None and document is not None and place.source.name == document.source
    message = first.message
    if place is not None and not is_here:
        message = f"{place.source.name}:{place.line}:{place.column}: {message}"
    return SpecRow(
        source="",
        document=0,
        **_head(job),
        **(told or {}),
        status="error",
        code=code,
        message=_without_name(message, document),
        hint=first.hint,
        problems=len(problems),
        line=place.line if place and is_here else None,
        column=place.column if place and is_here else None,
    )


def _without_name(message: str, document: Document | None) -> str:
    """The source has a column of its own."""
    return message.removeprefix(f"{document.source}: ") if document else message


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place else (0, 0)
