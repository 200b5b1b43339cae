"""Times of a small network, worked out by hand."""

from pathlib import Path

import pytest

from sepconv_cli import UsageError, compare, loads
from sepconv_cli.latency.device import devices
from sepconv_cli.latency.work import Workload, workloads
from sepconv_cli.lowering.lower import lower
from tests.examples import EXAMPLES, Example
from tests.latency.by_hand import CONV, LINEAR, NET, NUMBERS, RELU, write_profile


def test_milliseconds_of_each_node(tmp_path: Path) -> None:
    (device,) = devices([str(write_profile(tmp_path))])
    conv, relu, flatten, linear = device.milliseconds(lower(loads(NET)))
    assert conv == pytest.approx(CONV * 1e-6)
    assert relu == pytest.approx(RELU * 1e-6)
    assert flatten == 0
    assert linear == pytest.approx(LINEAR * 1e-6)


def test_a_batch_reads_its_weights_once(tmp_path: Path) -> None:
    """Of four samples: arithmetic 4 x 576, memory 4 x 567 + 9."""
    (device,) = devices([str(write_profile(tmp_path))], 4)
    conv, relu, _, _ = device.milliseconds(lower(loads(NET)))
    assert conv == pytest.approx(((2304**4 + 2277**4) ** 0.25 + 100) * 1e-6)
    assert relu == pytest.approx((4 * 64 + 100) * 1e-6)


def test_what_holds_a_layer(tmp_path: Path) -> None:
    """relu: 64 of memory and 100 of overhead. At 4 samples 256 of memory, and a conv's arithmetic
    is 2304 against 2277 of memory."""
    spec, path = loads(NET), str(write_profile(tmp_path))
    (one,) = compare(spec, variants=["standard"], device=path, per_layer=True).rows
    (four,) = compare(spec, variants=["standard"], device=path, batch=4, per_layer=True).rows
    assert [layer.held_by["latency"] for layer in one.layers][1:3] == ["overhead", None]
    assert [layer.held_by["latency"] for layer in four.layers][:2] == ["arithmetic", "memory"]


def test_separable_convolutions_have_kinds_of_their_own(tmp_path: Path) -> None:
    """1 channel of 4 x 4 is depthwise only where there are two or more: here 2 -> 4.

    Depthwise: 288 multiply-adds and 64 elements and 18 weights at 1, no factors for channels:
    (288^4 + 82^4)^(1/4). Pointwise: 128 multiply-adds, (1 + 16 / 2) x (1 + 2 / 4) = 13.5 times;
    96 elements and 8 weights at 1."""
    text = """
input: [2, 4, 4]
layers:
  - conv: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}
"""
    (row,) = compare(
        loads(text),
        variants=["depthwise_separable"],
        device=str(write_profile(tmp_path)),
        per_layer=True,
    ).rows
    depthwise, pointwise = row.layers[0].parts
    assert depthwise["latency"] == pytest.approx(((288**4 + 82**4) ** 0.25 + 100) * 1e-6)
    assert pointwise["latency"] == pytest.approx(((1728**4 + 104**4) ** 0.25 + 100) * 1e-6)


def test_a_reshape_copies_only_what_was_rearranged(tmp_path: Path) -> None:
    """2 x 3 x 4 turned round has to be copied to be flat: 48 elements at 1."""
    (device,) = devices([str(write_profile(tmp_path))])
    text = """
input: [2, 3, 4]
layers:
  - permute: {axes: [1, 2, 0]}
  - reshape: {shape: [24]}
  - reshape: {shape: [24]}
"""
    assert device.milliseconds(lower(loads(text))) == pytest.approx([0, 148e-6, 0])


def test_merges_read_all_of_their_inputs(tmp_path: Path) -> None:
    """Three times 16 elements at 1."""
    (device,) = devices([str(write_profile(tmp_path))])
    text = "{input: [1, 4, 4], layers: [{residual: [relu]}]}"
    assert device.milliseconds(lower(loads(text)))[-1] == pytest.approx(148e-6)


def test_what_cant_be_told_is_left_out_and_never_nothing(tmp_path: Path) -> None:
    (device,) = devices([str(write_profile(tmp_path))])
    text = "{input: [5, 4], layers: [{lstm: {hidden_size: 3}}, relu]}"
    assert device.milliseconds(lower(loads(text))) == [None, pytest.approx(160e-6)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.op.name)
