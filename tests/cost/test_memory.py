"""Peak activation memory, added up by hand."""

from fractions import Fraction

import pytest

from sepconv_cli import load, loads
from sepconv_cli.cost import peak_activations
from sepconv_cli.lowering.lower import lower


@pytest.mark.parametrize(
    ("layers", "peak"),
    [
        pytest.param("[relu, relu]", 16 + 16, id="a chain holds an input and an output"),
        pytest.param(
            "[conv: {out_channels: 8, kernel_size: 1}, conv: {out_channels: 1, kernel_size: 1}]",
            16 + 32,
            id="4 channels in, 8 in the middle, 1 out: the wider pair",
        ),
        pytest.param("[residual: [relu, relu]]", 16 + 16 + 16, id="a shortcut keeps its input"),
        pytest.param(
            "[residual: [conv: {out_channels: 12, kernel_size: 1},"
            " conv: {out_channels: 4, kernel_size: 1}]]",
            16 + 48 + 16,
            id="an inverted residual: the input, the wide middle and its output",
        ),
        pytest.param(
            "[parallel: {branches: [[relu], [relu], [relu]], merge: concat}]",
            3 * 16 + 3 * 16,
            id="concat holds its three inputs and its output, the input is gone",
        ),
        pytest.param("[relu]", 16 + 16, id="nothing is taken to work in place"),
        pytest.param("[flatten, dropout]", 16, id="views of the input"),
        pytest.param(
            "[slice: {axis: 0, stop: 2}, relu, {concat: , from: [slice, relu]}]",
            16 + 8 + 16,
            id="half of the input is a view that keeps all of it",
        ),
        pytest.param(
            "[permute: {axes: [1, 2, 0]}, reshape: {shape: [16]}]",
            16 + 16,
            id="what is permuted is copied where it is reshaped",
        ),
        pytest.param(
            "[{relu: , name: a}, relu6, relu6, relu6, {add: , from: [a, relu6_3]}]",
            3 * 16,
            id="a skip across three layers stays alive",
        ),
    ],
)
def test_peak(layers: str, peak: int) -> None:
    assert peak_activations(lower(loads(f"input: [4, 2, 2]\nlayers: {layers}\n"))) == peak


def test_mobilenet_v2_for_a_microcontroller() -> None:
    """48 = int(8 * 6) channels of 72x72, read and written by batch norm and ReLU6."""
    network = lower(load("zoo:mobilenet_v2"), {"width": Fraction(35, 100), "resolution": 144})
    assert peak_activations(network) == 2 * 48 * 72 * 72


def test_attention_holds_its_scores() -> None:
    """4 channels at 5 positions: input and output, three projections, 2 x 2 heads of 5 x 5."""
    text = "input: [4, 5]\nlayers: [multi_head_attention: {num_heads: 2}]\n"
    assert peak_activations(lower(loads(text))) == 2 * 20 + 3 * 20 + 2 * 2 * 25


HEADS = """\
input: [3, 8, 8]
layers:
  - {tanh: , when: 1 > 2, name: start}
  - {conv: {out_channels: 4, kernel_size: 1}, name: body}
  - {conv: {out_channels: 2, kernel_size: 1}, name: head_1}
  - {conv: {out_channels: 5, kernel_size: 1}, name: head_2, from: body}
"""


@pytest.mark.parametrize(
    ("outputs", "channels"),
    [
        pytest.param("[head_1, head_2]", 4 + 2 + 5, id="an output that is there stays"),
        pytest.param("[body, head_1]", 3 + 4, id="what is read and put out isn't there twice"),
        pytest.param("[head_2]", 4 + 5, id="what is no output goes when it was read"),
        pytest.param("[start, head_2]", 3 + 4 + 5, id="the input, if it is put out"),
    ],
)
def test_outputs_stay_to_the_end(outputs: str, channels: int) -> None:
    assert peak_activations(lower(loads(f"{HEADS}outputs: {outputs}\n"))) == 64 * channels
