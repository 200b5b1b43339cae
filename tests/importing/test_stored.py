"""Parameters of an ONNX file: each layer is held to the tensors that it reads."""

from pathlib import Path

import pytest
from onnx import helper

from sepconv_cli import UsageError, from_onnx
from sepconv_cli.importing.proofs.proof import Counterpart
from sepconv_cli.importing.proofs.stored import prove_stored
from sepconv_cli.importing.steps import Held, Recorded, Step
from sepconv_cli.importing.tape import Weight
from sepconv_cli.network import Network, Node, Op, Tensor
from sepconv_cli.ops.linear import Linear
from tests.importing.onnx_models import model, saved, weight

CONV = helper.make_node("Conv", ["x", "w"], ["y"], name="conv")


def test_a_batch_norm_has_its_two_and_not_its_statistics(tmp_path: Path) -> None:
    """An exporter stores equal tensors once: here one of 3 is all four of a batch norm."""
    node = helper.make_node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y"], name="norm")
    found = from_onnx(saved(model([node], [1, 3, 4, 4], {"s": weight(3) ** 2}), tmp_path))
    assert found.proofs[1] == "parameters 6: equal to the file's, layer by layer"


def test_what_nothing_reads_is_said(tmp_path: Path) -> None:
    weights = {"w": weight(4, 3, 3, 3), "idle": weight(5, 7)}
    found = from_onnx(saved(model([CONV], [1, 3, 6, 6], weights), tmp_path))
    assert found.unread == ("idle",)
    assert "# idle: 35 parameters that the forward pass doesn't read" in found.text


def test_a_file_says_who_wrote_it(tmp_path: Path) -> None:
    made = model([CONV], [1, 3, 6, 6], {"w": weight(4, 3, 3, 3)}, opset=17)
    made.producer_name, made.producer_version = "two\nlines", "1.2"
    first = from_onnx(saved(made, tmp_path)).text.splitlines()[0]
    assert first.startswith("# imported from model.onnx, two?lines 1.2, opset 17, input 3x6x6, ")


def counterpart(op: Op, held: tuple[Held, ...]) -> Counterpart:
    """A layer of 3 inputs beside itself."""
    x = Tensor(3)
    node = Node("layer", "layer", op, x, op.output_shape(x))
    step = Step(op, (), (), (-1,), node.y, held)
    return Counterpart(Recorded("model", x, (step,), (0,)), Network(x, (node,)), (0,))


def test_a_layer_that_reads_a_tensor_of_another_size_is_refused() -> None:
    """Its 3 * 4, and not 2 * 4."""
    op = Linear(out_features=4, bias=False)
    found = counterpart(op, (Held(("w",), "w"),))
    assert prove_stored(found, [Weight("w", (4, 3), True)]).holds
    with pytest.raises(UsageError, match=r"layer of the spec has 12, .* 8"):
        prove_stored(found, [Weight("w", (4, 2), True)])


def test_a_layer_whose_tensors_nobody_knows_is_not_proven() -> None:
    op = Linear(out_features=4, bias=False)
    found = prove_stored(counterpart(op, ()), [])
    assert found.holds is None
    assert found.line == "parameters 12, some of them of unknown origin: in layer"
