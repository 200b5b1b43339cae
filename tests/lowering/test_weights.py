"""`weights`: layers that use the parameters of others, counted by hand, by formula and by torch."""

import pytest

from sepconv_cli import SpecError, compare, loads
from sepconv_cli.conventions import convention
from sepconv_cli.explain.report import explain
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.lower import lower
from sepconv_cli.metrics import Amounts, Context, Scope
from sepconv_cli.network import Network, Node
from sepconv_cli.trace.build import build_module

CONV = "conv: {out_channels: 4, kernel_size: 3, padding: 1}"  # 4 * 4 * 9 + 4 = 148 on 4 channels
STEM = f"  - {{{CONV}, name: stem}}\n"
FOUR = "[4, 8, 8]"


def network(layers: str, shape: str = FOUR, more: str = "") -> Network:
    """The network as it is written, which both engines count alike as every variant."""
    spec = loads(f"input: {shape}\n{more}layers:\n{layers}")
    assert not compare(spec, engine="both").disagreements
    found = lower(spec)
    torchs = sum(parameter.numel() for parameter in build_module(found).parameters())
    assert sum(node.own_parameters for node in found.nodes) == torchs
    return found


def own(net: Network) -> dict[str, int]:
    return {node.name: node.own_parameters for node in net.nodes if node.op.parameters(node.x)}


def problem(layers: str, shape: str = FOUR, more: str = "") -> str:
    with pytest.raises(SpecError) as caught:
        lower(loads(f"input: {shape}\n{more}layers:\n{layers}"))
    (found,) = caught.value.problems
    assert found.place is not None
    text = found.place.source.text.splitlines()[found.place.line - 1]
    assert "weights" in text
    return f"{found.message} ({found.hint})" if found.hint else found.message


def test_parameters_count_once_and_the_arithmetic_each_time() -> None:
    layers = f"{STEM}  - {{{CONV}, weights: stem}}\n  - {{{CONV}, weights: stem}}\n"
    assert own(network(layers)) == {"stem": 148, "conv_1": 0, "conv_2": 0}
    (row,) = compare(loads(f"input: {FOUR}\nlayers:\n{layers}"), variants=["standard"]).rows
    # Each of 256 output elements is a sum of 36 products, three times over.
    assert (row["parameters"], row["count"], row["weight_bytes"]) == (148, 3 * 256 * 36, 4 * 148)


def test_every_layer_reads_its_weights() -> None:
    """What is moved is read by each of them; what has to be stored is there once."""
    layers = f"{STEM}  - {{{CONV}, weights: stem}}\n"
    amounts, net = Amounts(Context(convention("macs"))), network(layers)
    assert amounts.number("moved_bytes", Scope(net)) == 4 * 2 * (148 + 256 + 256)
    # Forward and the gradient to the weights, twice; that to the input once.
    assert amounts.number("training_macs", Scope(net)) == (2 + 3) * 256 * 36


def test_stride_padding_and_size_are_each_layers_own() -> None:
    strided = "conv: {out_channels: 4, kernel_size: 3, stride: 2, dilation: 2, padding: 2}"
    net = network(f"{STEM}  - {{{strided}, weights: stem}}\n")
    assert own(net) == {"stem": 148, "conv": 0}
    assert str(net.nodes[1].y) == "4x4x4"


def test_a_repeated_layer_that_names_itself_shares_with_its_first() -> None:
    layers = f"  - {{{CONV}, name: step, repeat: 3, weights: step}}\n"
    assert own(network(layers)) == {"step_1": 148, "step_2": 0, "step_3": 0}


def test_repeats_of_a_layer_all_use_the_weights_of_another() -> None:
    layers = f"{STEM}  - {{{CONV}, repeat: 2, weights: stem}}\n"
    assert own(network(layers)) == {"stem": 148, "conv_1": 0, "conv_2": 0}


