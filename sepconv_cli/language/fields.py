"""What a user may write for a field of an op or variant, and the typed value it becomes.

The fields are read off the record itself. A number for every axis, a list with one for
each, `same`: all of these become one integer for each axis before anything is counted.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from sepconv_cli.arithmetic import divide, is_number, whole
from sepconv_cli.errors import Complaint, plural, show
from sepconv_cli.network import Op
from sepconv_cli.ops._axes import Axes, KernelPadding, Margin, Padding
from sepconv_cli.ops._shape import (
    AxisNumbers,
    LengthPair,
    MarginPair,
    PlainText,
    SampleShape,
    ScaleFactors,
    Shifts,
    SignedPadding,
)

LAYERS = tuple[Op, ...]
"""The type of a field that holds a list of layers."""

INFINITE = frozenset({"inf", "-inf"})
"""What a field that takes a float may have beside numbers: padding for a maximum is -inf."""

_PADDING_WORDS = frozenset({"same", "valid"})

# What needs more than msgspec can read off the annotation.
_KINDS = (
    (Axes, "axes"),
    (Margin, "margin"),
    (Padding, "padding"),
    (KernelPadding, "padding"),
    (SampleShape, "shape"),
    (AxisNumbers, "axis numbers"),
    (Shifts, "shifts"),
    (SignedPadding, "sides"),
    (LengthPair, "pair"),
    (MarginPair, "pair of margins"),
    (ScaleFactors, "factors"),
    (PlainText, "text"),
    (Fraction, "share"),
    (LAYERS, "layers"),
)


class Field(msgspec.Struct, frozen=True):
    """One field: `words` are the strings that it takes and that are no expressions.

    `kind` says how its value is read, `base` is its type without bounds, `about` what the record
    says of it for people, if anything.
    """

    name: str
    type: Any
    kind: str
    base: Any
    required: bool
    default: Any
    words: frozenset[str]
    about: str = ""


class FieldError(Exception):
    """A value that a field doesn't take."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@cache
def fields(record: type[Any]) -> dict[str, Field]:
    """The fields of a record, by name."""
    infos = msgspec.structs.fields(record)
    return {info.name: _field(info) for info in infos}


def build(record: type, values: Mapping[str, Any], axes: int | None) -> Any:
    """The record with these values on so many axes (None: not known), or a list of complaints."""
    complaints: list[Complaint] = []
    known = fields(record)
    converted = dict(_spread_defaults(record, axes))
    for name, data in values.items():
        try:
            converted[name] = convert(known[name], data, axes)
        except FieldError as error:
            complaints.append(Complaint(f"{name}: {error.message}", name, error.hint))
    if complaints:
        return complaints
    if converted.get("padding") == "valid":
        converted["padding"] = ((0, 0),) * len(converted["kernel_size"])
    same = axes and converted.get("padding") == "same"
    if same and any(step > 1 for step in converted["stride"]):
        return [_same_needs_stride_1(converted)]
    return record(**converted)


@cache
def required(record: type) -> tuple[str, ...]:
    """The fields that have no default."""
    return tuple(name for name, field in fields(record).items() if field.required)


@cache
def _spread_defaults(record: type, axes: int | None) -> Mapping[str, Any]:
    """The defaults that have one item for each axis."""
    return {
        name: field.default * (axes or 1)
        for name, field in fields(record).items()
        if field.kind in ("axes", "margin", "padding") and not field.required and field.default
    }


@cache
def unwritten(record: type, axes: int | None) -> Any:
    """The record with nothing but its defaults; None where it can't do without a value."""
    if required(record):
        return None
    built = build(record, {}, axes)
    return None if isinstance(built, list) else built


def convert(field: Field, data: Any, axes: int | None) -> Any:
    """The value of a field. Raises FieldError. `same` and `valid` stay words."""
    match field.kind:
        case "axes":
            return _on_each(_length, data, axes)
        case "margin":
            return _on_each(_side, data, axes)
        case "padding" if isinstance(data, str) and data in field.words:
            return data
        case "padding":
            return _on_each(_sides, data, axes)
        case "shape":
            return tuple([_length(item) for item in _listed(data)])
        case "axis numbers":
            return tuple([_side(item) for item in _listed(data)])
        case "shifts":
            return tuple([_whole(item) for item in _listed(data)])
        case "sides":
            return tuple([_sides(item, _whole) for item in _listed(data)])
        case "pair":
            return tuple([_length(item) for item in _two(data)])
        case "pair of margins":
            return tuple([_side(item) for item in _two(data)])
        case "factors":
            return _on_each(_factor, data, axes)
        case "text":
            return _text(data)
        case "share":
            return _share(data)
        case "layers":
            return data
    return _plain(field, data)


def _field(info: msgspec.structs.FieldInfo) -> Field:
    kind, about = _described(_given(info.type))
    return Field(
        info.name,
        kind,
        next((name for known, name in _KINDS if kind == known), "plain"),
        next(iter(get_args(kind)), kind),
        info.required,
        info.default,
        _words(kind),
        about,
    )


