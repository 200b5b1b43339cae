"""Ops on whole tensors and on several inputs: shapes and counts worked out by hand."""

import pytest

from sepconv_cli.network import Op, Tensor
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.concat import Concat
from sepconv_cli.ops.constant import Constant
from sepconv_cli.ops.divide import Divide
from sepconv_cli.ops.expand import Expand
from sepconv_cli.ops.fold import Fold
from sepconv_cli.ops.further_parameters import FurtherParameters
from sepconv_cli.ops.learned import Learned
from sepconv_cli.ops.learned_scale import LearnedScale
from sepconv_cli.ops.learned_shift import LearnedShift
from sepconv_cli.ops.matmul import Matmul
from sepconv_cli.ops.maximum import Maximum
from sepconv_cli.ops.multiply import Multiply
from sepconv_cli.ops.opaque import Opaque
from sepconv_cli.ops.pad import Pad
from sepconv_cli.ops.permute import Permute
from sepconv_cli.ops.reduce import Reduce
from sepconv_cli.ops.reshape import Reshape
from sepconv_cli.ops.roll import Roll
from sepconv_cli.ops.scaled_dot_product_attention import ScaledDotProductAttention
from sepconv_cli.ops.slice import Slice
from sepconv_cli.ops.stack import Stack
from sepconv_cli.ops.subtract import Subtract
from sepconv_cli.ops.unfold import Unfold
from sepconv_cli.ops.windows import Windows

PLANE = Tensor(6, (9, 12))
TOKENS = Tensor(3, (5, 8))
"""Five tokens of eight numbers in each of three heads."""

Case = tuple[Op, tuple[Tensor, ...], Tensor, int, list[tuple[str, str, int]]]


def case(
    name: str, op: Op, inputs: object, y: Tensor, *work: tuple[str, str, int], parameters: int = 0
) -> object:
    several = inputs if type(inputs) is tuple else (inputs,)
    return pytest.param(op, several, y, parameters, list(work), id=name)


