"""Plain recurrent layer."""

from collections.abc import Iterator
from typing import Any, Literal

from sepconv_cli.network import Kind, Tensor, Work
from sepconv_cli.ops._recurrent import Recurrent


class Rnn(Recurrent, frozen=True, kw_only=True):
    """Plain recurrent layer over a sequence (torch.nn.RNN): length x features -> length x hidden.

    Of each step: h = tanh(W x + U h), or ReLU as `nonlinearity`.
    """

    nonlinearity: Literal["tanh", "relu"] = "tanh"

    gates = 1

    def step(self, elements: int) -> Iterator[Work]:
        yield Work("add", "merge", elements)
        kind: Kind = "compare" if self.nonlinearity == "relu" else "transcendental"
        yield Work(kind, "activation", elements)

    def call(self, x: Tensor) -> dict[str, Any]:
        return {**super().call(x), "nonlinearity": self.nonlinearity}
