"""Whatever modules are called, and however they are wired: the text is the model."""

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sepconv_cli.importing.steps import needed
from sepconv_cli.importing.text.describe import described
from sepconv_cli.importing.text.yaml_text import WIDTH
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.affine import Affine
from sepconv_cli.ops.concat import Concat
from sepconv_cli.ops.multiply import Multiply
from sepconv_cli.ops.relu import Relu
from tests.importing.networks import Recording, conv, hold_to_recorded, network_of

NAMES = st.sampled_from(
    [
        *[*"0123", "10", "007", "on", "null", "1e3", "2001-01-01", "input", "model_input", "é"],
        *["add", "relu", "relu_1", "layers", "residual", "parallel", "a.b", "a b", "a: b", "#"],
        *["", "x/y", "-", "true", "conv", "~", "[", "名", "\u0661", "branch_1", "a", "shortcut"],
    ]
) | st.text(max_size=4)
CLASSES = st.sampled_from(["Sequential", "Block", "SEModule", "", "on", "A B", "名前", "conv", "0"])
MODULES = st.lists(st.tuples(NAMES, CLASSES).map(lambda pair: f"{pair[0]}:{pair[1]}"), max_size=3)
FLOATS = st.floats(-1e17, 1e17).filter(lambda number: not number or abs(number) > 1e-90)
INSTRUCTIONS = st.tuples(
    st.sampled_from(["relu", "conv", "add", "multiply", "concat", "affine"]),
    st.lists(st.integers(1, 6), min_size=1, max_size=3),
    FLOATS,
)
BODIES = st.lists(INSTRUCTIONS, min_size=1, max_size=5)


@st.composite
def recordings(draw: st.DrawFn) -> Any:
    """Models whose modules are instances of few bodies, wired by how far back they read."""
    model = Recording(4, 5, 5, name=draw(NAMES))
    bodies = draw(st.lists(BODIES, min_size=1, max_size=2))
    around = draw(st.lists(MODULES, min_size=1, max_size=2))
    for _ in range(draw(st.integers(0, 6))):
        modules = [*draw(st.sampled_from(around)), *draw(MODULES)[:2]]
        channels = draw(st.integers(1, 3)) * 4
        for kind, back, number in draw(st.sampled_from(bodies)):
            _add(model, kind, back, number, channels, modules)
    last = len(model.steps) - 1
    outputs = draw(st.lists(st.integers(-1, last), max_size=3)) or [last]
    return model.done(*outputs)


def _add(
    model: Recording, kind: str, back: list[int], number: float, channels: int, modules: list[str]
) -> None:
    last = len(model.steps) - 1
    values = [max(-1, last + 1 - each) for each in back]
    alike = [each for each in values if model.shape(each) == model.shape(values[0])]
    narrow = sum(model.shape(each).channels for each in values) <= 64
    if kind == "conv":
        model.add(conv(channels), values[0], modules=modules)
    elif kind == "affine":
        model.add(Affine(scale=number), values[0], modules=modules)
    elif kind == "add" and len(alike) > 1:
        model.add(Add(), *alike, modules=modules)
    elif kind == "multiply" and len(alike) > 1:
        model.add(Multiply(), *alike, modules=modules)
    elif kind == "concat" and len(values) > 1 and narrow:
        model.add(Concat(), *values, modules=modules)
    else:
        model.add(Relu(), values[0], modules=modules)


@st.composite
def residual_networks(draw: st.DrawFn) -> Any:
    """Models of stages, whose blocks may have a shortcut, or layers in one, or grow."""
    model = Recording(4, 16, 16)
    at = -1
    skip = draw(st.sampled_from(["add", "add where they match", "concat", "none"]))
    kind = draw(st.sampled_from(["Block", "ConvBNAct", "_Unit"]))
    for stage in range(draw(st.integers(1, 4))):
        channels = draw(st.sampled_from([4, 8, 12]))
        for number in range(draw(st.integers(1, 4))):
            stride = draw(st.sampled_from([1, 2])) if number == 0 else 1
            modules = [f"layer{stage}:Sequential", f"{number}:{kind}"]
            at = _unit(model, at, channels, stride, skip, modules)
    return model.done(at)


def _unit(
    model: Recording, x: int, channels: int, stride: int, skip: str, modules: list[str]
) -> int:
    y = model.add(conv(channels, 3, stride), x, modules=[*modules, "conv1:Conv2d"])
    y = model.add(Relu(), y, modules=[*modules, "act:ReLU"])
    y = model.add(conv(2 * channels), y, modules=[*modules, "conv2:Conv2d"])
    alike = model.shape(y) == model.shape(x)
    if skip == "add" and not alike:
        x = model.add(conv(2 * channels, 1, stride), x, modules=[*modules, "down:D", "0:Conv2d"])
        x = model.add(Affine(scale=1 / stride), x, modules=[*modules, "down:D", "1:Scale"])
    if skip == "add" or (skip == "add where they match" and alike):
        y = model.add(Add(), x, y, modules=modules)
    if skip == "concat" and model.shape(y).size == model.shape(x).size:
        y = model.add(Concat(), x, y, modules=modules)
    return model.add(Relu(), y, modules=modules)


@settings(max_examples=150, deadline=None)
@given(recordings() | residual_networks())
def test_the_text_is_the_recorded_network_folded_or_not(model: Any) -> None:
    recorded = needed(model)
    folded, flat = described(recorded), described(recorded, fold=False)
    hold_to_recorded(recorded, folded)
    assert network_of(folded) == network_of(flat)
    assert folded.layers == flat.layers
    for text in (folded.text, flat.text):
        assert isinstance(yaml.safe_load(text), dict)


@settings(max_examples=60, deadline=None)
@given(recordings())
def test_lines_are_short_where_names_are(model: Any) -> None:
    text = described(needed(model)).text
    words = max((len(word) for word in text.split()), default=0)
    assert max(map(len, text.splitlines())) <= max(WIDTH, words + WIDTH // 2)
