"""Every op is held to torch's shapes and to plain fvcore, just by existing.

The oracle is a module written out by hand in tests/examples.py, run on a batch of one
with fvcore as it is installed; the program's own trace and formulas must say the same.
"""

import re
from math import prod
from typing import Any

import pytest
import torch
from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis, parameter_count
from msgspec.structs import fields

from sepconv_cli.conventions import TRACED, convention
from sepconv_cli.registry import names, record
from sepconv_cli.trace.build import build_weightless
from sepconv_cli.trace.count import fvcore_counts
from tests.examples import EXAMPLES, Example


@pytest.fixture(params=EXAMPLES, ids=repr)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


def samples(example: Example) -> tuple[torch.Tensor, ...]:
    return tuple(torch.zeros((1, *x.axes)) for x in example.inputs)


def quiet(analysis: Any) -> Any:
    return analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)


def test_every_op_has_an_example() -> None:
    assert {example.op.name for example in EXAMPLES} == set(names("ops"))


def test_an_op_is_named_like_its_file() -> None:
    assert all(record("ops", name).__struct_config__.tag == name for name in names("ops"))


def test_example_is_valid(example: Example) -> None:
    assert list(example.op.check_inputs(example.inputs)) == []


def test_shape_is_that_of_torch(example: Example) -> None:
    y = example.module().eval()(*samples(example))
    assert (1, *example.node.y.axes) == tuple(y.shape)


def test_parameters_are_those_of_torch(example: Example) -> None:
    expected = sum(p.numel() for p in example.module().parameters())
    assert example.op.parameters(example.x) == expected


def test_parameters_have_the_names_and_shapes_of_torch(example: Example) -> None:
    """In torch's order; the module written out by hand may hold one inside another."""
    *_, module = build_weightless(example.network())
    held = [(name, tuple(p.shape)) for name, p in module.named_parameters()]
    ours = example.op.parameter_shapes(example.x)
    assert [shape for _, shape in held] == list(ours.values())
    assert all(name.endswith(own) for (name, _), own in zip(held, ours, strict=True))
    by_hand = [tuple(p.shape) for p in example.module().parameters()]
    assert sum(map(prod, by_hand)) == sum(map(prod, ours.values()))


def test_fvcore_convention_is_plain_fvcore_on_a_batch_of_one(example: Example) -> None:
    plain = quiet(FlopCountAnalysis(example.module().eval(), samples(example)))
    node = example.node
    counted = convention("fvcore").count(node, TRACED)
    assert (counted or 0) == plain.total()


def test_activations_are_those_of_fvcore(example: Example) -> None:
    plain = quiet(ActivationCountAnalysis(example.module().eval(), samples(example)))
    node = example.node
    assert node.op.activations_on(node.inputs, node.y) == plain.total()


def test_tracing_no_samples_counts_what_plain_fvcore_counts_for_one(example: Example) -> None:
    module = example.module().eval()
    plain = quiet(FlopCountAnalysis(module, samples(example)))
    *_, traced = fvcore_counts(example.network())
    assert traced.operators == dict(plain.by_operator())
    assert traced.parameters == parameter_count(module)[""]


def test_built_module_is_the_one_written_by_hand(example: Example) -> None:
    """Every setting that torch shows in a module's text, down to padding mode and eps."""
    built = build_weightless(example.network())[-1]
    assert _one_for_all_axes(built) == _one_for_all_axes(example.module())


def _one_for_all_axes(module: torch.nn.Module) -> str:
    """A module's text with `(2, 2)` as `2`, which torch takes for the same."""
    return re.sub(r"\((\d+(?:\.0)?)(?:, \1)*,?\)", r"\1", repr(module))


def test_fields_have_torch_names(example: Example) -> None:
    (*_, (_, arguments)) = example.op.torch_call(example.x)
    own = {field.name for field in fields(example.op)}
    # torch counts the batch as dim 0.
    own = {"dim" if name == "axis" and "dim" in arguments else name for name in own}
    derived = {"in_channels", "in_features", "num_features", "num_channels"}
    derived |= {"kind", "output_size", "normalized_shape", "dim", "function", "input_size"}
    # Older versions of torch have no group norm without a bias, and no word for it.
    unsaid = {"bias"} if example.op.name == "group_norm" and "bias" not in arguments else set()
    assert own - unsaid <= set(arguments) <= own | derived
