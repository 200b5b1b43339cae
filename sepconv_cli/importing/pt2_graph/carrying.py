"""What torch's operators do to the axis of the batch, in the words of batches.py."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sepconv_cli.importing.batches import Carried, GraphTensor
from sepconv_cli.importing.samples import WholeShape

_Attributes = dict[str, Any]


def as_carried(
    function: str,
    keywords: Mapping[str, Any],
    inputs: Sequence[GraphTensor | None],
    y: WholeShape,
) -> Carried:
    """An operator that a batch arrives at, and what it says of axes."""
    if function in _RESHAPES:
        return Carried("Reshape", {}, tuple(inputs), (), y)
    if function in _SAYS:
        op, attributes = _SAYS[function](keywords, _rank(inputs))
    else:
        # Broadcast, its last axes beside each other; or all axes stay.
        op, attributes = ("Expand" if _is_broadcast(function, keywords) else "Identity"), {}
    return Carried(op, attributes, tuple(inputs), (), y)


def _rank(inputs: Sequence[GraphTensor | None]) -> int:
    return max((len(each.shape) for each in inputs if each is not None), default=0)


def _is_broadcast(function: str, keywords: Mapping[str, Any]) -> bool:
    return "other" in keywords or function in ("expand", "where")


def _permuted(keywords: Mapping[str, Any], rank: int) -> tuple[str, _Attributes]:
    return "Transpose", {"perm": [dim % rank for dim in keywords["dims"]]}


def _swapped(keywords: Mapping[str, Any], rank: int) -> tuple[str, _Attributes]:
    order = list(range(rank))
    one, other = keywords.get("dim0", 0) % rank, keywords.get("dim1", 1) % rank
    order[one], order[other] = order[other], order[one]
    return "Transpose", {"perm": order}


def _new_axis(keywords: Mapping[str, Any], _: int) -> tuple[str, _Attributes]:
    return "Unsqueeze", {"axes": [keywords.get("dim", 0)]}


def _axis_gone(keywords: Mapping[str, Any], _: int) -> tuple[str, _Attributes]:
    return "Squeeze", {"axes": _dims(keywords.get("dim", 0))}


def _reduced(keywords: Mapping[str, Any], rank: int) -> tuple[str, _Attributes]:
    axes = _dims(keywords.get("dim")) or list(range(rank))
    return "ReduceMean", {"axes": axes, "keepdims": bool(keywords.get("keepdim"))}


def _dims(found: Any) -> list[int]:
    return [found] if isinstance(found, int) else list(found or ())


_RESHAPES = frozenset({"view", "reshape", "_unsafe_view", "flatten", "unflatten", "squeeze"})
_SAYS: dict[str, Callable[[Mapping[str, Any], int], tuple[str, _Attributes]]] = {
    "permute": _permuted,
    **dict.fromkeys(("transpose", "t", "swapaxes", "swapdims"), _swapped),
    **dict.fromkeys(("unsqueeze", "stack"), _new_axis),
    **dict.fromkeys(("select", "unbind"), _axis_gone),
    **dict.fromkeys(("mean", "sum", "amax", "amin", "linalg_vector_norm"), _reduced),
}
