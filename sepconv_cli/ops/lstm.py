"""Long short-term memory."""

from collections.abc import Iterator

from sepconv_cli.network import Work
from sepconv_cli.ops._recurrent import Recurrent


class Lstm(Recurrent, frozen=True, kw_only=True):
    """Long short-term memory over a sequence (torch.nn.LSTM): length x features -> length x hidden.

    Of each step: i, f, o = sigmoid and g = tanh of W x + U h; c = f c + i g; h = o tanh(c).
    """

    gates = 4
    states = 2

    def step(self, elements: int) -> Iterator[Work]:
        yield Work("add", "merge", 4 * elements)
        yield Work("transcendental", "activation", 5 * elements)
        yield Work("multiply", "activation", 2 * elements)
        yield Work("multiply_add", "activation", elements)
