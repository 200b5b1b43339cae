"""What each convention says of every op and of whole networks is what its tool counts."""

import re
from collections.abc import Mapping
from fractions import Fraction

import pytest
import torch
from bsconv.pytorch.profile import ModelProfiler

from sepconv_cli.conventions import MODULES, TRACED, Style, convention
from sepconv_cli.language.numbers import Data
from sepconv_cli.library.load import load
from sepconv_cli.library.zoo import ZOO_PREFIX, zoo_names
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.read import loads
from sepconv_cli.network import Network, Tensor
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.multi_head_attention import MultiHeadAttention
from sepconv_cli.registry import get, record
from sepconv_cli.trace.build import build_module
from sepconv_cli.trace.tools import run_tool
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
POSITIONS = Tensor(16, (10,))
ATTENTIONS = [
    MultiHeadAttention(num_heads=heads, bias=bias) for heads in (1, 4) for bias in (True, False)
]

QUICK_TOOLS = ["fvcore", "ptflops", "ptflops-aten", "thop", "torchinfo", "torch"]


def network(name: str, settings: Mapping[str, Data], variant: str = "standard") -> Network:
    (case,) = cases(load(ZOO_PREFIX + name), [settings], [variant])
    return case.network


def small(name: str) -> Network:
    settings: dict[str, Data] = {"width": WIDTH} if "mobilenet" in name else {}
    if name.startswith("architectures/"):
        settings["resolution"] = RESOLUTIONS.get(name, RESOLUTION)
    return network(name, settings)


@pytest.mark.parametrize("example", EXAMPLES, ids=repr)
def test_every_op_in_every_style(example: Example) -> None:
    for style in STYLES:
        assert differences(example.network(), style) == {}, style


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


@pytest.mark.parametrize("op", ATTENTIONS, ids=repr)
def test_attention_is_compared_only_as_the_second_engine_traces_it(op: MultiHeadAttention) -> None:
    """Written out it has operators that fvcore, torch and ptflops-aten know. Hooks and patched
    functions see as much of it as it is made of what they know."""
    attention = alone(op, POSITIONS)
    assert [tool for tool in TOOLS if told(tool, attention) is not None] == []
    compared = {tool for tool in TOOLS if told(tool, attention, TRACED) is not None}
    assert compared == {"fvcore", "ptflops-aten", "torch"}
    assert differences(attention, TRACED, compared) == {}


# Of 16 channels at 10 positions: four projections are 4·16·16·10 = 10,240 products, and queries
# with keys, and shares with values, 2·10·10·16 = 3,200; biases are 4·16·10 = 640.
BETWEEN = {"fvcore": "0 and 13,440", "torch": "0 and 26,880", "ptflops-aten": "0 and 14,080"}


@pytest.mark.parametrize("tool", BETWEEN)
def test_the_range_of_attention(tool: str) -> None:
    (node,) = alone(MultiHeadAttention(num_heads=4), POSITIONS).nodes
    reason = convention(tool).why_not(node)
    assert reason is not None
    assert reason.startswith(f"its number is between {BETWEEN[tool]} by how attention is written")


class Functional(torch.nn.Module):
    """Attention as people write it of layers and scaled_dot_product_attention."""

    def __init__(self, heads: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.projections = torch.nn.Linear(16, 48, bias=bias)
        self.output = torch.nn.Linear(16, 16, bias=bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.projections(x.transpose(1, 2)).chunk(3, dim=2)
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        weighed = torch.nn.functional.scaled_dot_product_attention(query, key, value)
        output: torch.Tensor = self.output(weighed.transpose(1, 2).flatten(2))
        return output


@pytest.mark.parametrize("tool", BETWEEN)
@pytest.mark.parametrize("op", ATTENTIONS, ids=repr)
def test_every_way_to_write_attention_is_in_the_range(op: MultiHeadAttention, tool: str) -> None:
    """torch's module without gradients, as `reconcile --run` takes it, and with them; functions;
    and written out. The least and the most are among them, but for ptflops-aten, which misses
    the biases of some projections."""
    network = alone(op, POSITIONS)
    reason = convention(tool).why_not(network.nodes[0]) or ""
    least, most = (int(found.replace(",", "")) for found in re.findall("[0-9][0-9,]*", reason))
    sample = torch.zeros((1, 16, 10))
    count = get("trace/tools", tool).count
    with_gradients = build_module(network).requires_grad_(True)
    found = [
        run_tool(tool, network),
        count(with_gradients, sample),
        count(Functional(op.num_heads, op.bias), sample),
        run_tool(tool, network, TRACED),
    ]
    assert max(found) == most
    assert min(found) >= least
    assert tool == "ptflops-aten" or min(found) == least


def test_bsconvs_profiler_fails_on_indices() -> None:
    """It makes an input of its own of the sample's shape, of numbers that may be anything."""
    embedding = torch.nn.Sequential(torch.nn.Embedding(20, 4))
    with pytest.raises(RuntimeError, match="argument #1 'indices'"):
        ModelProfiler(embedding, input_size=(1, 10))
    assert told("bsconv", alone(Embedding(num_embeddings=20, embedding_dim=4), Tensor(10))) is None


def test_a_linear_layer_behind_an_embedding() -> None:
    """torch runs it by an operator of its own where the vectors aren't as they stand in memory."""
    spec = """
input: [10]
layers:
  - embedding: {num_embeddings: 20, embedding_dim: 4}
  - linear: {in_features: 10, out_features: 7}
"""
    assert differences(lower(loads(spec))) == {}
