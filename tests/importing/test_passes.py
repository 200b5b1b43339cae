"""What a module runs on and where: examples, several inputs and outputs, devices, wrappers."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn

from sepconv_cli import UsageError, compare, from_torch
from sepconv_cli.importing.imported import Imported
from sepconv_cli.importing.passes.modules import on_device
from sepconv_cli.lowering.lower import lower


def held_to_torch(found: Imported, module: nn.Module, *inputs: Any) -> None:
    """Parameters as torch counts them, multiplications as fvcore on the module as it was written.

    Nothing is opaque, and both engines agree.
    """
    assert found.opaque == ()
    (row,) = compare(found.spec, variants=["standard"]).rows
    assert row.agrees
    assert row["parameters"] == sum(parameter.numel() for parameter in module.parameters())
    with torch.no_grad():
        counts = FlopCountAnalysis(module.eval(), inputs).by_operator()
    assert row["macs"] == sum(counts[name] for name in ("conv", "linear", "matmul"))


class Words(nn.Module):
    """Indices of words, their kinds and a mask by name, as language models read them."""

    def __init__(self) -> None:
        super().__init__()
        self.word, self.kind = nn.Embedding(20, 6), nn.Embedding(2, 6)
        self.position = nn.Embedding(16, 6)
        self.out = nn.Linear(6, 5)

    def forward(self, ids: torch.Tensor, kinds: torch.Tensor, mask: Any = None) -> Any:
        x = self.word(ids) + self.kind(kinds)
        if mask is not None:
            x = x * mask.unsqueeze(-1)
        return self.out(x)


IDS = torch.tensor([[3, 1, 4, 1, 5]])
KINDS = torch.tensor([[0, 0, 1, 1, 1]])


class Distance(nn.Module):
    """Two images through one convolution each."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> Any:
        return self.left(a) - self.right(b)


class Tail(nn.Module):
    """One convolution whose output is handed out as something else makes of it."""

    def __init__(self, pack: Any) -> None:
        super().__init__()
        self.conv, self.pack = nn.Conv2d(3, 4, 3), pack

    def forward(self, x: torch.Tensor) -> Any:
        return self.pack(self.conv(x))


@dataclass
class Output:
    logits: torch.Tensor
    loss: torch.Tensor | None = None


class Named(NamedTuple):
    logits: torch.Tensor
    length: int


class OwnDict(dict[str, Any]):
    pass


def test_shapes_stand_for_tensors_of_one_sample() -> None:
    module = Distance()
    image = torch.zeros(1, 3, 8, 8)
    found = from_torch(module, ((3, 8, 8), (3, 8, 8)))
    held_to_torch(found, module, image, image)
    assert found.to_yaml().count("further_input: {shape: [3, 8, 8]}") == 1
    assert from_torch(module, [[3, 8, 8], [3, 8, 8]]).to_yaml() == found.to_yaml()


@pytest.mark.parametrize(
    "example",
    [
        (torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)),
        # The first of several samples.
        (torch.zeros(5, 3, 8, 8), torch.zeros(5, 3, 8, 8)),
        {"b": (3, 8, 8), "a": torch.zeros(1, 3, 8, 8)},
        (torch.zeros(1, 3, 8, 8), {"b": (3, 8, 8)}),
    ],
    ids=["tuple", "batch", "named", "both"],
)
def test_an_example_says_the_same(example: Any) -> None:
    module = Distance()
    image = torch.zeros(1, 3, 8, 8)
    held_to_torch(from_torch(module, example), module, image, image)


def test_indices_need_an_example() -> None:
    """Without a tensor of other numbers the indices are the spec's input."""
    module = Words()
    del module.position
    found = from_torch(module, (IDS, KINDS))
    held_to_torch(found, module, IDS, KINDS)
    assert "input: [5]" in found.to_yaml()


def test_the_first_input_that_holds_no_indices_is_the_specs() -> None:
    module = Words()
    del module.position
    found = from_torch(module, {"ids": IDS, "kinds": KINDS, "mask": torch.ones(1, 5)})
    held_to_torch(found, module, IDS, KINDS, torch.ones(1, 5))
    ops = [node.op.name for node in lower(found.spec).nodes]
    assert ops.count("further_input") == 2


def test_a_tensor_without_the_batchs_length_is_handed_on_as_it_is() -> None:
    class Masked(nn.Module):
        def forward(self, x: torch.Tensor, mask: torch.Tensor, scale: float) -> Any:
            return (x + mask) * scale

    found = from_torch(Masked(), (torch.zeros(1, 4, 4), torch.zeros(4, 4), 0.5))
    assert found.opaque == ()
    assert "further_input: {shape: [4, 4]}" in found.to_yaml()


