"""Folded peaks, held to TensorFlow Lite Micro's planner by hand and to ST's printed figure.

The greedy planner takes tensors by size, the largest first, and lays each at the lowest offset
where it overlaps none that is alive at the same time. Norms and activations are in the convolution
before them. Sizes are bytes in int8; [from, to] are the ops between which a tensor is alive.
"""

from fractions import Fraction

import pytest

from sepconv_cli import compare, load
from tests.metrics import each_layer, number

# Ops 0, 1, 2. Tensors: c 16x8x8 = 1024 [2, 2] at 0; a 8x8x8 = 512 [0, 1] at 0, c not being there
# yet; b 512 [1, 2] at 1024, past c; input 4x8x8 = 256 [0, 0] at 512, past a. Arena: 1536.
SEPARABLE = """
input: [4, 8, 8]
layers:
  - conv: {out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  - batch_norm
  - relu
  - conv: {out_channels: 8, kernel_size: 3, padding: 1, groups: 8, bias: false}
  - batch_norm
  - relu
  - conv: {out_channels: 16, kernel_size: 1}
  - relu6
"""

# Ops 0 to 3. Tensors: a 24x8x8 = 1536 [0, 1] at 0; b 1536 [1, 2] at 1536; the input 4x8x8 = 256,
# which the addition reads, [0, 3] at 3072; p 256 [2, 3] at 0; the sum 256 [3, 3] at 256.
# Arena: 3328.
INVERTED = """
input: [4, 8, 8]
layers:
  - residual:
      - conv: {out_channels: 24, kernel_size: 1, bias: false}
      - batch_norm
      - relu6
      - conv: {out_channels: 24, kernel_size: 3, padding: 1, groups: 24, bias: false}
      - batch_norm
      - relu6
      - conv: {out_channels: 4, kernel_size: 1, bias: false}
      - batch_norm
"""

# Ops 0 to 2. Tensors: the concatenation 24x4x4 = 384 [2, 2] at 0; b 16x4x4 = 256 [1, 2] at 384;
# a 8x4x4 = 128 [0, 2] at 640; the input 128 [0, 1] at 0. Arena: 768.
BRANCHES = """
input: [8, 4, 4]
layers:
  - parallel:
      branches:
        - [conv: {out_channels: 8, kernel_size: 3, padding: 1}, relu]
        - [conv: {out_channels: 16, kernel_size: 1}, relu]
      merge: concat
"""


@pytest.mark.parametrize(("text", "arena"), [(SEPARABLE, 1536), (INVERTED, 3328), (BRANCHES, 768)])
def test_it_is_what_the_greedy_planner_needs(text: str, arena: int) -> None:
    assert number("folded_peak_bytes", text, 1) == arena
    assert number("folded_peak_bytes", text, 4) == 4 * arena


def test_an_addition_writes_over_an_input() -> None:
    """The input, 256, and what the convolution makes of it. A planner that lays the sum apart, as
    TensorFlow Lite Micro's, needs a third tensor: 768."""
    text = "input: [4, 8, 8]\nlayers: [residual: [conv: {out_channels: 4, kernel_size: 1}]]\n"
    assert each_layer("folded_peak_bytes", text, 1) == [512, 512]


@pytest.mark.parametrize(
    ("layers", "peak"),
    [
        pytest.param("[relu, relu]", 16, id="a chain of activations needs one tensor"),
        pytest.param("[flatten, dropout, identity]", 16, id="what reshapes moves nothing"),
        pytest.param("[softmax]", 16 + 16, id="softmax reads more than its own position"),
        pytest.param("[group_norm: {num_groups: 2}]", 16 + 16, id="so do the other norms"),
        pytest.param("[residual: [relu]]", 16 + 16, id="what is read again isn't written over"),
        pytest.param(
            "[{relu: , name: a}, relu6, relu6, {concat: , from: [a, relu6_2]}]",
            16 + 16 + 32,
            id="a skip stays alive",
        ),
        pytest.param(
            "[parallel: {branches: [[identity], [global_avg_pool]], merge: multiply}]",
            16 + 4,
            id="the product lies where the larger input lay",
        ),
        pytest.param(
            "[parallel: {branches: [[identity], [relu]], merge: add}]",
            16 + 16,
            id="what an identity hands on is the input, still to be read",
        ),
    ],
)
def test_by_hand(layers: str, peak: int) -> None:
    assert number("folded_peak_bytes", f"input: [4, 2, 2]\nlayers: {layers}\n", 1) == peak


@pytest.mark.parametrize(
    ("layers", "outputs", "peak"),
    [
        pytest.param(
            "[{relu: , name: a}, {relu6: , name: b}]",
            "[b]",
            16,
            id="one that is no output may be written over",
        ),
        pytest.param(
            "[{relu: , name: a}, {relu6: , name: b}]",
            "[a, b]",
            16 + 16,
            id="nothing writes over an output",
        ),
        pytest.param(
            "[{relu: , name: a}, {flatten: , name: b}, {relu6: , name: c}]",
            "[a, c]",
            16 + 16,
            id="nor over it as something reshaped it",
        ),
        pytest.param(
            "[{relu: , name: a}, {flatten: , name: b}]",
            "[a, b]",
            16,
            id="an output and what reshapes it lie in the same place",
        ),
        pytest.param(
            "[{tanh: , when: 1 > 2, name: start}, {relu: , name: a}]",
            "[start, a]",
            16 + 16,
            id="the input may be an output",
        ),
        pytest.param(
            "[{tanh: , when: 1 > 2, name: start},"
            " {conv: {out_channels: 1, kernel_size: 1}, name: a},"
            " {conv: {out_channels: 8, kernel_size: 1}, from: start, name: b},"
            " {conv: {out_channels: 5, kernel_size: 1}, name: c}]",
            "[a, c]",
            4 + 32 + 20,
            id="an output stays while others run",
        ),
    ],
)
def test_outputs_stay_to_the_end(layers: str, outputs: str, peak: int) -> None:
    text = f"input: [4, 2, 2]\nlayers: {layers}\noutputs: {outputs}\n"
    assert number("folded_peak_bytes", text, 1) == peak


def test_mobilenet_v1_on_an_stm32() -> None:
    """ST prints 272.96 KiB of activations for MobileNetV1 0.25 at 224x224 in int8.

    The first pointwise convolution reads 112x112x8 and writes 112x112x16, which is 294.00 KiB or
    7.7 % more. ST's figure has no room for both, so that its kernel must write over a part of what
    it has read, where ours writes over nothing; by how much isn't published. It lies above the
    next largest level, 245.00 KiB: the stem with 224x224x3 in and 112x112x8 out.
    """
    (row,) = compare(
        load("zoo:mobilenet_v1"),
        grid=[{"width": Fraction(1, 4)}],
        variants=["depthwise_separable"],
        dtype="int8",
        engine="analytic",
    ).rows
    pointwise, stem = 112 * 112 * (8 + 16), 224 * 224 * 3 + 112 * 112 * 8
    assert row["folded_peak_bytes"] == pointwise == 294 * 1024
    assert stem < 272.96 * 1024 < pointwise
    assert pointwise / (272.96 * 1024) == pytest.approx(1.077, abs=0.001)
    assert row["peak_activation_bytes"] == 2 * 112 * 112 * 16
