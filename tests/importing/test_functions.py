"""What readers make of torch's functions, held to torch's parameters and to its counter."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from sepconv_cli import compare, from_torch
from tests.importing.by_hand import MODULES


def products(module: nn.Module, shape: tuple[int, ...]) -> int:
    """The multiply-adds that a second sample adds: those of weights alone run once for all.

    The counter sees into attention on the device meta alone.
    """
    found = []
    for samples in (1, 2):
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(torch.zeros(samples, *shape, device="meta"))
        found.append(counter.get_total_flops() // 2)
    return int(found[1] - found[0])


@pytest.mark.parametrize("name", MODULES)
def test_parameters_and_multiplications(name: str) -> None:
    """By torch; nothing is left that nobody could tell, and both engines agree."""
    kind, shape = MODULES[name]
    with torch.device("meta"):
        module = kind().eval().requires_grad_(False)
    found = from_torch(module, shape)
    assert found.opaque == ()
    (row,) = compare(found.spec, variants=["standard"]).rows
    assert row.agrees
    assert row["parameters"] == sum(parameter.numel() for parameter in module.parameters())
    assert (row["macs"] or 0) == products(module, shape)


@pytest.mark.parametrize("name", MODULES)
def test_every_proof_holds(name: str) -> None:
    """fvcore's operators and the outputs too, on random weights."""
    kind, shape = MODULES[name]
    found = from_torch(kind(), shape, verify=True)
    assert [proof.line for proof in found.proven if not proof.holds] == []


def test_a_module_is_left_as_it_was() -> None:
    kind, shape = MODULES["a table that is kept for the next pass"]
    module = kind()
    from_torch(module, shape)
    assert module.kept == {}


def test_weights_that_depend_on_the_input_are_told_by_nobody() -> None:
    class Mixed(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            kernels = x.mean(0).reshape(6, 3, 2, 3)
            return nn.functional.conv2d(x, kernels)

    opaque = from_torch(Mixed(), (3, 6, 6)).opaque
    assert [each.function for each in opaque] == ["mean", "conv2d"]


def test_gains_stand_before_the_convolution_that_they_are_worked_into() -> None:
    kind, shape = MODULES["weights that are standardised"]
    text = from_torch(kind(), shape).to_yaml()
    gain, conv = text.index("further_parameters: {count: 8}"), text.index("conv:")
    assert gain < conv


def test_a_table_says_how_many_parameters_its_elements_are_read_from() -> None:
    kind, shape = MODULES["biases of relative positions"]
    assert "learned: {shape: [2, 4, 4], made_of: 14}" in from_torch(kind(), shape).to_yaml()
