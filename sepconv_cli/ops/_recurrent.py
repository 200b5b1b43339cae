"""What lstm, gru and rnn share: steps along a sequence, in layers and directions."""

from collections.abc import Iterator
from typing import Any, ClassVar

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Call, Op, Tensor, Window, Work
from sepconv_cli.ops._axes import Positive


class Recurrent(Op, frozen=True, kw_only=True):
    """length x features -> length x hidden_size, twice as many if it is bidirectional.

    Every step multiplies its input and the hidden state before it with a matrix for each gate.
    A layer reads what all directions of the layer before it hand on.
    """

    hidden_size: Positive
    num_layers: Positive = 1
    bias: bool = True
    bidirectional: bool = False

    multiplies = True
    uncounted = frozenset({"aten::add"})

    gates: ClassVar[int]
    """How many gates there are, and matrices for the input and for the hidden state."""

    states: ClassVar[int] = 1
    """How many vectors are handed on from step to step."""

    def check(self, x: Tensor) -> Iterator[Complaint]:
        if len(x.size) != 1:
            yield Complaint(
                f"{self.name} needs an input of length x features, but {x} arrives",
                hint="permute or reshape it: steps are axis 0, features axis 1",
            )

    def window(self) -> Window | None:
        return None

    def output_shape(self, x: Tensor) -> Tensor:
        return Tensor(x.channels, (self._directions * self.hidden_size,))

    def parameter_shapes(self, x: Tensor) -> dict[str, tuple[int, ...]]:
        return {
            f"{name}_l{layer}{end}": shape
            for layer in range(self.num_layers)
            for end in ("", "_reverse")[: self._directions]
            for name, shape in self._of_pass(x, layer).items()
        }

    def parameters(self, x: Tensor) -> int:
        biases = 2 * self._gated * self._passes if self.bias else 0
        return self._gated * self._read(x) + biases

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("multiply_add", "kernel", x.channels * self._gated * self._read(x))
        if self.bias:
            yield Work("add", "bias", 2 * self.gates * self.hidden_elements(x))
        yield from self.step(self.hidden_elements(x))

    def step(self, elements: int) -> Iterator[Work]:
        """What is done with the gates, for so many elements of the hidden state."""
        raise NotImplementedError

    def activations(self, x: Tensor, y: Tensor) -> int:
        """What the products with the inputs and with the hidden states put out."""
        return 2 * self._passes * x.channels * self._gated

    def inner_products(self, x: Tensor) -> int:
        """All but those of the first layer with its input."""
        (features,) = x.size
        return x.channels * self._gated * (self._read(x) - self._directions * features)

    def inside(self, x: Tensor) -> int:
        """The gates and states of a step, and what a layer hands on to the next."""
        between = x.channels * self._directions * self.hidden_size
        return (
            self._gated + self.states * self.hidden_size + (between if self.num_layers > 1 else 0)
        )

    def hidden_elements(self, x: Tensor) -> int:
        """The elements of the hidden state, in all steps and passes."""
        return self._passes * x.channels * self.hidden_size

    def _of_pass(self, x: Tensor, layer: int) -> dict[str, tuple[int, ...]]:
        """The parameters of one layer in one direction."""
        read = self._directions * self.hidden_size if layer else x.size[0]
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (self._gated, read),
            "weight_hh": (self._gated, self.hidden_size),
        }
        if self.bias:
            shapes |= {"bias_ih": (self._gated,), "bias_hh": (self._gated,)}
        return shapes

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _passes(self) -> int:
        """How often a sequence is run through."""
        return self.num_layers * self._directions

    @property
    def _gated(self) -> int:
        """The elements of all gates."""
        return self.gates * self.hidden_size

    def _read(self, x: Tensor) -> int:
        """The elements that a gate reads in one step: inputs and hidden states, in all passes."""
        (features,) = x.size
        deeper = (self.num_layers - 1) * self._directions * self.hidden_size
        return self._directions * (features + deeper) + self._passes * self.hidden_size

    def call(self, x: Tensor) -> dict[str, Any]:
        """The fields by which torch makes it."""
        return {
            "input_size": x.size[0],
            "hidden_size": self.hidden_size,
            "num_layers": self.num_layers,
            "bias": self.bias,
            "bidirectional": self.bidirectional,
        }

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return ((type(self).__name__, self.call(x)),)
