"""Whole networks as ONNX files: the same numbers as torch's, the same counts when read again."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from sepconv_cli.cli import run as run_command
from sepconv_cli.conventions import convention
from sepconv_cli.errors import UsageError
from sepconv_cli.export.onnx_model import onnx_model
from sepconv_cli.export.weights import zero_weights
from sepconv_cli.importing.onnx_file import from_onnx, recorded_from_onnx
from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.read import loads
from sepconv_cli.network import Network
from tests.export.test_onnx_conformance import run
from tests.export.weights_of import filled, weights_of
from tests.importing.onnx_models import multiplications, parameters

TIED = """
name: tied
input: [4]
layers:
  - embedding: {num_embeddings: 9, embedding_dim: 6}
    name: words
  - permute: {axes: [1, 0]}
  - linear: {out_features: 6, in_features: 6}
    name: first
  - linear: {out_features: 6, in_features: 6}
    weights: first
"""
SEVERAL = """
name: several outputs
input: [3, 8, 8]
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1}
    name: low
  - relu
  - conv: {out_channels: 5, kernel_size: 1, stride: 2}
    name: high
outputs: [high, low]
"""
QUERIES = """
name: queries
input: [6, 5]
layers:
  - learned: {shape: [6, 2]}
    name: queries
  - concat: {axis: 1}
    from: [input, queries]