def test_repeated_once_or_never() -> None:
    once = f"  - {{{CONV}, name: step, repeat: 1, weights: step}}\n"
    assert own(network(once)) == {"step": 148}
    never = f"  - relu\n  - {{{CONV}, name: step, repeat: 0, weights: step}}\n"
    assert own(network(never)) == {}


def test_weights_of_weights_are_those_of_the_first() -> None:
    layers = f"{STEM}  - {{{CONV}, name: two, weights: stem}}\n  - {{{CONV}, weights: two}}\n"
    assert own(network(layers)) == {"stem": 148, "two": 0, "conv": 0}


def test_lists_share_layer_by_layer() -> None:
    """A batch norm has two parameters for each of four channels."""
    layers = (
        f"  - {{name: a, layers: [{CONV}, batch_norm, relu]}}\n"
        f"  - {{name: b, weights: a, layers: [{CONV}, batch_norm, silu]}}\n"
    )
    assert own(network(layers)) == {
        "a.conv": 148,
        "a.batch_norm": 8,
        "b.conv": 0,
        "b.batch_norm": 0,
    }


def test_only_the_convolution_of_two_lists() -> None:
    layers = (
        f"  - {{name: a, layers: [{CONV}, batch_norm]}}\n"
        f"  - {{name: b, layers: [{{{CONV}, weights: a.conv}}, batch_norm]}}\n"
    )
    expected = {"a.conv": 148, "a.batch_norm": 8, "b.conv": 0, "b.batch_norm": 8}
    assert own(network(layers)) == expected


BLOCKS = (
    "blocks:\n"
    "  head:\n"
    "    parameters: {stride: 1}\n"
    "    layers:\n"
    "      - conv: {out_channels: 4, kernel_size: 3, padding: 1, stride: stride}\n"
    f"      - residual: [{CONV}, batch_norm]\n"
)


def test_calls_of_a_block_share_layer_by_layer() -> None:
    layers = "  - {head: , name: a}\n  - {head: {stride: 2}, name: b, repeat: 2, weights: a}\n"
    net = network(layers, more=BLOCKS)
    assert {name: n for name, n in own(net).items() if n} == {
        "a.conv": 148,
        "a.residual.conv": 148,
        "a.residual.batch_norm": 8,
    }
    assert len(own(net)) == 9


def test_a_block_is_recurrent() -> None:
    net = network("  - {head: , name: a, repeat: 4, weights: a}\n", more=BLOCKS)
    assert sum(own(net).values()) == 304


def test_a_block_that_shares_inside_shares_with_the_outside_once() -> None:
    block = f"blocks:\n  twice:\n    layers:\n      - {{{CONV}, name: a}}\n"
    block += f"      - {{{CONV}, name: b, weights: a}}\n"
    net = network("  - {twice: , name: x}\n  - {twice: , name: y, weights: x}\n", more=block)
    assert own(net) == {"x.a": 148, "x.b": 0, "y.a": 0, "y.b": 0}
    net = network("  - {twice: , name: x}\n  - {twice: , name: y}\n", more=block)
    assert own(net) == {"x.a": 148, "x.b": 0, "y.a": 148, "y.b": 0}


def test_branches_share() -> None:
    net = network(
        "  - parallel:\n"
        "      branches:\n"
        f"        - [{{{CONV}, name: one}}]\n"
        f"        - [max_pool: {{kernel_size: 1}}, {{{CONV}, weights: parallel.branch_1.one}}]\n"
        "      merge: add\n"
    )
    assert own(net) == {"parallel.branch_1.one": 148, "parallel.branch_2.conv": 0}


def test_an_embedding_and_a_linear_layer_are_tied() -> None:
    """The matrix of 50 x 6 is one; the bias of 50 is the linear layer's own."""
    net = network(
        "  - {embedding: {num_embeddings: 50, embedding_dim: 6}, name: table}\n"
        "  - permute: {axes: [1, 0]}\n"
        "  - {linear: {in_features: 6, out_features: 50}, weights: table}\n",
        shape="[7]",
    )
    assert own(net) == {"table": 300, "linear": 50}


