"""Calls that core ATen takes apart, as the one call that they were."""

from collections.abc import Sequence
from math import isinf, prod
from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.reading import tensors
from sepconv_cli.importing.tape import FunctionCall, Ref, Weight


def put_together(calls: Sequence[FunctionCall], outputs: Sequence[Ref]) -> list[FunctionCall]:
    """The same calls; what nobody reads any more is gone."""
    made = {ref.at: call for call in calls for ref in call.outputs}
    found = [_rolled(made, _with_matrix(made, _softmax(made, call))) for call in calls]
    read = {ref.at for ref in outputs}
    kept = []
    for before, call in zip(reversed(calls), reversed(found), strict=True):
        # Only what one of the rules left behind goes: a model may compute what it doesn't use.
        if before.function in _LEFT_BEHIND and not any(ref.at in read for ref in call.outputs):
            continue
        kept.append(call)
        given = tensors((call.arguments, tuple(call.keywords.values())))
        read.update(each.at for each in given if isinstance(each, Ref))
    return kept[::-1]


_Made = dict[int, FunctionCall]
_LEFT_BEHIND = frozenset({"eq", "logical_not", "any", "full_like", "arange", "fmod"})


def _by(made: _Made, value: Any, function: str) -> dict[str, Any] | None:
    """The arguments of the call that made a tensor, where it is of this function."""
    call = made.get(value.at) if isinstance(value, Ref) else None
    return call.keywords if call is not None and call.function == function else None


def _softmax(made: _Made, call: FunctionCall) -> FunctionCall:
    """The softmax of attention, 0 where everything is masked: a row of minus infinities."""
    if call.function != "where" or not _by(made, call.keywords.get("other"), "_softmax"):
        return call
    shares = call.keywords["other"]
    given = _by(made, call.keywords.get("self"), "full_like")
    of: Any = call.keywords.get("condition")
    for function in ("logical_not", "any", "logical_not", "eq"):
        found = _by(made, of, function)
        if found is None:
            return call
        of, last = found["self"], found
    scores = made[shares.at].keywords["self"]
    if of != scores or not isinf(last["other"]) or not given or given["fill_value"] != 0:
        return call
    return replace(call, function="alias", keywords={"self": shares})


def _with_matrix(made: _Made, call: FunctionCall) -> FunctionCall:
    """A product with one and the same matrix for every entry of the first axis."""
    if call.function != "bmm":
        return call
    matrix = _spread(made, call.keywords["mat2"], call.keywords["mat2"].shape[-2:])
    if matrix is None:
        return call
    return replace(call, function="mm", keywords={"self": call.keywords["self"], "mat2": matrix})


def _spread(made: _Made, value: Any, matrix: tuple[int, ...]) -> Ref | Weight | None:
    """The matrix that a tensor is repetitions of."""
    while isinstance(value, Ref) and len(value.shape) > 2:
        given = _by(made, value, "view") or _by(made, value, "expand")
        if given is None or given["self"].shape[-2:] != matrix:
            return None
        before = given["self"]
        if made[value.at].function == "view" and prod(before.shape) != prod(value.shape):
            return None
        value = before
    return value if value.shape == matrix else None


def _rolled(made: _Made, call: FunctionCall) -> FunctionCall:
    """Positions start, start + 1 ... modulo the length are what roll comes to."""
    given = _by(made, call.keywords.get("index"), "fmod") if call.function == "index_select" else {}
    moved = _by(made, given["self"], "add") if given else None
    if not given or not moved:
        return call
    length, start = given["other"], moved["other"]
    counted = _by(made, moved["self"], "arange") or {}
    plain = counted.get("start", 0) == 0 and counted.get("end") == length
    dim = call.keywords["dim"]
    if not plain or call.keywords["self"].shape[dim] != length or not 0 <= start < length:
        return call
    keywords = {"self": call.keywords["self"], "shifts": [length - start], "dims": [dim]}
    return replace(call, function="roll", keywords=keywords)