@pytest.mark.parametrize(
    ("op", "inputs", "y", "parameters", "work"),
    [
        case("elements stay", Reshape(shape=(2, 3, 108)), PLANE, Tensor(2, (3, 108))),
        case("channels last", Permute(axes=(1, 2, 0)), PLANE, Tensor(9, (12, 6))),
        case("positions 1, 4, 7", Slice(axis=1, start=1, step=3), PLANE, Tensor(6, (3, 12))),
        case("half of the channels", Slice(axis=0, stop=3), PLANE, Tensor(3, (9, 12))),
        case("one position keeps its axis", Slice(axis=2, start=11), PLANE, Tensor(6, (9, 1))),
        case("a new axis in front", Expand(shape=(4, 6, 9, 12)), PLANE, Tensor(4, (6, 9, 12))),
        case(
            "windows of 4 at rows 0, 2, 4",
            Windows(axis=1, length=4, step=2),
            PLANE,
            Tensor(6, (3, 12, 4)),
        ),
        case(
            "a table of 7", Learned(shape=(3, 4), made_of=7), PLANE, Tensor(3, (4,)), parameters=7
        ),
        case("5 beside", FurtherParameters(count=5), PLANE, PLANE, parameters=5),
        case("around the end", Roll(shifts=(-4,), axes=(2,)), PLANE, PLANE),
        case(
            "a channel more, two rows fewer",
            Pad(padding=((1, 0), (-2, 0), (3, 4))),
            PLANE,
            Tensor(7, (7, 19)),
        ),
        case(
            "a 3x3 kernel at 4 x 10 positions",
            Unfold(kernel_size=(3, 3), dilation=(1, 1), padding=(0, 0), stride=(2, 1)),
            PLANE,
            Tensor(54, (40,)),
        ),
        case(
            "every element is added to zeros",
            Fold(output_size=(4, 4), kernel_size=(3, 3)),
            Tensor(18, (4,)),
            Tensor(2, (4, 4)),
            ("add", "pool", 18 * 4),
        ),
        case(
            "72 means of 9 have 8 additions and a division each",
            Reduce(function="mean", axes=(1,)),
            PLANE,
            Tensor(6, (1, 12)),
            ("add", "pool", 72 * 8),
            ("divide", "pool", 72),
        ),
        case(
            "a sum over all but the channels, which are left alone",
            Reduce(function="sum", axes=(1, 2), keepdim=False),
            PLANE,
            Tensor(6),
            ("add", "pool", 6 * 107),
        ),
        case(
            "the largest of 6 channels, 5 comparisons",
            Reduce(function="max", axes=(0,)),
            PLANE,
            Tensor(1, (9, 12)),
            ("compare", "pool", 108 * 5),
        ),
        case(
            "squares summed, and a root",
            Reduce(function="norm", axes=(0, 1), keepdim=False),
            PLANE,
            Tensor(12),
            ("multiply_add", "pool", 648),
            ("transcendental", "pool", 12),
        ),
        case(
            "mean, differences, squares, a second division",
            Reduce(function="variance", axes=(2,)),
            PLANE,
            Tensor(6, (9, 1)),
            ("add", "pool", 54 * 11 + 648),
            ("multiply_add", "pool", 648),
            ("divide", "pool", 2 * 54),
        ),
        case(
            "each further input is added once",
            Add(),
            (PLANE, PLANE, PLANE),
            PLANE,
            ("add", "merge", 2 * 648),
        ),
        case(
            "a factor for each channel, and another for each column",
            Multiply(),
            (Tensor(6, (1, 1)), Tensor(12), PLANE),
            PLANE,
            # First 6 x 12 products, then those with the plane.
            ("multiply", "merge", 6 * 12 + 648),
        ),
        case(
            "both are taken along each other",
            Subtract(),
            (Tensor(6, (1,)), Tensor(1, (12,))),
            Tensor(6, (12,)),
            ("add", "merge", 72),
        ),
        case("quotients", Divide(), (PLANE, Tensor(1)), PLANE, ("divide", "merge", 648)),
        case("the largest", Maximum(), (PLANE, PLANE), PLANE, ("compare", "merge", 648)),
        case("end to end", Concat(axis=2), (PLANE, Tensor(6, (9, 3))), Tensor(6, (9, 15))),
        case("side by side", Stack(axis=1), (PLANE, PLANE, PLANE), Tensor(6, (3, 9, 12))),
        case(
            "in each of 3 heads 5 x 7 sums of 8 products",
            Matmul(),
            (TOKENS, Tensor(3, (8, 7))),
            Tensor(3, (5, 7)),
            ("multiply_add", "kernel", 3 * 5 * 7 * 8),
        ),
        case(
            "one matrix for 3 heads",
            Matmul(),
            (TOKENS, Tensor(8, (7,))),
            Tensor(3, (5, 7)),
            ("multiply_add", "kernel", 3 * 5 * 7 * 8),
        ),
        case(
            "one matrix times each of 3",
            Matmul(),
            (Tensor(4, (5,)), TOKENS),
            Tensor(3, (4, 8)),
            ("multiply_add", "kernel", 3 * 4 * 8 * 5),
        ),
        case(
            "5 x 7 scores of 8 products, 7 of them weigh 4 numbers, in 3 heads, under a mask",
            ScaledDotProductAttention(),
            (TOKENS, Tensor(3, (7, 8)), Tensor(3, (7, 4)), Tensor(5, (7,))),
            Tensor(3, (5, 4)),
            ("multiply_add", "kernel", 3 * (5 * 7 * 8 + 5 * 7 * 4)),
            ("multiply", "activation", 3 * 5 * 8),
            ("add", "merge", 3 * 5 * 7),
            ("compare", "activation", 3 * 5 * 6),
            ("add", "activation", 3 * 5 * (7 + 6)),
            ("transcendental", "activation", 3 * 5 * 7),
            ("divide", "activation", 3 * 5 * 7),
        ),
        case(
            "keys that no query sees are counted",
            ScaledDotProductAttention(causal=True),
            (Tensor(2, (1,)), Tensor(2, (1,)), Tensor(2, (1,))),
            Tensor(2, (1,)),
            ("multiply_add", "kernel", 4 + 4),
            ("multiply", "activation", 2),
            ("compare", "activation", 2),
            ("add", "activation", 4 + 2),
            ("transcendental", "activation", 4),
            ("divide", "activation", 4),
        ),
        case("a mask", Constant(shape=(5, 8)), PLANE, Tensor(5, (8,))),
        case("a class token", Learned(shape=(1, 8)), PLANE, Tensor(1, (8,)), parameters=8),
        case(
            "a factor for each channel",
            LearnedScale(shape=(6, 1, 1)),
            PLANE,
            PLANE,
            ("multiply", "merge", 648),
            parameters=6,
        ),
        case(
            "a position table for 3 heads",
            LearnedShift(shape=(5, 8)),
            TOKENS,
            TOKENS,
            ("add", "merge", 120),
            parameters=40,
        ),
        case("whatever it does", Opaque(function="nms", shape=(7,)), (PLANE, TOKENS), Tensor(7)),
    ],
)
def test_by_hand(
    op: Op,
    inputs: tuple[Tensor, ...],
    y: Tensor,
    parameters: int,
    work: list[tuple[str, str, int]],
) -> None:
    assert list(op.check_inputs(inputs)) == []
    assert op.shape_of(inputs) == y
    assert op.parameters(inputs[0]) == parameters
    assert [(item.kind, item.role, item.amount) for item in op.work_on(inputs, y)] == work


