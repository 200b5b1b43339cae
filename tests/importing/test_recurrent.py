"""Recurrent layers of torch, held to torch: parameters by the module, outputs by running both."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from sepconv_cli import from_torch


class Reader(nn.Module):
    """Reads a sequence; hands on every step, or what a last state says."""

    def __init__(self, layers: nn.Module, taken: Callable[[Any], Any]) -> None:
        super().__init__()
        self.layers, self.taken = layers, taken

    def forward(self, x: torch.Tensor) -> Any:
        return self.taken(self.layers(x))


def steps(found: Any) -> Any:
    return found[0]


def hidden(found: Any) -> Any:
    """The state of the last layer, which of an LSTM stands beside its cell."""
    return found[1][-1] if isinstance(found[1], torch.Tensor) else found[1][0][-1]


@pytest.mark.parametrize(
    ("layers", "taken"),
    [
        pytest.param(nn.LSTM(6, 5, batch_first=True), steps, id="lstm"),
        pytest.param(nn.LSTM(6, 5, 2, bias=False, batch_first=True), steps, id="without biases"),
        pytest.param(nn.GRU(6, 5, 2, bidirectional=True, batch_first=True), steps, id="both ways"),
        pytest.param(nn.RNN(6, 5, nonlinearity="relu", batch_first=True), steps, id="relu"),
        pytest.param(nn.LSTM(6, 5, batch_first=True), hidden, id="hidden state"),
        pytest.param(nn.RNN(6, 5, batch_first=True, bidirectional=True), hidden, id="state back"),
    ],
)
def test_parameters_and_outputs_are_torchs(layers: nn.Module, taken: Callable[[Any], Any]) -> None:
    module = Reader(layers, taken).eval()
    found = from_torch(module, (7, 6), verify=True)
    assert found.opaque == ()
    assert found.unread == ()
    outputs = next(proof for proof in found.proven if proof.subject == "outputs")
    assert outputs.holds


# torch says that projections have no faster implementation.
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize(
    ("layers", "taken", "function"),
    [
        pytest.param(
            nn.LSTM(6, 5, batch_first=True),
            lambda found: found[1][1],
            "lstm (last states)",
            id="the cell of the last step",
        ),
        pytest.param(
            nn.GRU(6, 5, 2, batch_first=True),
            lambda found: found[1],
            "gru (last states)",
            id="a state between two layers",
        ),
        pytest.param(nn.LSTM(6, 5, proj_size=3, batch_first=True), steps, "lstm", id="projections"),
    ],
)
def test_what_no_step_put_out_is_opaque(
    layers: nn.Module, taken: Callable[[Any], Any], function: str
) -> None:
    found = from_torch(Reader(layers, taken).eval(), (7, 6))
    assert [each.function for each in found.opaque] == [function]
