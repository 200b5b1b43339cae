"""What is written of models whose steps stand here by hand."""

import pytest

from sepconv_cli.importing.steps import needed
from sepconv_cli.importing.text.describe import described
from sepconv_cli.importing.text.running import with_running_concats
from sepconv_cli.ops.add import Add
from sepconv_cli.ops.concat import Concat
from sepconv_cli.ops.relu import Relu
from sepconv_cli.ops.slice import Slice
from tests.importing.networks import Recording, conv, hold_to_recorded, network_of


def text_of(model: Recording, *outputs: int) -> str:
    recorded = with_running_concats(needed(model.done(*outputs)))
    found = described(recorded)
    hold_to_recorded(recorded, found)
    return found.text


def residual(model: Recording, x: int, channels: int, stride: int, path: str) -> int:
    y = model.add(conv(channels, 3, stride), x, path=f"{path}/conv1:Conv2d")
    y = model.add(conv(4 * channels), y, path=f"{path}/conv2:Conv2d")
    if model.shape(y) != model.shape(x):
        x = model.add(conv(4 * channels, 1, stride), x, path=f"{path}/down:Conv2d")
    return model.add(Relu(), model.add(Add(), y, x, path=path), path=f"{path}/relu:ReLU")


RESIDUAL = """\
name: model
input: [3, 32, 32]
blocks:
  neck:
    parameters: {out_channels: required, stride: 1, down: false}
    layers:
      - residual:
          layers:
            - {conv: {out_channels: out_channels, kernel_size: 3, stride: stride, padding: 1,
                  bias: false}, name: conv1}
            - {conv: {out_channels: 4 * out_channels, kernel_size: 1, bias: false}, name: conv2}
          shortcut:
            - conv: {out_channels: 4 * out_channels, kernel_size: 1, stride: stride, bias: false}
              name: down
              when: down
      - relu
  layer:
    parameters: {out_channels: required, stride: 2, times: required}
    layers:
      - {neck: {out_channels: out_channels, stride: stride, down: true}, name: 0}
      - {neck: {out_channels: out_channels}, name: 1, repeat: times}
layers:
  - {conv: {out_channels: 16, kernel_size: 1, bias: false}, name: stem}
  - {layer: {out_channels: 8, stride: 1, times: 2}, name: layer1}
  - {layer: {out_channels: 16, times: 3}, name: layer2}
  - {layer: {out_channels: 32, times: 1}, name: layer3}
"""


def test_blocks_with_and_without_a_shortcut_are_one_and_repeats_are_parameters() -> None:
    model = Recording(3, 32, 32)
    at = model.add(conv(16), -1, path="stem:Conv2d")
    for stage, (channels, count) in enumerate([(8, 3), (16, 4), (32, 2)], 1):
        for number in range(count):
            path = f"layer{stage}:Sequential/{number}:Neck"
            at = residual(model, at, channels, 2 if stage > 1 and number == 0 else 1, path)
    assert text_of(model) == RESIDUAL


def test_modules_that_add_where_shapes_match_are_one_block() -> None:
    model = Recording(8, 8, 8)
    at = -1
    for number, channels in enumerate([8, 16, 16]):
        path = f"{number}:MBConv"
        x, at = at, model.add(conv(channels, 3), at, path=f"{path}/conv:Conv2d")
        at = model.add(Relu(), at, path=f"{path}/act:ReLU")
        at = model.add(Add(), x, at, path=path) if model.shape(x) == model.shape(at) else at
    text = text_of(model)
    assert text.count("kernel_size") == 1
    assert "shortcut: matching" in text


def test_layers_that_read_all_before_them_concatenate_what_they_add() -> None:
    model = Recording(4, 8, 8)
    seen = [-1]
    for number in range(3):
        path = f"block:Dense/layer{number}:DenseLayer"
        x = model.add(Concat(), *seen, path=path) if number else -1
        seen.append(model.add(conv(2, 3), model.add(Relu(), x, path=path), path=path))
    model.add(Concat(), *seen, path="block:Dense")
    text = text_of(model)
    assert text.count("merge: concat") == 1
    assert text.splitlines()[-2:] == [
        "  - name: block",
        "    layers: [{dense_layer, name: layer0}, {dense_layer, name: layer1},"
        " {dense_layer, name: layer2}]",
    ]


def test_a_modules_own_input_is_called_input() -> None:
    """Each module reads its input after its first layer, so that it can't stand in branches."""
    model = Recording(4, 8, 8)
    at = -1
    for number in range(2):
        path = f"{number}:Gate"
        y = model.add(Relu(), at, path=path)
        z = model.add(conv(model.shape(at).channels), at, path=path)
        both = model.add(Add(), y, z, path=path)
        at = model.add(Concat(), both, y, path=path)
    text = text_of(model)
    assert "from: input" in text
    assert text.count("  gate:\n") == 1


def test_equal_modules_in_a_row_repeat_whatever_they_read() -> None:
    model = Recording(4, 8, 8)
    first = model.add(Relu(), -1, path="a:Stem")
    model.add(Relu(), path="b:Stem")
    for number in range(2):
        at = model.add(conv(4), len(model.steps) - 1, path=f"{number}:Cell")
        model.add(Add(), at, first, path=f"{number}:Cell")
    assert text_of(model).splitlines()[-3:-1] == ["  - name: 0", "    repeat: 2"]


def test_modules_that_read_two_values_from_outside_are_no_block() -> None:
    model = Recording(4, 8, 8)
    first = model.add(Relu(), -1, path="a:Stem")
    model.add(Relu(), path="b:Stem")
    for number in range(2):
        kernel = 1 + 2 * number
        at = model.add(conv(4, kernel), len(model.steps) - 1, path=f"{number}:Cell")
        model.add(Add(), at, first, path=f"{number}:Cell")
    text = text_of(model)
    assert "cell:" not in text
    assert text.count("from: [conv, a]") == 2


