"""`input` as the name of what arrives at a list of layers or a block."""

import pytest

from sepconv_cli import SpecError, loads
from sepconv_cli.lowering.lower import lower

TOP = "input: [4, 8]\n"


def sources(text: str) -> list[tuple[str, tuple[int, ...]]]:
    nodes = lower(loads(TOP + text)).nodes
    return [(node.name, node.reads(at)) for at, node in enumerate(nodes)]


def test_at_the_top_it_is_the_networks_input() -> None:
    text = "layers: [relu, {sigmoid, from: input}, {add, from: [relu, sigmoid]}]"
    assert sources(text) == [("relu", (-1,)), ("sigmoid", (-1,)), ("add", (0, 1))]


@pytest.mark.parametrize(
    "text",
    [
        "blocks: {b: {layers: [relu, {add, from: [relu, input]}]}}\nlayers: [tanh, {b, name: b}]",
        "layers: [tanh, {layers: [relu, {add, from: [relu, input]}], name: b}]",
    ],
)
def test_in_a_list_or_block_it_is_what_arrives_there(text: str) -> None:
    assert sources(text) == [("tanh", (-1,)), ("b.relu", (0,)), ("b.add", (1, 0))]


def test_branches_have_the_input_of_the_list_they_stand_in() -> None:
    text = "layers: [tanh, {residual: [relu, {add, from: [relu, input]}]}]"
    assert sources(text)[2] == ("residual.add", (1, -1))


def test_a_layer_of_that_name_is_meant_first() -> None:
    text = "layers: [tanh, {relu, name: input}, {layers: [elu, {add, from: [elu, input]}]}]"
    assert sources(text)[-1] == ("layers.add", (2, 1))


def test_the_networks_input_may_be_an_output() -> None:
    assert lower(loads(TOP + "layers: [relu]\noutputs: [relu, input]")).outputs == (0, -1)


def test_a_block_that_nobody_calls_may_say_it() -> None:
    text = "blocks: {b: {layers: [linear: {out_features: 2}, {add, from: [linear, input]}]}}\n"
    assert sources(text + "layers: [relu]") == [("relu", (-1,))]


def test_other_names_are_still_missed() -> None:
    with pytest.raises(SpecError, match="no layer before this one is called inputs"):
        sources("layers: [relu, {tanh, from: inputs}]")
