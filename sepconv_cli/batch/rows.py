"""The tables that a batch writes: their columns, in order, with what each one says.

These records are the one place where the schema is written down: the Parquet schema, the CSV
header, the JSONL keys and the table in docs/batch.md all follow them. The columns of numbers are
those of the metrics.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec.structs import replace

from sepconv_cli.metrics import listed

LARGEST = 2**63 - 1
"""The largest integer that a column holds."""

Code = Literal["input", "spec", "usage", "trace", "overflow", "crash", "internal", "disagree"]
"""What went wrong: `input` the text can't be had or isn't text; `spec` it isn't a valid spec;
`usage` an option doesn't fit it; `trace` fvcore can't count it; `overflow` a number is beyond
64 bits; `crash` it killed the process that counted it; `internal` a mistake of the program's;
`disagree` counted, but the engines differ."""


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class _Where(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    source: Annotated[
        str, _says("the file, `archive:member` or address that the spec was read from")
    ]
    document: Annotated[int, _says("its number in the source, from 1")]
    network: Annotated[str | None, _says("the network's name")] = None
    settings: Annotated[str | None, _says("what `--set` set, as `width=0.5 resolution=128`")] = None
    variant: Annotated[str | None, _says("the variant; empty where none could be built")] = None
    input: Annotated[str | None, _says("the input's shape, as `3x224x224`")] = None
    convention: Annotated[str, _says("what is counted")]
    unit: Annotated[str, _says("`MAC` or `FLOP`")]
    dtype: Annotated[str, _says("the data type of the bytes")]


class _LayerWhere(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    source: Annotated[str, _says("as in the first table")]
    document: Annotated[int, _says("as in the first table")]
    network: Annotated[str, _says("as in the first table")]
    settings: Annotated[str, _says("as in the first table")]
    variant: Annotated[str, _says("as in the first table")]
    layer: Annotated[str, _says("the layer's name, numbered where it recurs")]
    op: Annotated[str, _says("its op, or the ops that a variant made of it, joined by ` + `")]
    input: Annotated[str, _says("the shape that arrives")]
    output: Annotated[str, _says("the shape that leaves")]
    receptive_field: Annotated[
        str | None,
        _says("input positions that one output position depends on; `<=`: at most; empty: all"),
    ]
    convention: Annotated[str, _says("what is counted")]
    unit: Annotated[str, _says("`MAC` or `FLOP`")]
    dtype: Annotated[str, _says("the data type of the bytes")]


def _with_metrics(record: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The record with a column for every metric, and one for its ratio to the standard variant."""
    columns: list[tuple[str, Any, None]] = []
    for metric in listed():
        kind: Any = int if metric.is_whole else float
        about, ratio = _says(_short(metric.meaning)), _says(f"the ratio of `{metric.name}`")
        columns.append((metric.name, Annotated[kind | None, about], None))
        columns.append((f"{metric.name}_ratio", Annotated[float | None, ratio], None))
    return msgspec.defstruct(
        f"{record.__name__}Numbers", columns, bases=(record,), frozen=True, kw_only=True
    )


def _short(sentence: str) -> str:
    """A sentence as the words of a table."""
    return sentence[0].lower() + sentence[1:].removesuffix(".")


_OF_DEVICE: tuple[tuple[str, Any, None], ...] = (
    ("device", Annotated[str | None, _says("what the latency is of, with `--device`")], None),
    ("batch_size", Annotated[int | None, _says("how many samples it is of")], None),
    ("latency", Annotated[float | None, _says("predicted milliseconds of a batch")], None),
    ("latency_ratio", Annotated[float | None, _says("the ratio of `latency`")], None),
)
OF_DEVICE = tuple(name for name, _, _ in _OF_DEVICE)
"""The columns that are there with `--device` alone."""


def _with_device(record: type[msgspec.Struct]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        f"{record.__name__}Device", _OF_DEVICE, bases=(record,), frozen=True, kw_only=True
    )


if TYPE_CHECKING:

    class _Numbers(_Where, frozen=True, kw_only=True): ...

    class _LayerNumbers(_LayerWhere, frozen=True, kw_only=True): ...

