"""Every op is held to torch's shapes and to plain fvcore, just by existing.

The oracle is a module written out by hand in tests/examples.py, run on a batch of one
with fvcore as it is installed; the program's own trace and formulas must say the same.
"""

import re
from typing import Any

import pytest
import torch
from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis, parameter_count
from msgspec.structs import fields

from sepconv_cli.conventions import TRACED, convention
from sepconv_cli.network import Network, Node
from sepconv_cli.ops._merge import Merge
from sepconv_cli.registry import names, record
from sepconv_cli.trace.build import build_weightless
from sepconv_cli.trace.count import fvcore_counts
from tests.examples import EXAMPLES, Example


@pytest.fixture(params=EXAMPLES, ids=repr)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


def node_of(example: Example) -> Node:
    y = example.op.output_shape(example.x)
    return Node("layer", "layer", example.op, example.x, y)


def sample(example: Example) -> torch.Tensor:
    return torch.zeros((1, example.x.channels, *example.x.size))


def quiet(analysis: Any) -> Any:
    return analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)


def test_every_op_has_an_example() -> None:
    """Merges read several inputs; theirs are in tests/test_wiring.py."""
    merges = {name for name in names("ops") if issubclass(record("ops", name), Merge)}
    assert {example.op.name for example in EXAMPLES} == set(names("ops")) - merges


def test_an_op_is_named_like_its_file() -> None:
    assert all(record("ops", name).__struct_config__.tag == name for name in names("ops"))


def test_example_is_valid(example: Example) -> None:
    assert list(example.op.check(example.x)) == []


def test_shape_is_that_of_torch(example: Example) -> None:
    y = example.module().eval()(sample(example))
    assert (1, node_of(example).y.channels, *node_of(example).y.size) == tuple(y.shape)


def test_parameters_are_those_of_torch(example: Example) -> None:
    expected = sum(p.numel() for p in example.module().parameters())
    assert example.op.parameters(example.x) == expected


def test_fvcore_convention_is_plain_fvcore_on_a_batch_of_one(example: Example) -> None:
    plain = quiet(FlopCountAnalysis(example.module().eval(), sample(example)))
    node = node_of(example)
    counted = convention("fvcore").count(node, TRACED)
    assert (counted or 0) == plain.total()


def test_activations_are_those_of_fvcore(example: Example) -> None:
    plain = quiet(ActivationCountAnalysis(example.module().eval(), sample(example)))
    node = node_of(example)
    assert node.op.activations(node.x, node.y) == plain.total()


def test_tracing_no_samples_counts_what_plain_fvcore_counts_for_one(example: Example) -> None:
    module = example.module().eval()
    plain = quiet(FlopCountAnalysis(module, sample(example)))
    (traced,) = fvcore_counts(Network(example.x, (node_of(example),)))
    assert traced.operators == dict(plain.by_operator())
    assert traced.parameters == parameter_count(module)[""]


def test_built_module_is_the_one_written_by_hand(example: Example) -> None:
    """Every setting that torch shows in a module's text, down to padding mode and eps."""
    built = build_weightless(Network(example.x, (node_of(example),)))[0]
    assert _one_for_all_axes(built) == _one_for_all_axes(example.module())


def _one_for_all_axes(module: torch.nn.Module) -> str:
    """A module's text with `(2, 2)` as `2`, which torch takes for the same."""
    return re.sub(r"\((\d+(?:\.0)?)(?:, \1)*,?\)", r"\1", repr(module))


def test_fields_have_torch_names(example: Example) -> None:
    (*_, (_, arguments)) = example.op.torch_call(example.x)
    own = {field.name for field in fields(example.op)}
    derived = {"in_channels", "in_features", "num_features", "num_channels"}
    derived |= {"output_size", "normalized_shape", "dim"}
    assert own <= set(arguments) <= own | derived