def test_lists_of_modules_keep_their_names() -> None:
    model = Recording(4, 8, 8)
    model.add(Relu(), -1, path="branches.0:Unit")
    model.add(conv(4), path="branches.0:Unit")
    model.add(Relu(), path="branches.1:ReLU")
    model.add(Relu(), path="heads.cls.0:ReLU")
    layers = described(model.done()).layers
    names = ["branches.0.relu", "branches.0.conv", "branches.1", "heads_cls_0"]
    assert list(layers.values()) == names


def test_padding_may_follow_from_the_kernel_and_lists_share_parameters() -> None:
    model = Recording(4, 16, 16)
    for number, (channels, kernel) in enumerate([(6, 3), (8, 5), (10, 7)]):
        path = f"{number}:Unit"
        model.add(conv(channels, kernel), len(model.steps) - 1, path=path)
        model.add(Slice(axis=0, start=0, stop=channels // 2), path=path)
    text = text_of(model)
    assert "padding: kernel_size // 2" in text
    assert "stop: out_channels // 2" in text
    assert "{unit: {out_channels: 8, kernel_size: 5}, name: 1}" in text


def test_fields_that_agree_by_chance_do_not_share_a_parameter() -> None:
    """Stride and repeat are 1 and 2 in both stages."""
    model = Recording(4, 16, 16)
    for stage in (1, 2):
        for number in range(1 + stage):
            path = f"layer{stage}:Sequential/{number}:Unit"
            channels, stride = (4, 1) if number else (8, stage)
            model.add(conv(channels, 3, stride), len(model.steps) - 1, path=path)
            model.add(Relu(), path=path)
    text = text_of(model)
    assert "repeat: times" in text


def outputs_of(model: Recording, *outputs: int) -> list[str]:
    recorded = with_running_concats(needed(model.done(*outputs)))
    found = described(recorded)
    hold_to_recorded(recorded, found)
    network = network_of(found)
    return [network.nodes[at].name if at >= 0 else "input" for at in network.outputs]


def test_several_outputs_are_named_in_their_order_and_once() -> None:
    model = Recording(4, 8, 8)
    model.add(conv(4), -1, path="a:A")
    model.add(Relu(), path="b:B/c:C")
    model.add(Relu(), path="b:B/d:C")
    assert outputs_of(model, 1, 0, 2, 1) == ["b.c", "a", "b.d"]


def test_an_output_that_is_not_the_last_layer_is_named() -> None:
    model = Recording(4, 8, 8)
    model.add(Relu(), -1, path="a:A")
    model.add(conv(8), path="b:B")
    assert "outputs: [a, b]" in text_of(model, 0)


def test_steps_that_lead_nowhere_stay_where_they_cost_something() -> None:
    """torch has their parameters, and fvcore counts them: the convolution and what it reads."""
    model = Recording(4, 8, 8)
    model.add(Slice(axis=0, start=0, stop=2), -1)
    model.add(conv(6), path="aux:Conv2d")
    model.add(Slice(axis=0, start=1, stop=4), -1, path="idle:Split")
    last = model.add(conv(8), -1, path="head:Conv2d")
    assert outputs_of(model, last) == ["head", "aux"]


@pytest.mark.parametrize(
    ("steps", "outputs", "lines"),
    [
        (0, (-1,), ["layers: [identity]"]),
        (1, (-1, 0), ["layers: [relu]", "outputs: [input, relu]"]),
        (2, (1, 1), ["layers: [relu, relu]"]),
    ],
    ids=["no layers at all", "the input itself", "one value twice"],
)
def test_odd_outputs(steps: int, outputs: tuple[int, ...], lines: list[str]) -> None:
    model = Recording(4, 8, 8)
    for at in range(steps):
        model.add(Relu(), at - 1)
    assert text_of(model, *outputs).splitlines()[2:] == lines


def test_the_models_input_has_a_name_where_a_module_has_another() -> None:
    model = Recording(4, 8, 8)
    model.add(Relu(), -1, path="a:A")
    model.add(Relu(), 0, path="b:B")
    model.add(Relu(), path="b:B")
    model.add(Concat(), 2, -1, 0, path="b:B")
    text = text_of(model)
    assert "- {identity, name: model_input}" in text
    assert "from: [relu_2, model_input, input]" in text


def test_a_name_that_a_nearer_layer_hides_is_changed() -> None:
    """In a, `b.c` is its own; the model's b.c has to be called otherwise."""
    model = Recording(4, 8, 8)
    for _ in range(2):
        model.add(Relu(), len(model.steps) - 1, path="b:B/c:C")
    for name in "cd":
        model.add(Relu(), path=f"a:A/b:B/{name}:C")
    model.add(Concat(), 3, 0, path="a:A")
    text_of(model)


def test_comments_stand_first() -> None:
    model = Recording(4, 8, 8)
    model.add(Relu(), -1)
    about = ["from timm", "", "two\nlines"]
    found = described(model.done(), about)
    assert found.text.startswith("# from timm\n#\n# two?lines\nname: model\n")
    hold_to_recorded(model.done(), found)


def test_a_class_that_stands_in_itself_is_folded_where_it_recurs() -> None:
    model = Recording(4, 8, 8)
    for number in range(2):
        for path in (f"{number}:Tree", f"{number}:Tree/0:Tree", f"{number}:Tree/1:Tree"):
            model.add(conv(4), len(model.steps) - 1, path=path)
            model.add(Relu(), path=path)
    text = text_of(model)
    assert text.count("conv:") == 2
    assert "repeat: 2" in text
