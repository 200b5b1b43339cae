"""For random valid layers both engines and torch agree; random text never breaks the program."""

from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sepconv_cli import SpecError, compare, loads
from sepconv_cli.language.numbers import FUNCTIONS
from sepconv_cli.language.source import decode
from sepconv_cli.lowering.choose import cases
from sepconv_cli.lowering.lower import lower
from sepconv_cli.registry import names
from sepconv_cli.trace.build import build_weightless

ROOT = Path(__file__).parents[1]
EXAMPLES = [path.read_text() for path in sorted((ROOT / "configs").rglob("*.yaml"))]
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def layers(draw: st.DrawFn) -> str:
    """A spec of one valid convolution over one, two or three axes, and what may follow it."""
    axes = draw(st.integers(1, 3))

    def each(low: int, high: int) -> list[int]:
        return draw(st.lists(st.integers(low, high), min_size=axes, max_size=axes))

    kernel, stride, dilation = each(1, 5), each(1, 3), each(1, 2)
    padding: object = [[draw(st.integers(0, 3)), draw(st.integers(0, 3))] for _ in range(axes)]
    if set(stride) == {1} and draw(st.booleans()):
        padding = "same"
    if draw(st.booleans()):
        padding = [draw(st.integers(0, 3)) for _ in range(axes)]
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = [low + draw(st.integers(0, 5)) for low in reach]
    groups = draw(st.sampled_from([1, 1, 1, 2, 4]))
    channels = [groups * draw(st.integers(1, 5)) for _ in range(2)]
    bias = draw(st.sampled_from(["true", "false"]))
    after = draw(st.lists(st.sampled_from(["batch_norm", "relu", "sigmoid", "dropout"])))
    head = draw(st.sampled_from([[], ["global_avg_pool", "flatten", "linear: {out_features: 3}"]]))
    fields = (
        f"out_channels: {channels[1]}, kernel_size: {kernel}, stride: {stride}, groups: {groups}, "
        f"dilation: {dilation}, padding: {padding}, bias: {bias}"
    )
    rest = "".join(f"  - {layer}\n" for layer in [*after, *head])
    return f"input: [{channels[0]}, {str(size)[1:-1]}]\nlayers:\n  - conv: {{{fields}}}\n{rest}"


@slow
@given(
    layers(),
    st.sampled_from(
        [
            {},
            {"bias": "all"},
            {"between": "[batch_norm, relu6]"},
            {"groups": "2", "pointwise": "true", "rank": "3", "bias": "last"},
        ]
    ),
)
def test_both_engines_agree_on_random_layers(text: str, options: dict[str, str]) -> None:
    comparison = compare(
        loads(text), variants=names("variants"), options=options, engine="both", use_cache=False
    )
    assert [str(item) for item in comparison.disagreements] == []
    assert len(comparison.rows) == len(names("variants"))
    assert all(row.agrees for row in comparison.rows)


@slow
@given(layers())
def test_shapes_are_those_of_torch_on_random_layers(text: str) -> None:
    for case in cases(loads(text), variants=names("variants")):
        x = torch.zeros((1, case.network.input.channels, *case.network.input.size))
        for node, module in zip(case.network.nodes, build_weightless(case.network), strict=True):
            x = module(x)
            assert tuple(x.shape) == (1, node.y.channels, *node.y.size), node.name


def attempt(text: str) -> None:
    """Read and lower a text: it works, or it is a SpecError and no other exception."""
    with suppress(SpecError):
        lower(loads(text))


@settings(deadline=None)
@given(st.text())
def test_random_text_never_breaks_the_program(text: str) -> None:
    attempt(text)


@settings(deadline=None)
@given(st.binary())
def test_random_bytes_never_break_the_program(raw: bytes) -> None:
    with suppress(SpecError):
        lower(loads(decode(raw, "random").text))


WORDS = st.sampled_from(
    [*"[]{}:,-&*!|>'\"%@?#~ \n\t01", "\n  ", "- ", ": ", "<<", "!!python/object", "input", "layers",
     "parameters", "blocks", "variants", "name", "repeat", "rewrite", "required", "same", "width",
     "in_channels", "[3, 8, 8]", "1e9", "-1", "0.5", "true", "yes", "null", "if", "else",
     *names("ops"), *names("variants"), *FUNCTIONS]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join))
def test_random_words_of_the_language_never_break_the_program(text: str) -> None:
    attempt(text)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(EXAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.02), st.one_of(WORDS, st.text(max_size=3)))),
)
def test_damaged_specs_never_break_the_program(
    text: str, edits: list[tuple[float, float, str]]
) -> None:
    for where, length, word in edits:
        start = int(where * len(text))
        text = text[:start] + word + text[start + int(length * len(text)) :]
    attempt(text)


OPERATORS = ["+", "-", "*", "/", "//", "%", "<", "==", "and", "or", "**", "if"]
expressions = st.recursive(
    st.sampled_from(["width", "in_channels", "in_size", "0", "1", "7", "0.1", "1e17", "nope"]),
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "<", "==", "and", "or", "**", "if"]),
            inner,
        ).map(" ".join),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(
            lambda pair: f"{pair[0]}({pair[1]})"
        ),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_random_expressions_never_break_the_program(expression: str) -> None:
    attempt(
        "input: [3, 8, 8]\nparameters: {width: 0.5}\n"
        f'layers:\n  - conv: {{out_channels: 1, kernel_size: "{expression}"}}\n'
    )


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_specs_of_the_project_are_read(text: str) -> None:
    lower(loads(text))
