"""Every op is held to torch's shapes and to plain fvcore, just by existing.

The oracle is a module written out by hand in tests/examples.py, run on a batch of one
with fvcore as it is installed; the program's own trace and formulas must say the same.
"""

import re
from typing import Any

import pytest
import torch
from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis, parameter_count
from msgspec.structs import fields, replace

from sepconv_cli.conventions import convention
from sepconv_cli.cost import cost
from sepconv_cli.network import Network, Node
from sepconv_cli.ops.learned import Learned
from sepconv_cli.registry import names, record
from sepconv_cli.trace.build import build
from sepconv_cli.trace.count import count
from tests.examples import EXAMPLES, MORE_EXAMPLES, Example

ALL = [*EXAMPLES, *MORE_EXAMPLES]


@pytest.fixture(params=ALL, ids=repr)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


def node_of(example: Example) -> Node:
    y = example.op.shape_of(example.inputs)
    return Node("layer", "layer", example.op, example.x, y, others=example.others)


def alone(example: Example) -> Network:
    """The op on the network's input, and on tensors that are learned where it reads more."""
    x, others = example.x, example.others
    learned = [Node("other", "other", Learned(shape=y.axes), x, y, sources=(-1,)) for y in others]
    node = replace(node_of(example), sources=(-1, *range(len(learned))))
    return Network(x, (*learned, node))


def samples(example: Example) -> tuple[torch.Tensor, ...]:
    return tuple(torch.zeros((1, *x.axes)) for x in example.inputs)


def quiet(analysis: Any) -> Any:
    return analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)


def test_every_op_has_an_example() -> None:
    assert {example.op.name for example in ALL} == set(names("ops"))


def test_an_op_is_named_like_its_file() -> None:
    assert all(record("ops", name).__struct_config__.tag == name for name in names("ops"))


def test_example_is_valid(example: Example) -> None:
    assert list(example.op.check_inputs(example.inputs)) == []


def test_shape_is_that_of_torch(example: Example) -> None:
    y = example.module().eval()(*samples(example))
    assert (1, *node_of(example).y.axes) == tuple(y.shape)


def test_parameters_are_those_of_torch(example: Example) -> None:
    expected = sum(p.numel() for p in example.module().parameters())
    assert example.op.parameters(example.x) == expected


def test_fvcore_convention_is_plain_fvcore_on_a_batch_of_one(example: Example) -> None:
    plain = quiet(FlopCountAnalysis(example.module().eval(), samples(example)))
    node = node_of(example)
    counted = convention("fvcore").count(node)
    assert (counted or 0) == plain.total()


def test_activations_are_those_of_fvcore(example: Example) -> None:
    plain = quiet(ActivationCountAnalysis(example.module().eval(), samples(example)))
    assert cost(node_of(example), convention("macs")).activations == plain.total()


def test_tracing_no_samples_counts_what_plain_fvcore_counts_for_one(example: Example) -> None:
    module = example.module().eval()
    plain = quiet(FlopCountAnalysis(module, samples(example)))
    *_, traced = count(alone(example))
    assert traced.operators == dict(plain.by_operator())
    assert traced.parameters == parameter_count(module)[""]


def test_built_module_is_the_one_written_by_hand(example: Example) -> None:
    """Every setting that torch shows in a module's text, down to padding mode and eps."""
    built = build(alone(example))[-1]
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
    derived |= {"output_size", "normalized_shape", "dim", "function", "input_size"}
    assert own <= set(arguments) <= own | derived
