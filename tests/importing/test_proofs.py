"""What an import proves, and that a proof fails where the spec is another network.

Faults are put in by hand: a reader that gives an op of the same shapes that computes another thing.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import nn
from torch.nn import functional

from sepconv_cli import SpecError, UsageError, from_torch
from sepconv_cli.conventions import TRACED
from sepconv_cli.importing.functions import READERS
from sepconv_cli.importing.imported import OpaqueFunction
from sepconv_cli.importing.proofs.matching import matched
from sepconv_cli.importing.proofs.outputs import difference, steady_factor
from sepconv_cli.importing.proofs.places import WeightPlace, parameter_names
from sepconv_cli.importing.reading import Reading
from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.identity import Identity
from sepconv_cli.ops.linear import Linear
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.subtract import Subtract
from sepconv_cli.trace.build import build_module
from tests.examples import EXAMPLES, Example


class Small(nn.Module):
    """A convolution, a norm with an eps of its own, a shuffle of channels, a pool and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1, groups=1)
        self.norm = nn.BatchNorm2d(8, eps=1e-3)
        self.depthwise = nn.Conv2d(8, 8, 3, groups=8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.norm(self.conv(functional.pad(x, (0, 1, 0, 1)))).relu()
        x = x.reshape(-1, 2, 4, *x.shape[2:]).transpose(1, 2).reshape(x.shape)
        return self.head(self.depthwise(x).mean((2, 3)))


SHAPE = (3, 13, 13)


def misread(
    monkeypatch: pytest.MonkeyPatch, function: str, reader: Callable[[Reading], int]
) -> None:
    names, _ = READERS[function]
    monkeypatch.setitem(READERS, function, (names, reader))


def test_all_proofs_of_a_small_network_hold() -> None:
    """Parameters: 8*27+8, 16, 8*9+8, 8*5+5. MACs: 7*7*8*27 + 5*5*8*9 + 40."""
    found = from_torch(Small(), SHAPE, verify=True)
    assert [(proof.subject, proof.holds) for proof in found.proven] == [
        (subject, True)
        for subject in ("layers", "parameters", "multiplications", "operators", "outputs")
    ]
    assert "parameters 365: equal to the model's" in found.proofs
    assert "MACs 12,424: equal to torch's FlopCounterMode" in found.proofs
    assert found.proven[-1].difference is not None
    assert found.proven[-1].difference < 1e-5
    assert all(f"# {line}" in found.text for line in found.proofs[1:])


def test_names_say_where_every_parameter_and_buffer_is() -> None:
    module = Small()
    found = from_torch(module, SHAPE)
    own = {name for name, _ in (*module.named_parameters(), *module.named_buffers())}
    assert found.names.keys() == own - {"norm.num_batches_tracked"}
    assert found.names["norm.running_var"] == (WeightPlace("norm", "running_var"),)
    layers = {node.name: node for node in lower(found.spec).nodes}
    for name, parameter in module.named_parameters():
        (place,) = found.names[name]
        assert place.layer == name.rpartition(".")[0]
        assert parameter.shape.numel() <= layers[place.layer].op.parameters(layers[place.layer].x)


class Heads(nn.Module):
    """Four layers of one shape that read the same, told apart by what reads them alone."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c, self.d = (nn.Linear(4, 4) for _ in range(4))

    def forward(self, x: torch.Tensor) -> Any:
        d, c, b, a = self.d(x), self.c(x), self.b(x), self.a(x)
        return (a - b) * (c - d) + x


def test_layers_of_one_shape_get_their_own_values() -> None:
    found = from_torch(Heads(), (4,), verify=True)
    assert found.proven[-1].holds
    layers = [found.names[f"{name}.weight"][0].layer for name in "abcd"]
    assert [layer.rpartition(".")[2] for layer in layers] == ["a", "b", "c", "d"]


def _half(op: Any, x: Tensor, sources: tuple[int, ...]) -> Step:
    return Step(op, (), (), sources, x)


def test_matching_goes_by_what_is_read() -> None:
    """A sum may read in another order and an identity is looked through; a difference may not."""
    x = Tensor(4)
    recorded = Recorded(
        "net",
        x,
        (_half(Linear(out_features=4), x, (-1,)), _half(Add(), x, (-1, 0))),
        (1,),
    )
    linear = Node("linear", "linear", Linear(out_features=4), x, x)
    nothing = Node("identity", "identity", Identity(), x, x, sources=(-1,))
    add = Node("add", "add", Add(), x, x, others=(x,), sources=(0, 1))
    network = Network(x, (linear, nothing, add))
    assert matched(recorded, network).nodes == (0, 2)
    subtracting = replace(recorded, steps=(recorded.steps[0], _half(Subtract(), x, (-1, 0))))
    with pytest.raises(UsageError):
        matched(subtracting, replace(network, nodes=(linear, nothing, replace(add, op=Subtract()))))
    with pytest.raises(UsageError):
        matched(recorded, replace(network, nodes=(replace(linear, op=Relu()), nothing, add)))


def _relu_as_gelu(r: Reading) -> int:
    return r.emit("gelu", r["input"], y=r.y)


def _norm_without_eps(r: Reading) -> int:
    names = ("weight", "bias", "running_mean", "running_var")
    return r.emit("batch_norm", r["input"], held=[r.held(r[name]) for name in names])


def _padded_on_the_other_side(r: Reading) -> int:
    return r.emit("zero_pad", r["input"], padding=((1, 0), (1, 0)), y=r.y)


def _reshaped_alone(r: Reading) -> int:
    """A shuffle whose exchange of axes is lost: the elements stay in their order."""
    return r.emit("reshape", r["input"], shape=r.y.dims, y=r.y)


@pytest.mark.parametrize(
    ("function", "reader"),
    [
        ("relu", _relu_as_gelu),
        ("batch_norm", _norm_without_eps),
        ("pad", _padded_on_the_other_side),
        ("transpose", _reshaped_alone),
    ],
)
def test_an_op_that_computes_another_thing_puts_out_another_thing(
    monkeypatch: pytest.MonkeyPatch, function: str, reader: Callable[[Reading], int]
) -> None:
    """Shapes, parameters and products are the same; the outputs aren't."""
    misread(monkeypatch, function, reader)
    from_torch(Small(), SHAPE)
    with pytest.raises(SpecError, match="the spec isn't the model: outputs"):
        from_torch(Small(), SHAPE, verify=True)


@pytest.mark.parametrize("kind", [nn.LayerNorm, nn.RMSNorm])
def test_an_eps_of_a_millionth_is_seen(
    monkeypatch: pytest.MonkeyPatch, kind: Callable[..., nn.Module]
) -> None:
    """It makes a difference of 5e-6, below that of the outputs that is still equal."""
    module = nn.Sequential(nn.Linear(64, 64), kind(64, eps=1e-6))
    from_torch(module, (9, 64), verify=True)

    def other_eps(r: Reading) -> int:
        names = ("weight", "bias") if kind is nn.LayerNorm else ("weight",)
        held = [r.held(r[name]) for name in names]
        return r.emit(norm, r["input"], normalized_shape=(64,), eps=1e-5, held=held)

    norm = "layer_norm" if kind is nn.LayerNorm else "rms_norm"
    misread(monkeypatch, norm, other_eps)
    with pytest.raises(SpecError, match=r"1 by a factor of 1 \+ .* on equal inputs"):
        from_torch(module, (9, 64), verify=True)


def test_a_deep_network_cannot_hide_an_early_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first layers do fades behind thirty others, but each is compared by itself."""
    layers = [layer for _ in range(30) for layer in (nn.Linear(8, 8), nn.ReLU())]
    module = nn.Sequential(nn.Sigmoid(), *layers)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(0.1)
    misread(monkeypatch, "sigmoid", lambda r: r.emit("tanh", r["input"], y=r.y))
    with pytest.raises(SpecError, match=r"0 by 1\.\de\+00 on equal inputs"):
        from_torch(module, (8,), verify=True)


class Products(nn.Module):
    def forward(self, x: torch.Tensor) -> Any:
        return x @ x


def test_products_that_are_none_are_seen_by_torchs_counter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """6 x 6 by 6 x 6 are 216 products. Read as element by element it has none of them."""
    assert "MACs 216: equal to torch's FlopCounterMode" in from_torch(Products(), (6, 6)).proofs
    names, _ = READERS["__matmul__" if "__matmul__" in READERS else "matmul"]
    for function in ("matmul", "__matmul__"):
        reader = (names, lambda r: r.emit("multiply", r["input"], r["other"], y=r.y))
        monkeypatch.setitem(READERS, function, reader)
    with pytest.raises(SpecError, match=r"multiplications: .*matmul.* has 216, the spec 0"):
        from_torch(Products(), (6, 6))


def test_what_is_made_of_weights_alone_is_no_arithmetic_of_a_sample() -> None:
    """The product of two weights is 4 * 4 * 4; only its product with the input is a layer's."""

    class Low(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = (nn.Parameter(torch.ones(4, 4)) for _ in range(2))

        def forward(self, x: torch.Tensor) -> Any:
            return functional.linear(x, self.left @ self.right)

    found = from_torch(Low(), (4,), verify=True)
    assert "MACs 16: equal to torch's FlopCounterMode" in found.proofs
    assert found.names["left"] == (WeightPlace("linear", "weight", is_made=True),)
    assert "parameters 32: equal to the model's" in found.proofs
    assert found.proven[-1].holds


def test_standardised_weights_are_a_convolution() -> None:
    """fvcore counts 5 for each of its 4 * 3 * 9 weights, which are no arithmetic of a sample."""

    class Standardised(nn.Conv2d):
        def forward(self, x: torch.Tensor) -> Any:
            weight = functional.batch_norm(
                self.weight.reshape(1, self.out_channels, -1), None, None, training=True
            ).reshape_as(self.weight)
            return functional.conv2d(x, weight, self.bias, self.stride, self.padding)

    found = from_torch(Standardised(3, 4, 3), (3, 6, 6), verify=True)
    assert "parameters 112: equal to the model's" in found.proofs
    (line,) = (proof.line for proof in found.proven if proof.subject == "operators")
    # 4 * 108: it has no weights of its own.
    assert line.endswith("without 432 of batch_norm on weights")
    assert "fvcore counts 432 of batch_norm more, on weights alone" in (found.spec.note or "")
    assert found.proven[-1].holds


def test_a_mean_is_no_pool_for_fvcore(monkeypatch: pytest.MonkeyPatch) -> None:
    """It computes the same, but fvcore counts a pool and not a mean."""
    module = nn.Sequential(nn.AdaptiveAvgPool2d((2, 2)), Small_mean())
    from_torch(module, (3, 6, 6), verify=True)
    misread(monkeypatch, "mean", lambda r: r.emit("global_avg_pool", r["input"]))
    with pytest.raises(SpecError, match="fvcore's operators: adaptive_avg_pool2d is 108 in the"):
        from_torch(module, (3, 6, 6), verify=True)


class Small_mean(nn.Module):  # noqa: N801
    def forward(self, x: torch.Tensor) -> Any:
        return x.mean((2, 3), keepdim=True)


def test_a_layer_that_has_the_weights_of_another_size_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A depthwise convolution that is read as a full one: 8*8*9+8 parameters for 8*9+8."""

    def full(r: Reading) -> int:
        held = [r.held(r["weight"]), r.held(r["bias"])]
        out, _, *kernel = r.layout(r["weight"]).dims
        padding, stride = ((r["padding"][0],) * 2,) * 2, tuple(r["stride"])
        return r.emit(
            "conv", r["input"], out_channels=out, kernel_size=tuple(kernel),
            stride=stride, padding=padding, dilation=(1, 1), held=held, y=r.y,
        )  # fmt: skip

    misread(monkeypatch, "conv2d", full)
    with pytest.raises(SpecError, match="depthwise has 80, depthwise of the spec 584"):
        from_torch(Small(), SHAPE)


def test_parameters_that_no_call_reads_are_said() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3))
    module.register_parameter("idle", nn.Parameter(torch.zeros(5)))
    auxiliary = nn.Identity()
    auxiliary.register_parameter("weight", nn.Parameter(torch.zeros(7, 7)))
    module.add_module("auxiliary", auxiliary)
    found = from_torch(module, (3, 8, 8), strict=True)
    assert found.unread == ("idle", "auxiliary.weight")
    said = "idle, auxiliary: 54 parameters that the forward pass doesn't read, not in the spec"
    assert f"# {said}\n" in found.text
    assert "parameters 112: equal to the model's that are read" in found.proofs


class Odd(nn.Module):
    """A function that nobody can tell between two layers, and one that reads a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 6), nn.Linear(6, 2)
        self.table = nn.Parameter(torch.ones(6))

    def forward(self, x: torch.Tensor) -> Any:
        x = torch.cummax(self.first(x), 1)[0]
        return self.last(torch.heaviside(x, self.table))


def test_what_is_opaque_is_said_and_every_other_layer_proven() -> None:
    found = from_torch(Odd(), (4,), verify=True)
    assert found.opaque == (OpaqueFunction("cummax", 1, 6), OpaqueFunction("heaviside", 1, 6))
    assert "# cummax is opaque: 1 layer, 6 elements, not counted\n" in found.text
    assert "parameters 44, and 6 that opaque functions read" in found.proofs
    assert found.proofs[-1].startswith("outputs not compared: some functions are opaque; every")
    assert found.unread == ()


class OpaqueProduct(nn.Module):
    """A product across the samples, of which one sample's spec can't know anything, beside one
    that torch's counter doesn't see on the processor."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.first(x)
        x = (x @ x.transpose(0, 1)).softmax(1) @ x
        rows = x[:, None, :, None]
        return functional.scaled_dot_product_attention(rows, rows, rows)


def test_products_of_what_is_opaque_are_said() -> None:
    """Of one sample x has 2 elements, and so have its product with itself and that with it."""
    found = from_torch(OpaqueProduct(), (4,), verify=True)
    assert found.opaque == (OpaqueFunction("matmul", 2, 3),)
    assert [proof.subject for proof in found.proven if proof.holds] == ["layers", "parameters"]
    (line,) = [proof.line for proof in found.proven if proof.subject == "operators"]
    assert line == "fvcore's products equal; but for 4 of products in opaque functions"


def test_strict_refuses_what_is_opaque() -> None:
    with pytest.raises(SpecError, match="cummax is opaque"):
        from_torch(Odd(), (4,), strict=True)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_layers_that_are_made_to_do_nothing_show_what_they_do(
    monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    """A branch whose last scale is 0 would hide all that stands in it; on meta there is nothing."""

    class Branch(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.scale = nn.Linear(8, 8), nn.Parameter(torch.zeros(8))

        def forward(self, x: torch.Tensor) -> Any:
            return x + self.scale * self.inner(x).relu()

    misread(monkeypatch, "relu", _relu_as_gelu)
    with torch.device(device):
        module = Branch()
    before = module.scale.clone()
    with pytest.raises(SpecError, match="they differ by"):
        from_torch(module, (8,), verify=True)
    assert torch.equal(module.scale, before) if device == "cpu" else module.scale.is_meta


def test_values_that_are_not_there_cannot_be_compared() -> None:
    class Table(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(8, 8)
            self.register_buffer("table", torch.arange(8.0))

        def forward(self, x: torch.Tensor) -> Any:
            return self.layer(x) * self.table

    with torch.device("meta"):
        module = Table()
    found = from_torch(module, (8,), verify=True)
    assert found.proven[-1].holds is None
    assert "the buffer table is on meta and has no values" in found.proofs[-1]
    assert from_torch(Table(), (8,), verify=True).proven[-1].holds


def test_tied_weights_are_one() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.outer = nn.Linear(8, 8), nn.Linear(8, 8)
            self.outer.weight = self.inner.weight

        def forward(self, x: torch.Tensor) -> Any:
            return functional.linear(self.inner(x).relu(), self.outer.weight)

    found = from_torch(Tied(), (8,), verify=True)
    assert "parameters 72: equal to the model's that are read" in found.proofs
    assert found.unread == ("outer.bias",)
    layers = [place.layer for place in found.names["inner.weight"]]
    assert layers == ["inner", "linear"]
    assert found.proven[-1].holds


@pytest.mark.parametrize("example", EXAMPLES, ids=repr)
def test_parameter_names_are_those_of_the_module(example: Example) -> None:
    """Those that tracing builds, but for the names of modules in it.

    Of a table that is made of other parameters it is the table itself.
    """
    if len(example.inputs) > 1:
        pytest.skip("reads several inputs")
    (module,) = build_module(Network(example.x, (example.node,)), TRACED)
    named = (*module.named_parameters(), *module.named_buffers())
    names = [name.split(".")[-1] for name, _ in named]
    hidden = {"num_batches_tracked", *(["parts"] if "values" in names else [])}
    last = [name for name in names if name not in hidden]
    assert [name.split(".")[-1] for name in parameter_names(example.op, example.x)] == last


def test_differences_are_relative_to_the_largest() -> None:
    """3 of 4 is 0.75; equal infinities don't differ, and another shape differs by everything."""
    theirs = torch.tensor([4.0, torch.inf, 1.0])
    assert difference(torch.tensor([1.0, torch.inf, 1.0]), theirs) == 0.75
    assert difference(torch.zeros(2), theirs) == float("inf")
    assert difference(torch.ones(2), torch.zeros(2)) == float("inf")
    assert steady_factor(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 2.0])) == 2.0


