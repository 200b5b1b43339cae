"""What a user may write for a field of an op or variant, and the typed value it becomes.

The fields are read off the record itself. A number for every axis, a list with one for
each, `same`: all of these become one integer for each axis before anything is counted.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from sepconv_cli.arithmetic import Recorded, is_whole, settled
from sepconv_cli.errors import Complaint, plural, show
from sepconv_cli.network import Op
from sepconv_cli.ops._axes import Axes, Margin, Padding
from sepconv_cli.ops._shape import (
    AxisNumbers,
    Factors,
    Pair,
    PairOfMargins,
    Shape,
    Shifts,
    Sides,
    Text,
)

LAYERS = tuple[Op, ...]
"""The type of a field that holds a list of layers."""

_PADDING_WORDS = frozenset({"same", "valid"})

# What needs more than msgspec can read off the annotation.
_KINDS = (
    (Axes, "axes"),
    (Margin, "margin"),
    (Padding, "padding"),
    (Shape, "shape"),
    (AxisNumbers, "axis numbers"),
    (Shifts, "shifts"),
    (Sides, "sides"),
    (Pair, "pair"),
    (PairOfMargins, "pair of margins"),
    (Factors, "factors"),
    (Text, "text"),
    (Fraction, "share"),
    (LAYERS, "layers"),
)


class Field(msgspec.Struct, frozen=True):
    """One field: `words` are the strings that it takes and that are no expressions."""

    name: str
    type: Any
    kind: str
    required: bool
    default: Any
    words: frozenset[str]

    @property
    def is_list(self) -> bool:
        """Whether it takes a list as it stands, and no number for every axis."""
        return self.kind in ("shape", "axis numbers", "shifts", "sides")


class FieldError(Exception):
    """A value that a field doesn't take."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@cache
def fields(record: type[Any]) -> dict[str, Field]:
    """The fields of a record, by name."""
    infos = msgspec.structs.fields(record)
    # `same` and `valid` are words about a kernel.
    has_kernel = any(info.name == "kernel_size" for info in infos)
    return {
        info.name: Field(
            info.name,
            _given(info.type),
            next((kind for known, kind in _KINDS if _given(info.type) == known), "plain"),
            info.required,
            info.default,
            _words(info.type) if has_kernel or info.type != Padding else frozenset(),
        )
        for info in infos
    }


def build(record: type, values: Mapping[str, Any], axes: int | None) -> Any:
    """The record with these values on so many axes (None: not known), or a list of complaints."""
    complaints: list[Complaint] = []
    converted: dict[str, Any] = {}
    for name, field in fields(record).items():
        if name in values:
            try:
                converted[name] = convert(field, values[name], axes)
            except FieldError as error:
                complaints.append(Complaint(f"{name}: {error.message}", name, error.hint))
        elif field.kind in ("axes", "margin", "padding") and field.default is not None:
            converted[name] = field.default * (axes or 1)
    if complaints:
        return complaints
    if isinstance(converted.get("padding"), str):
        resolved = _padding_from_word(converted) if axes else ()
        if isinstance(resolved, Complaint):
            return [resolved]
        converted["padding"] = resolved
    return record(**converted)


@cache
def plain(record: type, axes: int | None) -> Any:
    """The record with nothing but its defaults; None where it can't do without a value."""
    if any(field.required for field in fields(record).values()):
        return None
    built = build(record, {}, axes)
    return None if isinstance(built, list) else built


def convert(field: Field, data: Any, axes: int | None) -> Any:
    """The value of a field. Raises FieldError. `same` and `valid` stay words."""
    match field.kind:
        case "axes" | "margin":
            least = 1 if field.kind == "axes" else 0
            return tuple(_whole(item, least) for item in _spread(data, axes))
        case "padding" if isinstance(data, str) and data in field.words:
            return data
        case "padding":
            return tuple(_sides(item) for item in _spread(data, axes))
        case "shape":
            return tuple(_whole(item, 1) for item in _listed(data))
        case "axis numbers":
            return tuple(_whole(item, 0) for item in _listed(data))
        case "shifts":
            return tuple(_whole(item) for item in _listed(data))
        case "sides":
            return tuple(_sides(item, None) for item in _listed(data))
        case "pair" | "pair of margins":
            return tuple(_whole(item, 1 if field.kind == "pair" else 0) for item in _two(data))
        case "factors":
            return tuple(_factor(item) for item in _spread(data, axes))
        case "text":
            return _text(data)
        case "share":
            return _share(data)
        case "layers":
            return data
    return _plain(field, data)


