"""Branches: residual, parallel, from and when, counted by hand and by both engines."""

import pytest

from sepconv_cli import SpecError, compare, loads
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Network

CONV = "conv: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}"


def network(layers: str, head: str = "input: [4, 8, 8]\n") -> Network:
    text = f"{head}layers:\n{layers}"
    comparison = compare(loads(text), variants=["standard", "blueprint_u"], engine="both")
    assert not comparison.disagreements
    return lower(loads(text))


def wires(net: Network) -> list[tuple[str, tuple[int, ...], str]]:
    return [(node.name, node.reads(i), str(node.y)) for i, node in enumerate(net.nodes)]


def test_residual_adds_its_input() -> None:
    assert wires(network(f"  - relu\n  - residual: [{CONV}, batch_norm]\n")) == [
        ("relu", (-1,), "4x8x8"),
        ("residual.conv", (0,), "4x8x8"),
        ("residual.batch_norm", (1,), "4x8x8"),
        ("residual.add", (2, 0), "4x8x8"),
    ]


def test_residual_with_a_projection() -> None:
    net = network(
        "  - residual:\n"
        "      layers: [conv: {out_channels: 6, kernel_size: 3, stride: 2, padding: 1}]\n"
        "      shortcut: [conv: {out_channels: 6, kernel_size: 1, stride: 2}]\n"
    )
    assert wires(net) == [
        ("residual.conv", (-1,), "6x4x4"),
        ("residual.shortcut.conv", (-1,), "6x4x4"),
        ("residual.add", (0, 1), "6x4x4"),
    ]


@pytest.mark.parametrize(("stride", "added"), [(1, True), (2, False)])
def test_residual_only_where_shapes_match(stride: int, added: bool) -> None:
    net = network(
        "  - residual:\n"
        f"      layers: [max_pool: {{kernel_size: 1, stride: {stride}}}]\n"
        "      shortcut: matching\n"
    )
    assert [node.op.name for node in net.nodes] == ["max_pool", "add"][: 1 + added]


def test_squeeze_and_excitation() -> None:
    """The product is of 4 x 8 x 8 numbers; the excitation has 4*2+2 + 2*4+4 parameters."""
    net = network(
        "  - parallel:\n"
        "      branches:\n"
        "        - [identity]\n"
        "        - [global_avg_pool, conv: {out_channels: 2, kernel_size: 1}, relu,\n"
        "           conv: {out_channels: 4, kernel_size: 1}, sigmoid]\n"
        "      merge: multiply\n"
    )
    last = net.nodes[-1]
    assert last.name == "parallel.multiply"
    assert [str(x) for x in last.inputs] == ["4x8x8", "4x1x1"]
    assert [(w.kind, w.role, w.amount) for w in last.op.work_on(last.inputs, last.y)] == [
        ("multiply", "merge", 4 * 8 * 8)
    ]
    assert sum(node.op.parameters(node.x) for node in net.nodes) == 10 + 12


def test_concat_puts_channels_side_by_side() -> None:
    net = network(
        "  - parallel:\n"
        f"      branches: [[identity], [{CONV}], [conv: {{out_channels: 3, kernel_size: 1}}]]\n"
        "      merge: concat\n"
    )
    assert str(net.nodes[-1].y) == "11x8x8"


def test_from_reads_an_earlier_layer() -> None:
    """A U: down and up again, and a skip across."""
    net = network(
        f"  - {{{CONV}, name: enc}}\n"
        "  - max_pool: {kernel_size: 2}\n"
        f"  - {{{CONV}, name: deep}}\n"
        "  - {max_pool: {kernel_size: 2}, from: enc, name: again}\n"
        "  - {add: , from: [again, deep, max_pool]}\n"
    )
    assert wires(net)[3:] == [("again", (0,), "4x4x4"), ("add", (3, 2, 1), "4x4x4")]


def test_from_looks_in_its_own_list_first() -> None:
    net = network(
        "  - {relu: , name: a}\n"
        "  - layers:\n"
        "      - {max_pool: {kernel_size: 1}, name: a}\n"
        "      - {concat: , from: [a, a]}\n"
        "  - {concat: , from: [a, layers]}\n"
    )
    assert [reads for _, reads, _ in wires(net)] == [(-1,), (0,), (1, 1), (0, 2)]