else:
    _Numbers = _with_device(_with_metrics(_Where))
    _LayerNumbers = _with_device(_with_metrics(_LayerWhere))


class SpecRow(_Numbers, frozen=True, kw_only=True, array_like=True):
    """One variant of one spec with one choice of settings, or what is wrong with it."""

    not_counted: Annotated[
        str | None, _says("layers that the convention has no rule for, separated by blanks")
    ] = None
    not_comparable: Annotated[
        str | None, _says("layers whose number under the convention can't be told")
    ] = None
    opaque: Annotated[
        str | None, _says("functions that nobody could tell, with their layers and elements")
    ] = None
    unused_layers: Annotated[
        str | None, _says("layers that lead to no output and are counted nowhere")
    ] = None
    traced_parameters: Annotated[int | None, _says("the same by tracing, with `--trace`")] = None
    traced_count: Annotated[int | None, _says("what fvcore counts, with `--trace`")] = None
    agrees: Annotated[
        bool | None, _says("whether both engines agree on every layer; empty if not traced")
    ] = None
    status: Annotated[Literal["ok", "error"], _says("`ok` or `error`")] = "ok"
    code: Annotated[Code | None, _says("the kind of the problem, see below")] = None
    message: Annotated[str | None, _says("the first problem, in one sentence")] = None
    hint: Annotated[str | None, _says("what might mend it")] = None
    problems: Annotated[int, _says("how many problems the spec has")] = 0
    line: Annotated[int | None, _says("where the first problem stands, from 1")] = None
    column: Annotated[int | None, _says("where the first problem stands, from 1")] = None


class SpecLayerRow(_LayerNumbers, frozen=True, kw_only=True, array_like=True):
    """One layer of one variant of one spec (`--per-layer`)."""

    traced_parameters: Annotated[int | None, _says("the same by tracing, with `--trace`")]
    traced_count: Annotated[int | None, _says("what fvcore counts, with `--trace`")]
    agrees: Annotated[bool | None, _says("whether both engines agree; empty if not traced")]


NUMBERS: tuple[str, ...] = tuple(
    name
    for metric in ("latency", *(metric.name for metric in listed()))
    for name in (metric, f"{metric}_ratio")
)
"""The columns of the metrics, and of their ratios."""


class Included(msgspec.Struct, frozen=True, array_like=True):
    """A file that a spec includes, and the digest of its text when it was read."""

    file: str
    digest: str

    @property
    def is_same(self) -> bool:
        """Whether the file still holds that text."""
        try:
            return digest_of(Path(self.file).read_bytes().decode("utf-8-sig")) == self.digest
        except (OSError, ValueError):
            return False


def digest_of(text: str) -> str:
    """A name for a text."""
    return sha256(text.encode()).hexdigest()


class SpecOutcome(msgspec.Struct, frozen=True, array_like=True):
    """All that came of one document; it is encoded once, by the worker that counted it.

    Rows don't say yet where the document stands, so that it may move: their source is empty and
    their lines count from the document's first. It is `lasting` unless it depends on what nobody
    could look up again.
    """

    lasting: bool
    rows: list[SpecRow]
    layers: list[SpecLayerRow] = []
    included: list[Included] = []


def placed(row: SpecRow, source: str, document: int, line: int) -> SpecRow:
    """The row of a document that starts on that line of its source."""
    if row.line is None or line == 1:
        return replace(row, source=source, document=document)
    return replace(
        row,
        source=source,
        document=document,
        line=row.line + line - 1,
        hint=row.hint
        and _FIRST.sub(lambda found: f"{found[1]}{int(found[2]) + line - 1}", row.hint),
    )


def meanings(record: type[msgspec.Struct]) -> dict[str, str]:
    """What each column of a record says."""
    hints = get_type_hints(record, include_extras=True)
    return {name: hints[name].__metadata__[0].description for name in record.__struct_fields__}


# The one hint that names a line of the same text.
_FIRST = re.compile(r"^(the first is on line )(\d+)$")
