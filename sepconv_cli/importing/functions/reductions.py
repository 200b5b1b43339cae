"""Means, sums, norms and variances over axes, and tensors that are divided by them."""

from collections.abc import Callable

from sepconv_cli.importing.reading import Readers, Reading, Unreadable


def _reduce(function: str) -> Callable[[Reading], int]:
    def read(r: Reading) -> int:
        at = r.emit("reduce", r["input"], function=function, axes=_axes(r), keepdim=True)
        return _shaped(r, at)

    return read


def _axes(r: Reading) -> tuple[int, ...]:
    """The axes that are reduced; all but the batch's where none is named can't be told."""
    dims = r["dim"]
    dims = range(r.x.rank) if dims is None else (dims,) if isinstance(dims, int) else dims
    axes = [r.x.axis(dim) for dim in dims]
    if None in axes:
        raise Unreadable("over the batch")
    return tuple(sorted(axis for axis in axes if axis is not None))


def _shaped(r: Reading, at: int) -> int:
    """As it comes out, where axes of length 1 go."""
    if r.state.steps[at].y == r.y.tensor:
        return at
    flat = len(r.y.dims) <= 1 and at >= 0
    return r.emit("flatten", at, y=r.y) if flat else r.emit("reshape", at, shape=r.y.dims, y=r.y)


def _norm(r: Reading) -> int:
    """The root of the sum of squares."""
    if r["p"] not in (None, 2, 2.0, "fro"):
        raise Unreadable(f"a norm of order {r['p']}")
    return _reduce("norm")(r)


def _normalize(r: Reading) -> int:
    """Divided by its norm over an axis, which is at least `eps`."""
    if r.get("p", 2.0) != 2.0:
        raise Unreadable(f"a norm of order {r['p']}")
    axis = r.x.axis(r.get("dim", 1))
    if axis is None:
        raise Unreadable("over the batch")
    norm = r.emit("reduce", r["input"], function="norm", axes=(axis,))
    least = r.emit("clamp", norm, min=r.get("eps", 1e-12))
    return r.emit("divide", r["input"], least, y=r.y)


def _correction(r: Reading) -> int:
    given = r["correction"]
    if given is None:
        return int(r.get("unbiased", True))
    return int(given)


def _variance(r: Reading) -> int:
    at = r.emit("reduce", r["input"], function="variance", axes=_axes(r), correction=_correction(r))
    return _shaped(r, at)


def _deviation(r: Reading) -> int:
    return r.emit("sqrt", _variance(r), y=r.y)


def _variance_and_mean(r: Reading) -> list[int]:
    return [_variance(r), _reduce("mean")(r)]


def _extreme(function: str) -> Callable[[Reading], int]:
    """The largest or smallest along an axis; where it stands is no output that is known."""

    def read(r: Reading) -> int:
        if not isinstance(r["dim"], int):
            raise Unreadable("of two tensors")
        return _reduce(function)(r)

    return read


_DIM = ("input", "dim", "keepdim")
_SPREAD = ("input", "dim", "unbiased", "keepdim")

REDUCTION_READERS: Readers = {
    "mean": (_DIM, _reduce("mean")),
    "sum": (_DIM, _reduce("sum")),
    "amax": (_DIM, _reduce("max")),
    "amin": (_DIM, _reduce("min")),
    "max": (_DIM, _extreme("max")),
    "min": (_DIM, _extreme("min")),
    "norm": (("input", "p", "dim", "keepdim"), _norm),
    "linalg_norm": (("input", "p", "dim", "keepdim"), _norm),
    "linalg_vector_norm": (("input", "p", "dim", "keepdim"), _norm),
    "normalize": (("input", "p", "dim", "eps"), _normalize),
    "var": (_SPREAD, _variance),
    "std": (_SPREAD, _deviation),
    "var_mean": (_SPREAD, _variance_and_mean),
}