def test_a_skip_follows_a_rewritten_convolution() -> None:
    """blueprint_u makes two nodes of one; what read the convolution reads the second."""
    text = (
        "input: [4, 8, 8]\nlayers:\n"
        f"  - {{{CONV}, name: enc}}\n  - {{{CONV}, name: mid}}\n  - {{add: , from: [enc, mid]}}\n"
    )
    (row,) = compare(loads(text), variants=["blueprint_u"], engine="both", per_layer=True).rows
    assert row.agrees
    assert row["parameters"] == 2 * (4 * 4 + 4 * 9)


@pytest.mark.parametrize(("channels", "projected"), [(4, False), (6, True)])
def test_when_leaves_a_layer_out(channels: int, projected: bool) -> None:
    """A unit that projects only where the channels change."""
    net = network(
        "  - unit: {channels: CHANNELS}\n".replace("CHANNELS", str(channels)),
        "input: [4, 8, 8]\n"
        "blocks:\n"
        "  unit:\n"
        "    parameters: {channels: required}\n"
        "    layers:\n"
        "      - residual:\n"
        "          layers: [conv: {out_channels: channels, kernel_size: 3, padding: 1}]\n"
        "          shortcut:\n"
        "            - conv: {out_channels: channels, kernel_size: 1}\n"
        "              when: in_channels != channels\n",
    )
    names = [node.name for node in net.nodes]
    assert ("unit.residual.shortcut.conv" in names) == projected


@pytest.mark.parametrize(
    ("layers", "problem"),
    [
        pytest.param(
            "  - residual: [conv: {out_channels: 5, kernel_size: 3}]\n",
            "3:5: the layers of this residual make 5x6x6, but the shortcut hands on 4x8x8",
            id="a residual that changes the shape",
        ),
        pytest.param(
            "  - parallel: {branches: [[relu], [flatten]], merge: add}\n",
            "3:5: add can't join 4x8x8 and 256",
            id="shapes that don't add",
        ),
        pytest.param(
            "  - parallel: {branches: [[relu], [max_pool: {kernel_size: 2}]], merge: concat}\n",
            "3:5: concat can't join 4x8x8 and 4x4x4",
            id="sizes that don't concat",
        ),
        pytest.param(
            "  - {relu: , name: enc}\n  - {add: , from: [enc, encc]}\n",
            "4:25: no layer before this one is called encc",
            id="an unknown from",
        ),
        pytest.param(
            "  - {relu: , from: later}\n  - {relu: , name: later}\n",
            "3:20: no layer before this one is called later",
            id="a from that looks ahead",
        ),
        pytest.param(
            "  - {relu: , name: a}\n  - {conv: {out_channels: 2, kernel_size: 1}, from: [a, a]}\n",
            "4:6: conv reads one input, but 4x8x8 and 4x8x8 arrive",
            id="an op of one input given two",
        ),
        pytest.param("  - add\n", "3:5: add needs two inputs or more", id="add of one"),
        pytest.param(
            "  - parallel: {branches: [[relu]], merge: add}\n",
            "3:26: parallel needs two branches or more",
            id="one branch",
        ),
        pytest.param(
            "  - parallel: {branches: [[relu], [relu]], merge: sum}\n",
            "3:51: expected add or concat or multiply, not sum",
            id="an unknown merge",
        ),
        pytest.param(
            "  - residual: {layers: [relu], shortcut: none}\n",
            "3:42: expected identity or matching, not none",
            id="an unknown shortcut",
        ),
        pytest.param(
            "  - {relu: , when: 3}\n",
            "3:20: when: expected true or false, not 3",
            id="a condition that is no truth",
        ),
    ],
)
def test_wrong_wiring(layers: str, problem: str) -> None:
    with pytest.raises(SpecError) as error:
        lower(loads(f"input: [4, 8, 8]\nlayers:\n{layers}"))
    assert str(error.value).splitlines()[0] == f"<text>:{problem}"


def test_in_size_is_a_number_on_one_axis() -> None:
    """So that it fits a field that takes one value, and in a list it is that axis's."""
    net = network(
        "  - linear: {out_features: 2, in_features: in_size}\n"
        "  - avg_pool: {kernel_size: in_size}\n",
        "input: [4, 3]\n",
    )
    assert [str(node.y) for node in net.nodes] == ["4x2", "4x1"]


def test_in_size_is_a_list_on_two_axes() -> None:
    with pytest.raises(SpecError) as error:
        network("  - linear: {out_features: 2, in_features: in_size}\n", "input: [4, 3, 5]\n")
    assert str(error.value).splitlines()[0] == (
        "<text>:3:44: in_features: expected one value, not the list [3, 5]"
    )