"""


def only(path: str, variant: str) -> Network:
    (case,) = cases(load(path), variants=(variant,))
    return case.network


@pytest.mark.parametrize(
    ("spec", "variant"),
    [
        ("zoo:mobilenet_v3_small", "standard"),
        ("zoo:mobilenet_v2", "blueprint_s"),
        ("zoo:qanet_encoder", "depthwise_separable"),
        ("zoo:bsrn", "standard"),
    ],
)
def test_a_network_of_the_zoo(spec: str, variant: str, tmp_path: Path) -> None:
    network = only(spec, variant)
    module = filled(network)
    model = onnx_model(network, weights=weights_of(network, module))
    x = np.random.default_rng(1).normal(size=(1, *network.input.axes)).astype(np.float32)
    wanted = module(torch.from_numpy(x)).numpy()
    (found,) = run(model, x)
    assert np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max()
    file = tmp_path / "network.onnx"
    onnx.save(model, file)
    read = recorded_from_onnx(file)
    assert parameters(read) == sum(node.own_parameters for node in network.nodes)
    assert multiplications(read) == sum(
        work.amount
        for node in network.nodes
        for work in node.op.work_on(node.inputs, node.y)
        if (work.kind, work.role) == ("multiply_add", "kernel")
    )


def test_an_even_neighbourhood_has_the_odd_channel_before() -> None:
    """As in torch; the operator of ONNX has it behind."""
    text = "name: a\ninput: [5, 3]\nlayers:\n  - local_response_norm: {size: 4, alpha: 2}\n"
    x = np.random.default_rng(1).normal(size=(2, 5, 3)).astype(np.float32)
    (found,) = run(onnx_model(lower(loads(text)), batch=2), x)
    wanted = torch.nn.LocalResponseNorm(4, alpha=2)(torch.from_numpy(x)).numpy()
    assert np.allclose(found, wanted, atol=1e-5)


def test_shared_parameters_are_one_initialiser_and_read_as_such(tmp_path: Path) -> None:
    """Two linear layers of 6 x 6 + 6 with the same weights, a table of 9 x 6, and nothing else.

    That is 42 + 54 parameters, and 2 x 4 x 36 products for four indices.
    """
    model = onnx_model(lower(loads(TIED)))
    held = {each.name: tuple(each.dims) for each in model.graph.initializer}
    assert held == {"words.weight": (9, 6), "first.weight": (6, 6), "first.bias": (6,)}
    file = tmp_path / "tied.onnx"
    onnx.save(model, file)
    nodes = lower(from_onnx(file).spec).nodes
    assert sum(node.own_parameters for node in nodes) == 96
    macs = convention("macs")
    assert sum(macs.count(node) or 0 for node in nodes) == 288


def test_indices_are_whole_numbers_and_choose_vectors() -> None:
    network = lower(loads(TIED))
    model = onnx_model(network, batch=None)
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.INT64
    (found,) = run(model, np.array([[0, 3, 3, 8]], np.float32))
    assert np.array_equal(found[0, 1], found[0, 2])
    assert not np.allclose(found[0, 0], found[0, 1])


def test_several_outputs_one_of_them_in_the_middle() -> None:
    high, low = run(onnx_model(lower(loads(SEVERAL))), np.ones((1, 3, 8, 8), np.float32))
    assert (high.shape, low.shape) == ((1, 5, 4, 4), (1, 4, 8, 8))


@pytest.mark.parametrize("batch", [2, None])
def test_what_is_learned_stands_once_for_every_sample(batch: int | None) -> None:
    (found,) = run(onnx_model(lower(loads(QUERIES)), batch=batch), np.ones((2, 6, 5), np.float32))
    assert found.shape == (2, 6, 7)
    assert np.array_equal(found[0, :, 5:], found[1, :, 5:])


def test_zeros_are_zeros() -> None:
    model = onnx_model(only("zoo:mobilenet_v3_small", "standard"), weights=zero_weights)
    values = {
        each.name.rpartition(".")[2]: set(np.unique(onnx.numpy_helper.to_array(each)))
        for each in model.graph.initializer
    }
    assert values == {"weight": {0}, "bias": {0}, "running_mean": {0}, "running_var": {1}}


def test_random_weights_are_the_same_each_time_and_keep_their_size() -> None:
    network = only("zoo:mobilenet_v2", "standard")
    models = [onnx_model(network) for _ in range(2)]
    assert models[0] == models[1]
    x = np.random.default_rng(1).normal(size=(1, 3, 224, 224)).astype(np.float32)
    (found,) = run(models[0], x)
    assert 1e-3 < np.abs(found).max() < 1e3


def test_opaque_layers_are_named() -> None:
    text = "name: a\ninput: [3, 4]\nlayers:\n  - opaque: {function: nms, shape: [2]}\n    name: o\n"
    with pytest.raises(UsageError, match=r"nothing for 1 layer: o \(nms\)"):
        onnx_model(lower(loads(text)))


@pytest.mark.parametrize("batch", [4, None])
def test_files_with_other_batches_are_read_again(batch: int | None, tmp_path: Path) -> None:
    network = only("zoo:mobilenet_v3_small", "standard")
    file = tmp_path / "network.onnx"
    onnx.save(onnx_model(network, batch=batch), file)
    read = recorded_from_onnx(file)
    assert read.input == network.input
    assert parameters(read) == sum(node.own_parameters for node in network.nodes)


def test_weights_of_a_large_model_lie_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large is here what is over 1,000 bytes; the zoo's reference layer has 73,728 weights."""
    monkeypatch.setattr("sepconv_cli.export.targets.onnx._LARGEST", 1000)
    file = tmp_path / "net.onnx"
    assert run_command(["export", "zoo:reference_layer", "-o", str(file)]) == 0
    assert file.stat().st_size < 1000
    assert (tmp_path / "net.onnx.data").stat().st_size >= 4 * 73_728
    ready = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (found,) = ready.run(None, {"input": np.ones((1, 64, 32, 32), np.float32)})
    assert found.shape == (1, 128, 32, 32)
    assert parameters(recorded_from_onnx(file)) == 73_728


@pytest.mark.parametrize("opset", [18, 19, 20, 21, 22])
def test_newer_operators(opset: int) -> None:
    """A circle of padding, norms, resizing and reductions changed in between."""
    network = only("zoo:bsrn", "standard")
    x = np.random.default_rng(1).normal(size=(1, *network.input.axes)).astype(np.float32)
    (wanted,), (found,) = run(onnx_model(network), x), run(onnx_model(network, opset=opset), x)
    assert np.allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "net.pb"], "can't be written as .pb"),
        (["-o", "net.onnx", "--batch", "many"], "--batch many"),
        (["-o", "net.onnx", "--opset", "9"], "--opset 9"),
        (["-o", "no/net.onnx"], "can't be written"),
        (["-o", "net.onnx", "--set", "width=1,2"], "one value"),
    ],
)
def test_wrong_use(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(["export", "zoo:mobilenet_v1", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("error: ")


def test_the_command_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.onnx"
    code = run_command(
        [
            "export",
            "zoo:mobilenet_v1",
            "--variant",
            "blueprint_u",
            "-o",
            str(file),
            "--batch",
            "any",
        ]
    )
    assert code == 0
    assert str(file) in capsys.readouterr().err
    # 4,230,984 as in the README's first table.
    assert parameters(recorded_from_onnx(file)) == 4_230_984
