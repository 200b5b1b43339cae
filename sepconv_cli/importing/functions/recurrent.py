"""Recurrent layers: what torch.nn.LSTM, GRU and RNN call."""

from collections.abc import Callable, Iterator

from sepconv_cli.importing.reading import Readers, Reading, Unreadable


def _recurrent(op: str, **fields: str) -> Callable[[Reading], list[int]]:
    """All steps, and the states after the last one: where they can be told, what it put out."""

    def read(r: Reading) -> list[int]:
        weights, has_bias = r["params"], bool(r["has_biases"])
        directions, layers = 1 + bool(r["bidirectional"]), r["num_layers"]
        states = r["hx"] if isinstance(r["hx"], (list, tuple)) else [r["hx"]]
        if any(not r.is_constant(each) or r.held(each).learned for each in states):
            raise Unreadable("a state that it starts from")
        if len(weights) != directions * layers * (4 if has_bias else 2):
            raise Unreadable("projections")
        hidden = r.layout(weights[1]).dims[1]
        at = r.emit(
            op,
            r["input"],
            hidden_size=hidden,
            num_layers=layers,
            bias=has_bias,
            bidirectional=directions == 2,
            held=[r.held(each) for each in weights],
            y=r.y,
            **fields,
        )
        return [at, *_last_states(r, op, at, directions if layers == 1 else 0, hidden)]

    return read


def _last_states(r: Reading, op: str, at: int, directions: int, hidden: int) -> Iterator[int]:
    """Of a single layer the hidden state is what its last step put out; nothing tells the rest."""
    for number, ref in enumerate(r.call.outputs[1:]):
        shape = r.layout(ref).dims
        if directions and number == 0:
            yield r.emit("reshape", _ends(r, at, directions, hidden), shape=shape)
        else:
            yield r.emit("opaque", at, function=f"{op} (last states)", shape=shape)


def _ends(r: Reading, at: int, directions: int, hidden: int) -> int:
    """The last step; of the direction that runs back, the first one."""
    length = r.state.steps[at].y.channels
    last = r.emit("slice", at, axis=0, start=length - 1, stop=length)
    if directions == 1:
        return last
    first = r.emit("slice", at, axis=0, start=0, stop=1)
    forth = r.emit("slice", last, axis=1, start=0, stop=hidden)
    back = r.emit("slice", first, axis=1, start=hidden, stop=2 * hidden)
    return r.emit("concat", forth, back, axis=0)


_ARGUMENTS = (
    *("input", "hx", "params", "has_biases", "num_layers"),
    *("dropout", "train", "bidirectional", "batch_first"),
)

RECURRENT_READERS: Readers = {
    "lstm": (_ARGUMENTS, _recurrent("lstm")),
    "gru": (_ARGUMENTS, _recurrent("gru")),
    "rnn_tanh": (_ARGUMENTS, _recurrent("rnn")),
    "rnn_relu": (_ARGUMENTS, _recurrent("rnn", nonlinearity="relu")),
}
