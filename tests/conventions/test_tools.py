"""What each convention says of every op and of whole networks is what its tool counts."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from sepconv_cli.conventions import MODULES, Style
from sepconv_cli.language.numbers import Data
from sepconv_cli.library.load import load, loads
from sepconv_cli.library.zoo import PREFIX
from sepconv_cli.library.zoo import names as zoo_names
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Network, Tensor
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.registry import record
from tests.conventions import TOOLS, alone, differences, told
from tests.examples import EXAMPLES, Example

FUNCTIONS, STRING_PADDING = Style(functions=True), Style(string_padding=True)
STYLES = [MODULES, FUNCTIONS, STRING_PADDING]
MERGES = ["add", "concat", "multiply"]

# Small enough to run fast, and large enough for the last window. Those outside of architectures/
# have small inputs as they are.
RESOLUTION = 64
RESOLUTIONS = {"architectures/bsrn": 16, "architectures/vgg_16": 224}
WIDTH = Fraction(1, 4)
# VGG-16 can't be made smaller: a tool that traces and one that hooks have to do.
OF_EACH_KIND = {"architectures/vgg_16": ("fvcore", "ptflops")}

AT_REAL_SIZE: Mapping[str, tuple[str, Mapping[str, Data]]] = {
    "resnet": ("standard", {"depth": 50}),
    "mobilenet_v1": ("depthwise_separable", {}),
    "mobilenet_v2": ("standard", {}),
    "mobilenet_v3_large": ("standard", {}),
    "u_net": ("standard", {}),
}
QUICK_TOOLS = ["fvcore", "ptflops", "ptflops-aten", "thop", "torchinfo", "torch"]


def network(name: str, settings: Mapping[str, Data], variant: str = "standard") -> Network:
    (case,) = cases(load(PREFIX + name), [settings], [variant])
    return case.network


def small(name: str) -> Network:
    settings: dict[str, Data] = {"width": WIDTH} if "mobilenet" in name else {}
    if name.startswith("architectures/"):
        settings["resolution"] = RESOLUTIONS.get(name, RESOLUTION)
    return network(name, settings)


@pytest.mark.parametrize("example", EXAMPLES, ids=repr)
def test_every_op_in_every_style(example: Example) -> None:
    for style in STYLES:
        assert differences(alone(example.op, example.x), style) == {}, style


@pytest.mark.parametrize("name", MERGES)
def test_merges(name: str) -> None:
    x, merge = Tensor(6, (5, 4)), record("ops", name)()
    assert differences(alone(merge, x, x)) == {}
    assert differences(alone(merge, x, x, x)) == {}


@pytest.mark.parametrize("name", zoo_names())
def test_every_network_of_the_zoo(name: str) -> None:
    assert differences(small(name), tools=OF_EACH_KIND.get(name, TOOLS)) == {}


@pytest.mark.parametrize("name", ["architectures/u_net", "architectures/mobilenet_v3_small"])
def test_networks_in_another_style(name: str) -> None:
    assert differences(small(name), Style(functions=True, string_padding=True)) == {}


@pytest.mark.parametrize("name", AT_REAL_SIZE)
def test_networks_at_their_real_size(name: str) -> None:
    variant, settings = AT_REAL_SIZE[name]
    assert differences(network(name, settings, variant), tools=QUICK_TOOLS) == {}


def test_attention_is_compared_where_operators_are_counted() -> None:
    """Hooks and patched functions see as much of it as it is made of what they know."""
    attention = alone(MultiHeadAttention(num_heads=2), Tensor(8, (5,)))
    compared = {tool for tool in TOOLS if told(tool, attention) is not None}
    assert compared == {"fvcore", "ptflops-aten", "torch"}
    assert told("torch", attention) == 2 * (4 * 5 * 8 * 8 + 2 * 5 * 5 * 8)


def test_a_linear_layer_behind_an_embedding() -> None:
    """torch runs it by an operator of its own where the vectors aren't as they stand in memory."""
    spec = """
input: [10]
layers:
  - embedding: {num_embeddings: 20, embedding_dim: 4}
  - linear: {in_features: 10, out_features: 7}
"""
    assert differences(lower(loads(spec))) == {}