def test_no_op_multiplies_matrices_unseen(example: Example) -> None:
    """An op with multiply-adds of a kernel has a reading, or a reason why it has none."""
    network = example.network()
    node = network.nodes[-1]
    works = workloads(network)[-1]
    kernel = [each for each in node.op.work_on(node.inputs, node.y) if each.role == "kernel"]
    multiplied = 0 if isinstance(works, str) else sum(work.macs for work in works)
    assert isinstance(works, str) or multiplied == sum(each.amount for each in kernel)


def test_attention_is_timed_with_its_four_projections(tmp_path: Path) -> None:
    """8 channels of 4 positions, 2 heads.

    Each projection is a linear layer: 256 multiply-adds, (1 + 16 / 8) x (1 + 2 / 8) = 3.75 times;
    64 elements at 16 / 3 and 72 weights at 1. Attention: 256 multiply-adds, of which the 4 channels
    of a head and 4 positions make (1 + 16 / 4) x (1 + 2 / 4) = 7.5 times; 128 elements at 16 / 3.
    """
    (device,) = devices([str(write_profile(tmp_path))])
    text = "{input: [8, 4], layers: [{multi_head_attention: {num_heads: 2}}]}"
    projection = (960**4 + (64 * 16 / 3 + 72) ** 4) ** 0.25 + 100
    attention = (1920**4 + (128 * 16 / 3) ** 4) ** 0.25 + 100
    (found,) = device.milliseconds(lower(loads(text)))
    assert found == pytest.approx((4 * projection + attention) * 1e-6)


def test_a_device_is_given_once(tmp_path: Path) -> None:
    path = str(write_profile(tmp_path))
    with pytest.raises(UsageError, match="the device slow is given twice"):
        devices([path, path])


def test_a_batch_needs_a_device_and_a_sample(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a batch is for a device"):
        compare(loads(NET), batch=4)
    with pytest.raises(UsageError, match="one sample at least, not 0"):
        compare(loads(NET), device=str(write_profile(tmp_path)), batch=0)


def works(layers: str, channels: int) -> list[object]:
    text = f"{{input: [{channels}, 9, 9], layers: [{layers}]}}"
    return [work for found in workloads(lower(loads(text))) for work in found]


@pytest.mark.parametrize(
    ("channels", "conv", "uneven"),
    [
        (16, "out_channels: 24, kernel_size: 3", 0),
        (16, "out_channels: 20, kernel_size: 3", 1),
        (3, "out_channels: 16, kernel_size: 1", 1),
        # Groups as wide as 8 and as 12.
        (16, "out_channels: 16, kernel_size: 3, groups: 2", 0),
        (24, "out_channels: 24, kernel_size: 3, groups: 2", 1),
        # Depthwise, whatever the number of channels.
        (6, "out_channels: 6, kernel_size: 5, groups: 6", 0),
        (6, "out_channels: 6, kernel_size: 9, groups: 6", 1),
        (6, "out_channels: 6, kernel_size: [1, 7], groups: 6", 1),
    ],
)
def test_what_does_not_fit_the_tiles(channels: int, conv: str, uneven: int) -> None:
    (work,) = works(f"conv: {{{conv}}}", channels)
    assert isinstance(work, Workload)
    assert work.uneven == uneven


def test_curves_are_a_kind_of_their_own() -> None:
    """There is an exponential in a sigmoid; a relu compares, hard_swish multiplies and divides."""
    found = works("sigmoid, gelu, silu, relu, hard_swish, relu6", 4)
    kinds = [work.kind for work in found if isinstance(work, Workload)]
    assert kinds == ["curve"] * 3 + ["elementwise"] * 3


def test_filling_overhead_of_products_and_few_positions(tmp_path: Path) -> None:
    """The linear layer: 32 multiply-adds, and 32 weights x 3 positions more, 4 x as much for its
    axes: 512; 128 of memory. 100 of overhead and 50 more for a product.

    The conv: 144, with 9 weights x 3, x 4 for its axes, and half as much again since one channel is
    no eight: 1026 against 576."""
    changes = {"extra.point": 3.0, "extra.dense": 3.0, "uneven.dense": 0.5}
    numbers = {**NUMBERS, **changes, "overhead.product": 50e-9}
    (device,) = devices([str(write_profile(tmp_path, coefficients=numbers))])
    conv, relu, _, linear = device.milliseconds(lower(loads(NET)))
    assert conv == pytest.approx(((1026**4 + 576**4) ** 0.25 + 150) * 1e-6)
    assert relu == pytest.approx(RELU * 1e-6)
    assert linear == pytest.approx(((512**4 + 128**4) ** 0.25 + 150) * 1e-6)