def test_every_output_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind the last layer is seen too, where it is read as nothing at all."""
    module = nn.Sequential(nn.Linear(4, 4), nn.Hardtanh(-0.1, 0.1))
    assert from_torch(module, (4,), verify=True).proven[-1].holds
    misread(monkeypatch, "hardtanh", lambda r: r.source(r["input"]))
    with pytest.raises(SpecError, match="outputs: they differ by"):
        from_torch(module, (4,), verify=True)


def test_what_is_written_over_in_place_is_compared_as_it_was() -> None:
    class InPlace(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(6, 6)

        def forward(self, x: torch.Tensor) -> Any:
            y = self.layer(x)
            z = y * 2
            y.relu_()
            y += x
            return y + z

    assert from_torch(InPlace(), (6,), verify=True).proven[-1].holds


def test_a_random_call_is_a_constant_of_its_pass() -> None:
    class Noisy(nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return x + torch.rand(4)

    assert from_torch(Noisy(), (4,), verify=True).proven[-1].holds


def test_the_module_is_left_as_it_was() -> None:
    module = Small().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    from_torch(module, SHAPE, verify=True)
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_fvcore_rounds_einsum() -> None:
    """Of 2 * 3 * 7 * 11 * 13 products over five axes it tells four digits."""

    class Sum(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> Any:
            return torch.einsum("nabcd,nabed->nabce", x, y)

    found = from_torch(Sum(), ((2, 3, 7, 13), (2, 3, 11, 13)), verify=True)
    (line,) = (proof.line for proof in found.proven if proof.subject == "operators")
    assert line == "fvcore's products equal; but for what it rounds of einsum"
    assert f"MACs {2 * 3 * 7 * 11 * 13:,}: equal to torch's FlopCounterMode" in found.proofs
    assert found.proven[-1].holds