def test_two_heads_on_one_embedding_have_biases_of_their_own() -> None:
    head = "linear: {in_features: 6, out_features: 50}, weights: table, from: turned"
    net = network(
        "  - {embedding: {num_embeddings: 50, embedding_dim: 6}, name: table}\n"
        "  - {permute: {axes: [1, 0]}, name: turned}\n"
        f"  - {{{head}, name: one}}\n  - {{{head}, name: two}}\n"
        "  - {add: , from: [one, two]}\n",
        shape="[7]",
    )
    assert own(net) == {"table": 300, "one": 50, "two": 50}


def test_a_bias_that_the_other_lacks_is_the_layers_own() -> None:
    layers = (
        f"{STEM}  - conv: {{out_channels: 4, kernel_size: 3, bias: false}}\n    weights: stem\n"
    )
    assert own(network(layers)) == {"stem": 148, "conv": 0}
    plain = "  - {conv: {out_channels: 4, kernel_size: 3, bias: false}, name: stem}\n"
    assert own(network(f"{plain}  - {{{CONV}, weights: stem}}\n")) == {"stem": 144, "conv": 4}


def test_one_tensor_alone() -> None:
    """The layer of a longer name goes before the tensor of a shorter one."""
    layers = f"{STEM}  - {{{CONV}, name: a, weights: stem.weight}}\n"
    assert own(network(layers)) == {"stem": 148, "a": 4}
    layers += f"  - {{{CONV}, name: b, weights: a}}\n  - {{{CONV}, weights: stem.bias}}\n"
    assert own(network(layers)) == {"stem": 148, "a": 4, "b": 0, "conv": 144}
    inside = f"  - {{name: a, layers: [{{{CONV}, name: weight}}, {CONV}]}}\n"
    assert own(network(f"{inside}  - {{{CONV}, weights: a.weight}}\n"))["conv"] == 0


@pytest.mark.parametrize(
    ("layer", "shape", "parameters"),
    [
        ("lstm: {hidden_size: 5, num_layers: 2, bidirectional: true}", "[3, 10]", 1360),
        ("multi_head_attention: {num_heads: 2}", "[4, 6]", 80),
        ("prelu", "[4, 6]", 1),
        ("learned_shift: {shape: [4, 1]}", "[4, 6]", 4),
        ("group_norm: {num_groups: 2}", "[4, 6]", 8),
    ],
)
def test_other_ops_share_too(layer: str, shape: str, parameters: int) -> None:
    """An LSTM: 4 gates of 5; 2 directions; 10 + 5 read in both layers, and 2 biases each."""
    net = network(f"  - {{{layer}, name: a, repeat: 2, weights: a}}\n", shape=shape)
    assert own(net) == {"a_1": parameters, "a_2": 0}


def test_the_first_that_leads_to_an_output_has_the_parameters() -> None:
    spec = f"{STEM}  - {{{CONV}, weights: stem, from: input, name: a}}\n"
    spec += f"  - {{{CONV}, weights: stem, name: b}}\n"
    net = network(f"  - {{identity: , name: input}}\n{spec}")
    assert net.unused == ("stem",)
    assert own(net) == {"a": 148, "b": 0}


def test_a_layer_that_is_left_out_needs_no_weights() -> None:
    layers = f"{STEM}  - {{{CONV}, weights: stem, when: in_channels > 4}}\n"
    assert own(network(layers)) == {"stem": 148}


def test_variants_share_part_by_part() -> None:
    """Depthwise 4 * 9 and 4, pointwise 4 * 4 and 4 where it is last; of the first alone."""
    layers = f"{STEM}  - {{{CONV}, weights: stem}}\n"
    comparison = compare(loads(f"input: {FOUR}\nlayers:\n{layers}"), engine="both")
    assert not comparison.disagreements
    parameters = [row["parameters"] for row in comparison.rows]
    assert parameters == [148, 40 + 20, 16 + 40, 16 + 16 + 40]