def complaint(name: str, op: Op, inputs: object, expected: str) -> object:
    several = inputs if type(inputs) is tuple else (inputs,)
    return pytest.param(op, several, expected, id=name)


@pytest.mark.parametrize(
    ("op", "inputs", "expected"),
    [
        complaint(
            "elements get lost",
            Reshape(shape=(6, 100)),
            PLANE,
            "shape [6, 100] has 600 elements, but 6x9x12 has 648",
        ),
        complaint(
            "an axis is left over",
            Permute(axes=(1, 0)),
            PLANE,
            "axes [1, 0] are 2, but 6x9x12 has 3",
        ),
        complaint(
            "an axis twice", Permute(axes=(1, 0, 1)), PLANE, "axis 1 is named twice in [1, 0, 1]"
        ),
        complaint("an axis too many", Slice(axis=3), PLANE, "6x9x12 has no axis 3"),
        complaint(
            "over the end",
            Slice(axis=1, stop=10),
            PLANE,
            "stop 10 is over the length of 9 on axis 1 of 6x9x12",
        ),
        complaint(
            "nothing is left",
            Slice(axis=1, start=9),
            PLANE,
            "nothing is left from 9 to 9 on axis 1 of 6x9x12",
        ),
        complaint(
            "only an axis of 1 grows",
            Expand(shape=(6, 9, 24)),
            PLANE,
            "6x9x12 can't be expanded to [6, 9, 24]",
        ),
        complaint(
            "an axis doesn't go",
            Expand(shape=(9, 12)),
            PLANE,
            "6x9x12 can't be expanded to [9, 12]",
        ),
        complaint(
            "windows that are too long",
            Windows(axis=1, length=10),
            PLANE,
            "length 10 is over the 9 on axis 1 of 6x9x12",
        ),
        complaint(
            "as many shifts as axes",
            Roll(shifts=(1,), axes=(1, 2)),
            PLANE,
            "shifts [1] and axes [1, 2] aren't as many",
        ),
        complaint(
            "a pair for every axis",
            Pad(padding=((1, 1), (1, 1))),
            PLANE,
            "padding [[1, 1], [1, 1]] is for 2 axes, but 6x9x12 has 3",
        ),
        complaint(
            "all rows taken away",
            Pad(padding=((0, 0), (-4, -5), (0, 0))),
            PLANE,
            "padding [[0, 0], [-4, -5], [0, 0]] leaves nothing of 6x9x12",
        ),
        complaint(
            "torch reflects no channels",
            Pad(padding=((1, 0), (0, 0), (0, 0)), mode="reflect"),
            PLANE,
            "mode reflect pads up to three axes, not the channels",
        ),
        complaint(
            "torch reflects only what is there",
            Pad(padding=((0, 0), (9, 0), (0, 0)), mode="reflect"),
            PLANE,
            "reflect padding of 9 needs an input of at least 10, but it has 9",
        ),
        complaint(
            "no axis would be left",
            Reduce(function="sum", axes=(0, 1, 2), keepdim=False),
            PLANE,
            "no axis of 6x9x12 is left",
        ),
        complaint(
            "blocks that don't fit",
            Fold(output_size=(4, 4), kernel_size=(3, 3)),
            Tensor(18, (5,)),
            "fold needs a multiple of 9 channels and 4 positions, but 18x5 arrives",
        ),
        complaint(
            "unfold in a line",
            Unfold(kernel_size=(3,)),
            Tensor(6, (9,)),
            "unfold needs an input with two spatial axes, but 6x9 has 1",
        ),
        complaint(
            "lengths that differ",
            Add(),
            (PLANE, Tensor(6, (9, 6))),
            "add can't join 6x9x12 and 6x9x6",
        ),
        complaint("alone", Add(), PLANE, "add needs two inputs or more"),
        complaint("three", Subtract(), (PLANE, PLANE, PLANE), "subtract needs two inputs"),
        complaint(
            "two axes differ",
            Concat(axis=1),
            (PLANE, Tensor(5, (9, 12))),
            "concat can't join 6x9x12 and 5x9x12",
        ),
        complaint(
            "an axis that isn't there",
            Concat(axis=3),
            (PLANE, PLANE),
            "concat can't join 6x9x12 and 6x9x12",
        ),
        complaint("shapes differ", Stack(), (PLANE, TOKENS), "stack can't join 6x9x12 and 3x5x8"),
        complaint("12 against 9", Matmul(), (PLANE, PLANE), "matmul can't join 6x9x12 and 6x9x12"),
        complaint("a vector", Matmul(), (PLANE, Tensor(12)), "matmul can't join 6x9x12 and 12"),
        complaint(
            "6 heads against 3",
            Matmul(),
            (PLANE, Tensor(3, (12, 4))),
            "matmul can't join 6x9x12 and 3x12x4",
        ),
        complaint(
            "two inputs",
            ScaledDotProductAttention(),
            (TOKENS, TOKENS),
            "scaled_dot_product_attention needs three inputs or four",
        ),
        complaint(
            "a value for each key",
            ScaledDotProductAttention(),
            (TOKENS, TOKENS, Tensor(3, (4, 8))),
            "scaled_dot_product_attention can't join 3x5x8 and 3x5x8 and 3x4x8",
        ),
        complaint(
            "a mask that is larger than the scores",
            ScaledDotProductAttention(),
            (Tensor(5, (8,)), Tensor(5, (8,)), Tensor(5, (8,)), Tensor(2, (5, 5))),
            "scaled_dot_product_attention can't join 5x8 and 5x8 and 5x8 and 2x5x5",
        ),
        complaint(
            "what is learned doesn't make the shape larger",
            LearnedScale(shape=(2, 6, 9, 12)),
            PLANE,
            "shape [2, 6, 9, 12] can't be taken along 6x9x12",
        ),
    ],
)
def test_complaints(op: Op, inputs: tuple[Tensor, ...], expected: str) -> None:
    assert [item.message for item in op.check_inputs(inputs)] == [expected]