def _described(kind: Any) -> tuple[Any, str]:
    """A type without what is said about it, which stands in a Meta of its own, and that."""
    base, *notes = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    about = next((note.description for note in notes if note.description), "")
    if not about:
        return kind, ""
    rest = [note for note in notes if not note.description]
    return (Annotated[(base, *rest)] if rest else base), about


def _given(kind: Any) -> Any:
    """`T` for `T | None`: None is what a field is when it isn't written."""
    if NoneType not in get_args(kind):
        return kind
    (given,) = (part for part in get_args(kind) if part is not NoneType)
    return given


def _words(kind: Any) -> frozenset[str]:
    if kind == KernelPadding:
        return _PADDING_WORDS
    return frozenset(get_args(kind)) if get_origin(kind) is Literal else frozenset()


def _on_each(read: Callable[[Any], Any], data: Any, axes: int | None) -> tuple[Any, ...]:
    """What is read from the item for each axis."""
    if not isinstance(data, tuple):
        return (read(data),) * (1 if axes is None else axes)
    if axes and len(data) != axes:
        raise FieldError(
            f"{show(data)} is {plural(len(data), 'value')}, but the input has "
            f"{axes} spatial {'axis' if axes == 1 else 'axes'}",
            "write one number for all axes, or one for each",
        )
    return tuple([read(item) for item in data])


def _length(item: Any) -> int:
    return _whole(item, 1)


def _side(item: Any) -> int:
    return _whole(item, 0)


def _sides(item: Any, read: Callable[[Any], int] = _side) -> tuple[int, int]:
    if not isinstance(item, tuple):
        return (read(item),) * 2
    if len(item) != 2:
        raise FieldError(f"{show(item)} is not a pair (before, after)")
    return read(item[0]), read(item[1])


def _listed(data: Any) -> tuple[Any, ...]:
    """The items of a list; one that is written without brackets is a list of its own."""
    if data == ():
        raise FieldError("expected at least one value")
    return data if isinstance(data, tuple) else (data,)


def _two(data: Any) -> tuple[Any, ...]:
    """One item for each of two axes."""
    if isinstance(data, tuple) and len(data) != 2:
        raise FieldError(f"{show(data)} is not one number or two")
    return data if isinstance(data, tuple) else (data, data)


def _whole(data: Any, least: int | None = None) -> int:
    if type(data) is int and (least is None or data >= least):
        return data
    found = _refuse_fraction(data)
    if found is None:
        raise FieldError(f"expected a whole number, not {show(data)}")
    if least is not None and found < least:
        raise FieldError(f"expected at least {least}, not {found}")
    return found


def _refuse_fraction(data: Any) -> int | None:
    """A whole number; None for what is no number at all."""
    found = whole(data)
    if found is None and is_number(data):
        raise FieldError(
            f"{show(data)} is not a whole number", "round it: int(...), round(...) or ceil(...)"
        )
    return found


def _text(data: Any) -> str:
    text = str(data).strip()
    if not text:
        raise FieldError("expected a line of text")
    return text


def _factor(data: Any) -> Fraction:
    if not is_number(data) or not data > 0:
        raise FieldError(f"expected a number over 0, not {show(data)}")
    factor: Fraction = divide(data, 1)
    return factor


def _share(data: Any) -> Fraction:
    if not is_number(data) or not 0 < data <= 1:
        raise FieldError(f"expected a share over 0 and up to 1, not {show(data)}", "such as 1/4")
    share: Fraction = divide(data, 1)
    return share


def _plain(field: Field, data: Any) -> Any:
    """What msgspec can check by the field's annotation."""
    if isinstance(data, tuple):
        raise FieldError(f"expected one value, not the list {show(data)}")
    value = data
    if field.base is float:
        value = float(data) if is_number(data) or data in INFINITE else data
    elif field.base is int and type(data) is not int:
        found = _refuse_fraction(data)
        if found is not None:
            return _bounded(field, found)
    try:
        return msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        raise FieldError(f"expected {_expected(field)}, not {show(data)}") from None


def _bounded(field: Field, value: int) -> int:
    """A whole number, held to the bounds of the field."""
    for meta in get_args(field.type)[1:]:
        if (meta.ge is not None and value < meta.ge) or (meta.le is not None and value > meta.le):
            raise FieldError(f"expected {_expected(field)}, not {show(value)}")
    return value


def _expected(field: Field) -> str:
    if field.words:
        return " or ".join(sorted(field.words))
    if field.type is bool:
        return "true or false"
    base, *constraints = get_args(field.type) or (field.type,)
    noun = "a number" if base is float else "a whole number"
    bounds = [
        f" {text} {show(bound)}"
        for meta in constraints
        for text, bound in (("of at least", meta.ge), ("of at most", meta.le))
        if bound is not None
    ]
    return noun + " and".join(bounds)


def _same_needs_stride_1(values: Mapping[str, Any]) -> Complaint:
    halves = [kernel // 2 for kernel in values["kernel_size"]]
    return Complaint(
        f"padding: same needs stride 1, but the stride is {show(values['stride'])}",
        "padding",
        f"write the padding as a number, such as {show(halves)}",
    )
