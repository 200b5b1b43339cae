"""Gated recurrent unit."""

from collections.abc import Iterator

from sepconv_cli.network import Work
from sepconv_cli.ops._recurrent import Recurrent


class Gru(Recurrent, frozen=True, kw_only=True):
    """Gated recurrent unit over a sequence (torch.nn.GRU): length x features -> length x hidden.

    Of each step: r, z = sigmoid(W x + U h); n = tanh(W x + r U h); h = (1 - z) n + z h.
    """

    gates = 3

    def step(self, elements: int) -> Iterator[Work]:
        yield Work("add", "merge", 2 * elements)
        yield Work("transcendental", "activation", 3 * elements)
        yield Work("add", "activation", elements)
        yield Work("multiply", "activation", elements)
        yield Work("multiply_add", "activation", 2 * elements)