def _given(kind: Any) -> Any:
    """`T` for `T | None`: None is what a field is when it isn't written."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    (given,) = (part for part in get_args(kind) if part is not NoneType)
    return given


def _words(kind: Any) -> frozenset[str]:
    if kind == Padding:
        return _PADDING_WORDS
    return frozenset(get_args(kind)) if get_origin(kind) is Literal else frozenset()


def _spread(data: Any, axes: int | None) -> tuple[Any, ...]:
    """One item for each axis."""
    if not isinstance(data, tuple):
        return (data,) * (1 if axes is None else axes)
    if axes and len(data) != axes:
        raise FieldError(
            f"{show(data)} is {plural(len(data), 'value')}, but the input has "
            f"{axes} spatial {'axis' if axes == 1 else 'axes'}",
            "write one number for all axes, or one for each",
        )
    return data


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


def _sides(item: Any, least: int | None = 0) -> tuple[int, int]:
    if isinstance(item, tuple):
        if len(item) != 2:
            raise FieldError(f"{show(item)} is not a pair (before, after)")
        return _whole(item[0], least), _whole(item[1], least)
    both = _whole(item, least)
    return both, both


def _whole(data: Any, least: int | None = None) -> int:
    data = settled(data)
    _refuse_fraction(data)
    if not is_whole(data):
        raise FieldError(f"expected a whole number, not {show(data)}")
    if least is not None and data < least:
        raise FieldError(f"expected at least {least}, not {data}")
    return data


def _refuse_fraction(data: Any) -> None:
    if isinstance(data, Fraction):
        raise FieldError(
            f"{show(data)} is not a whole number", "round it: int(...), round(...) or ceil(...)"
        )


def _text(data: Any) -> str:
    text = str(data).strip()
    if not text:
        raise FieldError("expected a line of text")
    return text


def _factor(data: Any) -> Fraction | Recorded:
    if not _is_number(data) or data <= 0:
        raise FieldError(f"expected a number over 0, not {show(data)}")
    return data if isinstance(data, Recorded) else Fraction(data)


def _share(data: Any) -> Fraction | Recorded:
    if not _is_number(data) or not 0 < data <= 1:
        raise FieldError(f"expected a share over 0 and up to 1, not {show(data)}", "such as 1/4")
    return data if isinstance(data, Recorded) else Fraction(data)


def _plain(field: Field, data: Any) -> Any:
    """What msgspec can check by the field's annotation."""
    if isinstance(data, tuple):
        raise FieldError(f"expected one value, not the list {show(data)}")
    value = data
    if float in (field.type, *get_args(field.type)[:1]):
        value = float(data) if _is_number(data) else data
    elif int in get_args(field.type):
        value = data = settled(data)
        _refuse_fraction(data)
        if isinstance(data, Recorded):
            return _recorded(field, data)
    try:
        return msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        raise FieldError(f"expected {_expected(field)}, not {show(data)}") from None


def _recorded(field: Field, data: Any) -> Any:
    """A recorded whole number, held to the bounds of the field."""
    for meta in get_args(field.type)[1:]:
        if (meta.ge is not None and data < meta.ge) or (meta.le is not None and data > meta.le):
            raise FieldError(f"expected {_expected(field)}, not {show(data)}")
    return data


def _is_number(data: Any) -> bool:
    return isinstance(data, (int, Fraction, Recorded)) and not isinstance(data, bool)


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


def _padding_from_word(values: Mapping[str, Any]) -> Padding | Complaint:
    """`valid` is none; `same` keeps the size, the odd one after (torch.nn.Conv2d, "padding")."""
    kernel_size, dilation, stride = (values[key] for key in ("kernel_size", "dilation", "stride"))
    if values["padding"] == "valid":
        return ((0, 0),) * len(kernel_size)
    if any(step > 1 for step in stride):
        return Complaint(
            f"padding: same needs stride 1, but the stride is {show(stride)}",
            "padding",
            f"write the padding as a number, such as {show([k // 2 for k in kernel_size])}",
        )
    totals = [step * (kernel - 1) for kernel, step in zip(kernel_size, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)
