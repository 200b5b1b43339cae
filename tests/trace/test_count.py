"""What tracing refuses, and that it costs no arithmetic whatever the input's size."""

import resource

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from msgspec.structs import replace

from sepconv_cli.network import Call, Network, Node, Op, Tensor
from sepconv_cli.ops.embedding import Embedding
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.ops.softmax import Softmax
from sepconv_cli.trace import TraceError
from sepconv_cli.trace.build import build_module, build_weightless
from sepconv_cli.trace.count import fvcore_counts
from tests.examples import conv


class StringPadding(Op, frozen=True):
    """A convolution as no op should build it: fvcore counts it as zero."""

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (
            (
                "Conv2d",
                {"in_channels": 32, "out_channels": 64, "kernel_size": 4, "padding": "same"},
            ),
        )


class Mish(Op, frozen=True):
    """An op of one operator, which torch says goes element by element."""

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Mish", {}),)


class Softmin(Op, frozen=True):
    """An op that forgot to say that it multiplies nothing."""

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Softmin", {"dim": 1}),)


class Impossible(Op, frozen=True):
    """A pool that torch can't run on this input."""

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("MaxPool2d", {"kernel_size": 99}),)


def alone(op: Op, x: Tensor) -> Network:
    return Network(x, (Node("odd_one", "odd_one", op, x, x),))


X = Tensor(32, (8, 8))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_string_padding_is_an_error_where_fvcore_says_zero() -> None:
    network = alone(StringPadding(), X)
    plain = FlopCountAnalysis(build_weightless(network), torch.zeros(1, 32, 8, 8))
    assert plain.unsupported_ops_warnings(False).total() == 0
    with pytest.raises(TraceError, match="odd_one: fvcore doesn't know aten::_convolution_mode"):
        fvcore_counts(network)


def test_an_operator_that_nobody_declared_free_is_an_error() -> None:
    with pytest.raises(TraceError, match="odd_one: fvcore doesn't know aten::softmax"):
        fvcore_counts(alone(Softmin(), X))


def test_an_operator_is_free_only_for_the_op_that_says_so() -> None:
    assert fvcore_counts(alone(Softmax(), X))[0].operators == {}


def test_what_goes_element_by_element_sums_no_products_and_needs_no_mention() -> None:
    assert fvcore_counts(alone(Mish(), X))[0].operators == {}


def test_what_torch_cannot_run_is_an_error() -> None:
    with pytest.raises(TraceError, match="torch can't run the network"):
        fvcore_counts(alone(Impossible(), X))


def test_a_huge_input_takes_no_activation_memory() -> None:
    """One sample of this input would take 4 TB; 10^6 x 10^6 positions of 27 products each."""
    side = 10**6
    op = conv(2, 1, (3, 3), padding=((1, 1), (1, 1)), bias=False)
    x = Tensor(3, (side, side))
    network = Network(x, (Node("conv", "conv", op, x, op.output_shape(x)),))
    assert fvcore_counts(network)[0].operators == {"conv": 27 * side * side}


def test_weights_are_not_initialised() -> None:
    """Building takes the random generator no step further."""
    before = torch.random.get_rng_state()
    build_weightless(alone(conv(2, 4, (3, 3)), X))
    assert torch.equal(before, torch.random.get_rng_state())


LARGE = {
    "a linear layer of 80,000 x 80,000": (Linear(out_features=80_000), Tensor(80_000)),
    "a kernel of 4,000 x 4,000": (conv(2, 400, (4_000, 4_000)), Tensor(4, (5_000, 5_000))),
    "an embedding of 10^10 numbers": (
        Embedding(num_embeddings=10**8, embedding_dim=100),
        Tensor(9),
    ),
}


@pytest.mark.parametrize("layer", LARGE)
def test_weights_take_no_memory(layer: str) -> None:
    """Of 25 GB or more the process's largest size grows by no more than a quarter."""
    op, x = LARGE[layer]
    network = Network(x, (Node("layer", "layer", op, x, op.output_shape(x)),))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (traced,) = fvcore_counts(network)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1.25 * before
    assert traced.parameters == op.parameters(x)


def test_more_weights_than_there_are_addresses() -> None:
    """10^18 numbers are an error that says what else to do."""
    x = Tensor(10**9)
    network = Network(x, (Node("layer", "layer", Linear(out_features=10**9), x, x),))
    with pytest.raises(TraceError, match=r"torch can't build the network: .*; --engine analytic"):
        fvcore_counts(network)


def test_a_module_puts_out_every_output_and_a_single_one_by_itself() -> None:
    x = Tensor(3, (4, 4))
    node = Node("relu6", "relu6", Relu6(), x, x)
    sample = torch.full((1, 3, 4, 4), 9.0)
    first, second = build_module(Network(x, (node, node), (1, -1)))(sample)
    assert (float(first.max()), float(second.max())) == (6.0, 9.0)
    assert torch.equal(build_module(Network(x, (node, node)))(sample), first)


def test_module_is_in_evaluation_mode_and_on_the_cpu() -> None:
    module = build_weightless(alone(replace(conv(2, 4, (3, 3)), bias=True), X))
    assert not module.training
    assert {parameter.device.type for parameter in module.parameters()} == {"cpu"}
