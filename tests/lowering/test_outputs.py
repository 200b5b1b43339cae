"""Networks of several outputs, and what becomes of layers that lead to none."""

import pytest

from sepconv_cli import SpecError, compare, loads
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.prune import unused_sentence
from sepconv_cli.network import Network, verify

# 3 -> 4 channels on 8 x 8, then two heads of 1 x 1 that read the same, of 2 and 5 channels.
HEADS = """\
input: [3, 8, 8]
layers:
  - {conv: {out_channels: 4, kernel_size: 3, padding: 1, bias: false}, name: body}
  - {conv: {out_channels: 2, kernel_size: 1, bias: false}, name: head_1}
  - {conv: {out_channels: 5, kernel_size: 1, bias: false}, name: head_2, from: body}
"""
BODY, HEAD_1, HEAD_2 = 64 * 4 * 27, 64 * 2 * 4, 64 * 5 * 4


def network(text: str) -> Network:
    found = lower(loads(text))
    verify(found)
    return found


def names(found: Network) -> list[str]:
    return [node.name for node in found.nodes]


def outputs(found: Network) -> list[str]:
    return [found.nodes[at].name if at >= 0 else "the input" for at in found.outputs]


@pytest.mark.parametrize(
    ("written", "macs", "unused"),
    [
        pytest.param("outputs: [head_1, head_2]\n", BODY + HEAD_1 + HEAD_2, (), id="both"),
        pytest.param("outputs: head_1\n", BODY + HEAD_1, ("head_2",), id="one, without a list"),
        pytest.param("", BODY + HEAD_2, ("head_1",), id="the last layer, where none is named"),
        pytest.param("outputs: [body]\n", BODY, ("head_1", "head_2"), id="one in the middle"),
    ],
)
def test_both_engines_count_what_leads_to_an_output(
    written: str, macs: int, unused: tuple[str, ...]
) -> None:
    (row,) = compare(loads(HEADS + written), variants=["standard"], engine="both").rows
    assert (row["count"], row.traced_count, row.agrees) == (macs, macs, True)
    assert row.unused_layers == unused


def test_variants_follow_an_output_that_they_rewrite() -> None:
    """The body is an output too: as blueprint_u it is 3 x 4 and 4 x 9 weights, and its second
    part is what is put out and read."""
    spec = loads(HEADS + "outputs: [body, head_1, head_2]\n")
    comparison = compare(spec, variants=["blueprint_u"], engine="both", per_layer=True)
    (row,) = comparison.rows
    assert row.agrees
    assert row["parameters"] == 12 + 36 + 8 + 20
    assert [part.layer for part in row.layers[0].parts] == ["body.pointwise", "body.depthwise"]


@pytest.mark.parametrize(
    ("layers", "kept", "unused"),
    [
        pytest.param(
            "[{relu: , name: a}, {dropout: , name: b}, {relu6: , from: a}]",
            ["a", "relu6"],
            ("b",),
            id="a dropout costs nothing, and is unused all the same",
        ),
        pytest.param(
            "[{relu: , name: a}, {relu: , name: b}, {relu: , name: c}, {relu6: , from: a}]",
            ["a", "relu6"],
            ("b", "c"),
            id="what is read by an unused layer alone is unused",
        ),
        pytest.param(
            "[{relu: , name: a}, {layers: [relu, tanh], name: b}, {relu6: , from: a}]",
            ["a", "relu6"],
            ("b",),
            id="of a list that is unused as a whole only its name",
        ),
        pytest.param(
            "[{relu: , name: a}, {layers: [relu, tanh], name: b}, {relu6: , from: b.relu}]",
            ["a", "b.relu", "relu6"],
            ("b.tanh",),
            id="of a list that is used in part the layers that are not",
        ),
        pytest.param(
            "[{relu: , name: a}, {tanh: , repeat: 2}, {relu6: , from: a}]",
            ["a", "relu6"],
            ("tanh_1", "tanh_2"),
            id="repeats are layers of their own",
        ),
        pytest.param(
            "[{relu: , name: a}, {residual: [tanh], name: b}, {relu6: , from: a}]",
            ["a", "relu6"],
            ("b",),
            id="branches and what joins them",
        ),
    ],
)
def test_what_leads_to_no_output_is_left_out(
    layers: str, kept: list[str], unused: tuple[str, ...]
) -> None:
    found = network(f"input: [3, 8, 8]\nlayers: {layers}\n")
    assert names(found) == kept
    assert found.unused == unused