@pytest.mark.parametrize(
    "pack",
    [
        lambda x: {"out": x, "scale": 2},
        lambda x: [x, None],
        lambda x: Output(x),
        lambda x: Named(x, 3),
        lambda x: OwnDict(out=x),
        lambda x: {"deep": [(Output(x),)]},
    ],
    ids=["dict", "list", "dataclass", "named tuple", "own dict", "nested"],
)
def test_outputs_are_found_in_what_a_model_hands_out(pack: Any) -> None:
    found = from_torch(Tail(pack), (3, 8, 8))
    (row,) = compare(found.spec, variants=["standard"]).rows
    # 4 x 3 x 3 x 3 weights, at 6 x 6 positions.
    assert row["macs"] == 4 * 27 * 36


def test_a_model_that_hands_out_nothing_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="hands out no tensor that depends on its input"):
        from_torch(Tail(lambda x: x.shape), (3, 8, 8))


class Choosy(nn.Module):
    """Its way depends on a value."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.inner = nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.inner(self.norm(x))
        return x.relu() if x.sum() > 1e9 else x


def test_values_are_needed_where_control_flow_depends_on_them() -> None:
    module = Choosy().to("meta")
    with pytest.raises(UsageError, match="depends on values, and has none on the meta device") as e:
        from_torch(module, (3, 8, 8))
    assert "--device cpu" in str(e.value)
    found = from_torch(module, (3, 8, 8), device="cpu")
    # 3 factors, 3 summands; 4 x 27 weights, 4 biases.
    assert found.opaque == ()
    (row,) = compare(found.spec, variants=["standard"]).rows
    assert row["parameters"] == 6 + 4 * 27 + 4
    # What was given stays where it was.
    assert module.inner.weight.is_meta


def test_values_that_are_there_are_used() -> None:
    """Where the sum is above one, there is a relu."""
    module = Choosy()
    assert module.inner.bias is not None
    nn.init.constant_(module.inner.bias, 1e9)
    assert "relu" in from_torch(module, (3, 8, 8)).to_yaml()
    nn.init.constant_(module.inner.bias, -1e9)
    assert "relu" not in from_torch(module, (3, 8, 8)).to_yaml()


def test_tensors_that_modules_share_stay_one_on_another_device() -> None:
    with torch.device("meta"):
        module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    module[1].weight = module[0].weight
    moved: Any = on_device(module, "cpu")
    assert moved[1].weight is moved[0].weight
    assert moved[0].weight.device.type == "cpu"
    assert on_device(moved, "cpu") is moved


def test_an_unknown_device_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="abacus is no device of torch"):
        from_torch(nn.ReLU(), (3,), device="abacus")


def test_what_stands_around_a_module_is_taken_off() -> None:
    module = Distance()
    text = from_torch(module, ((3, 8, 8), (3, 8, 8))).to_yaml()
    for wrapped in (nn.DataParallel(module), torch.compile(module)):
        assert from_torch(wrapped, ((3, 8, 8), (3, 8, 8))).to_yaml() == text


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Conv2d, "Conv2d is a class"),
        (lambda x: x, "function is no torch.nn.Module"),
        (torch.jit.script(nn.ReLU()), "RecursiveScriptModule is a script"),
        (nn.Sequential(torch.jit.script(nn.ReLU())), "0 of Sequential is a script"),
    ],
    ids=["class", "function", "script", "script inside"],
)
def test_what_is_no_module_that_can_be_seen_through_is_wrong_use(module: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_torch(module, (3, 8, 8))


def test_a_module_that_raises_is_named() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.ReLU(), nn.Linear(5, 6)))
    with pytest.raises(UsageError, match=r"Sequential can't run on .*\[3, 8, 8\].* in 1\.1$"):
        from_torch(module, (3, 8, 8))


def test_a_module_is_left_in_the_modes_that_it_was_in() -> None:
    module = nn.Sequential(nn.BatchNorm2d(3), nn.Dropout()).train()
    module[0].eval()
    from_torch(module, (3, 4, 4))
    assert [module.training, module[0].training, module[1].training] == [True, False, True]


@pytest.mark.parametrize("example", [None, (), "ab", 3, {}])
def test_an_input_that_is_no_tensor_is_wrong_use(example: Any) -> None:
    with pytest.raises(UsageError, match="a model needs an input that is a tensor"):
        from_torch(nn.ReLU(), example)


def test_an_example_without_a_sample_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="the example has no sample"):
        from_torch(nn.ReLU(), torch.zeros(0, 3))
