"""Words and numbers as text that YAML and the language read as the same."""

from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sepconv_cli import loads
from sepconv_cli.importing.text.lines import Parameter
from sepconv_cli.importing.text.yaml_text import flow, number_text, words, wrapped
from sepconv_cli.lowering.lower import lower
from sepconv_cli.ops.affine import Affine
from sepconv_cli.ops.pad import Pad

PRINTABLE = st.text().filter(str.isprintable)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("conv1", "conv1"),
        ("layer1.0.conv1", "layer1.0.conv1"),
        ("timm:resnet50", "timm:resnet50"),
        ("My network (v2)", "My network (v2)"),
        ("0", "0"),
        ("größe", "größe"),
        ("010", '"010"'),
        ("1e3", '"1e3"'),
        ("0_2", '"0_2"'),
        ("on", '"on"'),
        ("Null", '"Null"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("-", '"-"'),
        ('say "so"', '"say \\"so\\""'),
        ("", '""'),
    ],
)
def test_words_are_quoted_where_yaml_needs_it(text: str, written: str) -> None:
    assert words(text) == written


@given(PRINTABLE)
def test_words_read_back(text: str) -> None:
    read = yaml.safe_load(words(text))
    assert str(read) == text
    assert yaml.safe_load(f"{{a: {words(text)}, {words(text)}: 1, b: 2}}")["b"] == 2


def test_what_cannot_be_printed_becomes_a_question_mark() -> None:
    assert words("a\nb\x00") == '"a?b?"'


@given(st.floats(-1e18, 1e18).filter(lambda number: not number or abs(number) > 1e-90))
def test_numbers_are_read_as_the_same(number: float) -> None:
    text = f"input: [2]\nlayers: [affine: {{scale: {number_text(number)}}}]"
    (node,) = lower(loads(text)).nodes
    assert node.op == Affine(scale=number)


@pytest.mark.parametrize("value", [float("inf"), -float("inf")])
def test_infinity_is_read_where_a_float_belongs(value: float) -> None:
    text = f"input: [2, 3]\nlayers: [pad: {{padding: [0, 1], value: {number_text(value)}}}]"
    (node,) = lower(loads(text)).nodes
    assert isinstance(node.op, Pad)
    assert node.op.value == value


def test_multiples_of_a_parameter_are_formulas() -> None:
    assert flow(Parameter("width", Fraction(4))) == "4 * width"
    assert flow(Parameter("kernel_size", Fraction(1, 2))) == "kernel_size // 2"
    assert flow([Parameter("c"), 1, True]) == "[c, 1, true]"


def test_long_data_takes_several_lines() -> None:
    data = {f"parameter_{number}": number for number in range(12)}
    lines = list(wrapped("  - block: ", data))
    assert len(lines) == 3
    assert all(len(line) <= 100 for line in lines)
    assert yaml.safe_load("\n".join(lines)) == [{"block": data}]
