"""Recurrent layers: an operator for each, with torch's gates in ONNX's order."""

from collections.abc import Callable, Sequence

import numpy as np

from sepconv_cli.export.onnx_graph import NodeWriting
from sepconv_cli.export.weights import TensorValues

_ENDS = ("", "_reverse")


def _recurrent(operator: str, order: Sequence[int]) -> Callable[[NodeWriting], str]:
    """`order` says which of torch's gates stands where in ONNX."""

    def write(w: NodeWriting) -> str:
        x = w.add("Transpose", w.x, perm=[1, 0, 2])
        for layer in range(w.op.num_layers):
            x = _layer(w, x, layer, operator, order)
        return w.add("Transpose", x, perm=[1, 0, 2])

    return write


def _layer(w: NodeWriting, x: str, layer: int, operator: str, order: Sequence[int]) -> str:
    ends = _ENDS[: 2 if w.op.bidirectional else 1]
    shapes = w.node.op.parameter_shapes(w.node.x)

    def together(*names: str) -> str:
        """Tensors of all directions as one."""
        each = [
            [
                _reordered(
                    w.values(f"{name}_l{layer}{end}", shapes[f"{name}_l{layer}{end}"]), order
                )
                for name in names
            ]
            for end in ends
        ]
        joined = np.stack([np.concatenate(parts) for parts in each])
        return w.graph.initializer(w.full_name(f"{names[0]}_l{layer}"), joined)

    weights = [together("weight_ih"), together("weight_hh")]
    biases = [together("bias_ih", "bias_hh")] if w.op.bias else []
    given = {"hidden_size": w.op.hidden_size}
    if operator == "GRU":
        given["linear_before_reset"] = 1
    more = {"activations": ["Relu"] * len(ends)} if _is_relu(w) else {}
    way = "bidirectional" if w.op.bidirectional else "forward"
    y = w.add(operator, x, *weights, *biases, direction=way, **given, **more)
    if len(ends) == 1:
        return w.add("Squeeze", y, (1,))
    side_by_side = w.add("Transpose", y, perm=[0, 2, 1, 3])
    return w.add("Reshape", side_by_side, (0, 0, 2 * w.op.hidden_size))


def _is_relu(w: NodeWriting) -> bool:
    return getattr(w.op, "nonlinearity", "") == "relu"


def _reordered(values: TensorValues, order: Sequence[int]) -> TensorValues:
    gates = np.split(values, len(order))
    return np.concatenate([gates[at] for at in order])


RECURRENT_WRITERS = {
    # torch: input, forget, cell, output. ONNX: input, output, forget, cell.
    "lstm": _recurrent("LSTM", (0, 3, 1, 2)),
    # torch: reset, update, new. ONNX: update, reset, hidden.
    "gru": _recurrent("GRU", (1, 0, 2)),
    "rnn": _recurrent("RNN", (0,)),
}
