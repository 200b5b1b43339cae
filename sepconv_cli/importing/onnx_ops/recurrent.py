"""Recurrent layers, one after the other: ONNX has an operator for each."""

from collections.abc import Callable
from typing import Any

from sepconv_cli.importing.onnx_ops._node import NodeReading
from sepconv_cli.importing.reading import Unreadable

_PLAIN = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


def _recurrent(op: str, gates: int) -> Callable[[NodeReading], int]:
    """Steps x features in, steps x directions x hidden out, for one sample."""

    def read(r: NodeReading) -> int:
        directions, gated, _ = r.weight("weight")
        hidden = gated // gates
        more = _activations(r, op.upper(), directions)
        if any(r[name] is not None for name in ("lengths", "peepholes")) or r["clip"]:
            raise Unreadable("no recurrent layer as torch has it")
        if any(r[name] is not None and not r.is_constant(r[name]) for name in ("hidden", "cell")):
            raise Unreadable("a state that depends on the input")
        at = r.emit(
            op,
            r["input"],
            hidden_size=hidden,
            bias=r["bias"] is not None,
            bidirectional=directions == 2,
            held=r.held_by("weight", "recurrent", *(["bias"] if r["bias"] is not None else [])),
            **more,
        )
        return r.shaped(_directions_apart(r, at, directions, hidden))

    return read


def _activations(r: NodeReading, operator: str, directions: int) -> dict[str, Any]:
    """What only a plain layer may choose."""
    if r["direction"] == "reverse" or (r["layout"] and directions > 1):
        raise Unreadable("a sequence that is read backwards alone")
    chosen = r.get("activations", _PLAIN[operator] * directions)
    if operator == "RNN" and set(chosen) == {"Relu"}:
        return {"nonlinearity": "relu"}
    if list(chosen) != _PLAIN[operator] * directions:
        raise Unreadable("other activations")
    return {}


def _directions_apart(r: NodeReading, at: int, directions: int, hidden: int) -> int:
    """Directions stand side by side in a step's output; in ONNX they have an axis of their own."""
    if directions == 1:
        return at
    (length, _) = r.state.steps[at].y.axes
    return r.emit("reshape", at, shape=(length, directions, hidden))


_INPUTS = ("input", "weight", "recurrent", "bias", "lengths", "hidden", "cell", "peepholes")

RECURRENT_NODES: dict[str, tuple[tuple[str, ...], Any]] = {
    "LSTM": (_INPUTS, _recurrent("lstm", 4)),
    "GRU": (_INPUTS, _recurrent("gru", 3)),
    "RNN": (_INPUTS, _recurrent("rnn", 1)),
}
