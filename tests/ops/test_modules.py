"""The modules that stand for ops compute what people write in torch for one sample and for more."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn
from torch.nn import functional

from sepconv_cli import SpecError, loads
from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.importing.text.describe import described
from sepconv_cli.lowering.lower import lower
from sepconv_cli.trace import modules
from tests.examples import EXAMPLES, Example

Made = Callable[..., torch.Tensor]

torch.manual_seed(0)
A, B = torch.randn(2, 6, 9, 12), torch.randn(2, 6, 9, 12)
POINTS, ROW = torch.randn(2, 6, 1, 1), torch.randn(2, 12)
QUERY, KEY, VALUE = (torch.randn(2, 3, *shape) for shape in ((5, 8), (7, 8), (7, 4)))
MASK = torch.randn(2, 5, 7)


def cases() -> Iterator[tuple[nn.Module, tuple[torch.Tensor, ...], torch.Tensor]]:
    """Our module, its inputs with the batch in front, and what torch makes of them."""
    yield modules.ReshapeModule(shape=(3, 216)), (A,), A.reshape(2, 3, 216)
    yield modules.PermuteModule(axes=(1, 2, 0)), (A,), A.permute(0, 2, 3, 1)
    yield modules.SliceModule(axis=1, start=1, stop=8, step=3), (A,), A[:, :, 1:8:3]
    yield modules.ExpandModule(shape=(4, 6, 5, 1)), (POINTS,), POINTS[:, None].expand(2, 4, 6, 5, 1)
    yield modules.RollModule(shifts=(-3, 4), axes=(1, 2)), (A,), A.roll((-3, 4), (2, 3))
    yield (
        modules.PadModule(padding=(1, 2, 0, 0, 0, 3), mode="zeros", value=5.0),
        (A,),
        functional.pad(A, (1, 2, 0, 0, 0, 3), value=5.0),
    )
    yield (
        modules.PadModule(padding=(1, 2, 3, 0), mode="circular", value=0.0),
        (A,),
        functional.pad(A, (1, 2, 3, 0), mode="circular"),
    )
    for function, expected in (
        ("mean", A.mean((2, 3), keepdim=True)),
        ("sum", A.sum((2, 3), keepdim=True)),
        ("max", A.amax((2, 3), keepdim=True)),
        ("min", A.amin((2, 3), keepdim=True)),
        ("norm", A.norm(dim=(2, 3), keepdim=True)),
        ("variance", A.var((2, 3), unbiased=False, keepdim=True)),
    ):
        module = modules.ReduceModule(function=function, axes=(1, 2), keepdim=True, correction=0)
        yield module, (A,), expected
    yield modules.AddModule(), (A, POINTS, ROW), A + POINTS + ROW[:, None, None]
    yield modules.SubtractModule(), (ROW, A), ROW[:, None, None] - A
    yield modules.MultiplyModule(), (POINTS, A, B), POINTS * A * B
    yield modules.DivideModule(), (A, B), A / B
    yield modules.MaximumModule(), (A, B, POINTS), torch.maximum(torch.maximum(A, B), POINTS)
    yield modules.MinimumModule(), (A, POINTS), torch.minimum(A, POINTS)
    yield modules.ConcatModule(axis=1), (A, B), torch.cat((A, B), 2)
    yield modules.StackModule(axis=3), (A, B), torch.stack((A, B), 4)
    yield modules.MatmulModule(), (QUERY, KEY.mT), QUERY @ KEY.mT
    yield modules.MatmulModule(), (MASK, VALUE), MASK[:, None] @ VALUE
    attend = functional.scaled_dot_product_attention
    plain = modules.ScaledDotProductAttentionModule(scale=8**-0.5, causal=False)
    yield plain, (QUERY, KEY, VALUE), attend(QUERY, KEY, VALUE)
    yield plain, (QUERY, KEY, VALUE, MASK), attend(QUERY, KEY, VALUE, MASK[:, None])
    causal = modules.ScaledDotProductAttentionModule(scale=2.0, causal=True)
    yield causal, (QUERY, KEY, VALUE), attend(QUERY, KEY, VALUE, is_causal=True, scale=2.0)
    yield modules.AffineModule(scale=2.0, shift=3.0), (A,), 2 * A + 3
    yield modules.PowerModule(exponent=3.0), (A,), A**3
    yield modules.ClampModule(min=None, max=0.5), (A,), A.clamp(max=0.5)
    yield modules.ElementwiseModule(function="absolute"), (A,), A.abs()
    yield modules.FurtherInputModule(shape=(7, 4)), (A,), torch.zeros(2, 7, 4)
    yield modules.OpaqueModule(function="nms", shape=(7, 4)), (A, B), torch.zeros(2, 7, 4)


CASES = list(cases())


@pytest.mark.parametrize(
    ("module", "inputs", "expected"), CASES, ids=[str(module) for module, _, _ in CASES]
)
def test_it_computes_what_torch_computes(
    module: nn.Module, inputs: tuple[torch.Tensor, ...], expected: torch.Tensor
) -> None:
    assert torch.allclose(module(*inputs), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(modules.LstmModule, nn.LSTM), (modules.GruModule, nn.GRU), (modules.RnnModule, nn.RNN)],
)
def test_a_recurrent_layer_hands_on_every_step(
    ours: Callable[..., nn.Module], theirs: Callable[..., nn.Module]
) -> None:
    x = torch.randn(2, 7, 4)
    fields = {"input_size": 4, "hidden_size": 5, "num_layers": 2, "bidirectional": True}
    expected, module = theirs(**fields, batch_first=True), ours(**fields)
    module.load_state_dict(
        {f"layers.{name}": weight for name, weight in expected.state_dict().items()}
    )
    assert torch.equal(module(x), expected(x)[0])


def test_learned_tensors_are_the_same_for_every_sample() -> None:
    token, scale, shift = (
        kind(shape)
        for kind, shape in (
            (modules.LearnedModule, (3, 4)),
            (modules.LearnedScaleModule, (6, 1, 1)),
            (modules.LearnedShiftModule, (12,)),
        )
    )
    for module in (token, scale, shift):
        nn.init.normal_(module.weight)
    assert torch.equal(token(A), torch.stack([token.weight] * 2))
    mask = modules.ConstantModule((3, 4))
    nn.init.normal_(mask.values)
    assert torch.equal(mask(A), torch.stack([mask.values] * 2))
    assert not list(mask.parameters())
    assert torch.equal(scale(A), A * scale.weight[None])
    assert torch.equal(shift(A), A + shift.weight)


READABLE = [example for example in EXAMPLES if not example.others and len(example.x.axes) <= 4]


@pytest.mark.parametrize("example", READABLE, ids=repr)
def test_what_is_written_of_an_op_is_read_as_that_op(example: Example) -> None:
    op, x = example.op, example.x
    step = Step(op, ("",), ("Model",), (-1,), op.output_shape(x))
    recorded = Recorded("model", x, (step,), (0,))
    (node,) = lower(loads(described(recorded).text)).nodes
    assert node.op == op


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("reshape: {shape: []}", "shape: expected at least one value"),
        ("opaque: {function: '', shape: 1}", "function: expected a line of text"),
        ("reduce: {function: median, axes: 1}", "expected max or mean or min or norm or sum"),
        ("pad: {padding: [[1, 2, 3]]}", "padding: [1, 2, 3] is not a pair (before, after)"),
        ("fold: {output_size: [1, 2, 3], kernel_size: 1}", "[1, 2, 3] is not one number or two"),
        ("interpolate: {scale_factor: 0}", "scale_factor: expected a number over 0, not 0"),
        ("permute: {axes: [0, -1]}", "axes: expected at least 0, not -1"),
    ],
)
def test_fields_that_are_no_list_of_that_kind(layer: str, message: str) -> None:
    with pytest.raises(SpecError) as error:
        lower(loads(f"input: [3, 4, 4]\nlayers:\n  - {layer}\n"))
    (problem,) = error.value.problems
    assert message in problem.message