@pytest.mark.parametrize(
    ("layers", "wanted", "found"),
    [
        pytest.param("[relu, tanh]", "[tanh, relu]", ["tanh", "relu"], id="in the order written"),
        pytest.param(
            "[{layers: [relu, tanh], name: stage, repeat: 2}]",
            "[stage_1, stage_2.relu]",
            ["stage_1.tanh", "stage_2.relu"],
            id="a list's output is its last layer's, and one inside it is named by its full name",
        ),
        pytest.param(
            "[{parallel: {branches: [[relu], [tanh]], merge: add}}]",
            "[parallel, parallel.branch_2.tanh]",
            ["parallel.add", "parallel.branch_2.tanh"],
            id="branches",
        ),
        pytest.param(
            "[relu, {tanh: , when: 1 > 2}]",
            "[tanh]",
            ["relu"],
            id="a layer that a condition leaves out hands on what arrives, as `from` reads it",
        ),
        pytest.param(
            "[relu, {tanh: , when: 1 > 2}]", "[relu, tanh]", ["relu"], id="the same output once"
        ),
        pytest.param("[{tanh: , when: 1 > 2}]", "[tanh]", ["the input"], id="the input, handed on"),
    ],
)
def test_outputs_by_name(layers: str, wanted: str, found: list[str]) -> None:
    assert outputs(network(f"input: [3, 8, 8]\nlayers: {layers}\noutputs: {wanted}\n")) == found


def test_without_outputs_it_is_what_leaves_the_last_layer() -> None:
    """The last layer is left out, so that what it reads is handed on; tanh leads nowhere."""
    found = network(
        "input: [3, 8, 8]\n"
        "layers: [relu, {tanh: , from: relu}, {add: , from: [relu, tanh], when: 1 > 2}]\n"
    )
    assert (outputs(found), found.unused) == (["relu"], ("tanh",))


def test_an_output_may_be_the_input() -> None:
    """There is nothing to count, and torch hands the sample on."""
    text = "input: [3, 8, 8]\nlayers: [{tanh: , when: 1 > 2}]\n"
    (row,) = compare(loads(text), variants=["standard"], engine="both").rows
    assert (row["parameters"], row.traced_parameters, row.agrees) == (0, 0, True)
    assert row["peak_activation_bytes"] == 4 * 3 * 64


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        pytest.param(
            "[head_1, haed_2]",
            "<text>:6:19: no layer is called haed_2\n"
            "    6 | outputs: [head_1, haed_2]\n"
            "      |                   ^\n"
            "  hint: did you mean head_2?",
            id="unknown",
        ),
        pytest.param(
            "[head_1, head_1]",
            "<text>:6:19: head_1 is an output twice\n"
            "    6 | outputs: [head_1, head_1]\n"
            "      |                   ^\n"
            "  hint: name each layer once",
            id="twice",
        ),
        pytest.param(
            "[]",
            "<text>:6:10: outputs needs at least one layer\n"
            "    6 | outputs: []\n"
            "      |          ^",
            id="none",
        ),
        pytest.param(
            "{head_1: true}",
            "<text>:6:10: expected a line of text\n"
            "    6 | outputs: {head_1: true}\n"
            "      |          ^",
            id="a mapping",
        ),
        pytest.param(
            "[body.conv]",
            "<text>:6:11: no layer is called body.conv\n"
            "    6 | outputs: [body.conv]\n"
            "      |           ^\n"
            "  hint: did you mean body?",
            id="inside a layer that is no list",
        ),
    ],
)
def test_wrong_outputs(written: str, problem: str) -> None:
    with pytest.raises(SpecError) as error:
        lower(loads(HEADS + f"outputs: {written}\n"))
    assert str(error.value) == problem


def test_a_layer_that_is_repeated_no_times_has_no_output() -> None:
    with pytest.raises(SpecError, match="no layer is called tanh"):
        network("input: [3, 8, 8]\nlayers: [relu, {tanh: , repeat: 0}]\noutputs: tanh\n")


def test_a_layer_with_a_mistake_may_be_named_all_the_same() -> None:
    """By `from` and by `outputs`: what is wrong is said once."""
    text = HEADS.replace("conv: {out_channels: 4", "cnov: {out_channels: 4")
    with pytest.raises(SpecError) as error:
        loads(text + "outputs: [body, head_2]\n")
    (problem,) = error.value.problems
    assert problem.message == "no op or block is called cnov"


@pytest.mark.parametrize(
    ("unused", "sentence"),
    [
        (["a"], "a leads to no output: counted in neither engine; name it under outputs"),
        (
            ["a", "b", "c"],
            "a, b and c lead to no output: counted in neither engine; name them under outputs",
        ),
        (
            list("abcdefg"),
            "a, b, c, d, e and 2 more lead to no output: counted in neither engine; "
            "name them under outputs",
        ),
    ],
)
def test_the_sentence(unused: list[str], sentence: str) -> None:
    assert unused_sentence(unused) == sentence


def test_what_is_unused_is_checked_for_mistakes_all_the_same() -> None:
    text = HEADS + "  - {conv: {out_channels: 1, kernel_size: 9}, from: body}\noutputs: head_1\n"
    with pytest.raises(SpecError, match="the kernel is larger than its input"):
        network(text)