def test_a_convolution_that_is_not_rewritten_has_weights_of_its_own() -> None:
    """Two that stay share what is left: 148 and the parts of the first, 4 * 4 and 36 + 4."""
    kept = f"{{{CONV}, weights: stem, rewrite: false}}"
    layers = f"{STEM}  - {kept}\n  - {kept}\n"
    spec = loads(f"input: {FOUR}\nlayers:\n{layers}")
    comparison = compare(spec, variants=["blueprint_u"], engine="both")
    assert not comparison.disagreements
    row = comparison.rows[-1]
    assert row["parameters"] == 148 + 16 + 40


def test_explained_beside_the_layer_that_has_the_parameters() -> None:
    spec = loads(f"input: {FOUR}\nlayers:\n{STEM}  - {{{CONV}, weights: stem}}\n")
    tables = explain(list(cases(spec, variants=["standard"]))).tables
    said = [any("count there alone" in note for note in table.notes) for table in tables]
    # MACs and parameters of stem, then of the layer that uses them.
    assert said == [False, False, False, True]


def test_nodes_without_sharing_stay_as_they_are() -> None:
    nodes: tuple[Node, ...] = network(f"{STEM}  - {CONV}\n").nodes
    assert all(node.ties == () and node.shared == 0 for node in nodes)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (
            f"{STEM}  - {{{CONV}, weights: sten}}\n",
            "no layer before this one is called sten (did you mean stem?)",
        ),
        (
            f"  - {{{CONV}, weights: later}}\n  - {{{CONV}, name: later}}\n",
            "no layer before this one is called later",
        ),
        (f"  - {{{CONV}, name: a, weights: a}}\n", "no layer before this one is called a"),
        (
            f"{STEM}  - {{conv: {{out_channels: 4, kernel_size: 1}}, weights: stem}}\n",
            "can't use the weights of stem: the weight of conv is 4x4x1x1, that of stem 4x4x3x3",
        ),
        (
            f"{STEM}  - {{{CONV}, weights: stem.weigth}}\n",
            "can't use the weights of stem.weigth: conv has no weigth",
        ),
        (
            f"{STEM}  - {{relu: , weights: stem}}\n",
            "can't use the weights of stem: 0 layers with parameters here, 1 layer there",
        ),
        (
            f"  - {{relu: , name: act}}\n  - {{{CONV}, weights: act}}\n",
            "can't use the weights of act: 1 layer with parameters here, 0 layers there",
        ),
        (
            f"{STEM}  - {{name: a, weights: stem, layers: [{CONV}, batch_norm]}}\n",
            "can't use the weights of stem: 2 layers with parameters here, 1 layer there",
        ),
        (
            f"  - {{name: a, layers: [{CONV}, {{{CONV}, weights: a}}]}}\n",
            "no layer before this one is called a",
        ),
    ],
)
def test_what_can_not_be_shared(layers: str, said: str) -> None:
    assert said in problem(layers)


def test_tensors_of_other_names_are_not_shared() -> None:
    layers = (
        "  - {lstm: {hidden_size: 4, bias: false}, name: a}\n"
        "  - {layer_norm: {bias: false}, weights: a}\n"
    )
    said = problem(layers, shape="[3, 4]")
    assert said.endswith("layer_norm has weight, a has weight_ih_l0 and weight_hh_l0")


def test_a_layer_between_the_parts_of_a_variant_has_no_weights_of_others() -> None:
    variants = "variants: {blueprint_u: {between: [{batch_norm: , weights: stem}]}}\n"
    assert problem(STEM, more=variants).startswith("weights has no meaning here")


def test_a_name_that_is_a_number() -> None:
    layers = f"  - {{{CONV}, name: 0}}\n  - {{{CONV}, name: 1, repeat: 2, weights: 0}}\n"
    assert own(network(layers)) == {"0": 148, "1": 0, "2": 0}
