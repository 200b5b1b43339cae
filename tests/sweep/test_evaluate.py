"""Whole grids against the program point by point: exact numbers, invalid points, structure."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sepconv_cli import SpecError, load, loads
from sepconv_cli.language.numbers import MAX_VALUE
from sepconv_cli.registry import names
from sepconv_cli.sweep.evaluate import Sweep
from tests.sweep.points import by_numpy, one_by_one, swept, valid

ROOT = Path(__file__).parents[2]
ARCHITECTURES = ROOT / "configs" / "architectures"
slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_same(sweep: Sweep) -> None:
    found, expected = by_numpy(sweep), one_by_one(sweep)
    for variant in expected:
        for point, (ours, theirs) in enumerate(zip(found[variant], expected[variant], strict=True)):
            assert ours == theirs, (variant, sweep.grid.settings(point))


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("mobilenet_v1", ["width=0.01:0.4:0.03", "resolution=1:60:20"]),
        ("mobilenet_v2", ["width=0.3:1:0.1", "resolution=32,97"]),
        ("mobilenet_v3_small", ["resolution=32,64", "width=0.5:1:0.25"]),
        ("efficientnet_b0", ["width=0.5,1", "depth=1,1.1"]),
        ("resnet", ["depth=18,50", "resolution=10:50:20"]),
        ("densenet", ["growth=8,12", "stage_2=0:2", "resolution=40,64"]),
        ("u_net", ["base=1:4", "resolution=8:44:4"]),
    ],
)
def test_specs_of_the_zoo(name: str, grid: list[str]) -> None:
    assert_same(swept(load(ARCHITECTURES / f"{name}.yaml"), grid))


@pytest.mark.parametrize("counting", names("conventions"))
def test_every_convention(counting: str) -> None:
    metric = counting.replace("-", "_")
    grid = ["width=0.3,0.35,0.5", "resolution=32,40"]
    for name in ("mobilenet_v1", "mobilenet_v3_small"):
        spec = load(ARCHITECTURES / f"{name}.yaml")
        wanted = ("parameters", metric, f"{metric}_ratio")
        assert_same(swept(spec, grid, wanted=wanted, counting=counting))


def test_shared_weights_count_once() -> None:
    """A kernel of 3 x 3 times w * w, and none where it never stands there."""
    conv = "conv: {out_channels: w, kernel_size: 3, padding: 1, bias: false}"
    head = "input: [w, 8, 8]\nparameters: {w: 4, n: 2}\nlayers:\n  - relu\n"
    spec = loads(f"{head}  - {{{conv}, name: step, repeat: n, weights: step}}\n")
    sweep = swept(spec, ["n=0:3", "w=4,6"], wanted=("parameters", "macs"))
    assert_same(sweep)
    (standard, *_) = by_numpy(sweep).values()
    found = [point["parameters"] for point in standard if isinstance(point, dict)]
    assert found == [9 * w * w * min(n, 1) for n in range(4) for w in (4, 6)]


def test_the_papers_own_table() -> None:
    """MobileNet, arXiv:1704.04861, tables 6 and 7, in exact numbers (tests/published)."""
    sweep = swept(
        load(ARCHITECTURES / "mobilenet_v1.yaml"),
        ["width=0.25:1:0.25", "resolution=128,160,192,224"],
        ["depthwise_separable"],
        ("parameters", "macs"),
    )
    points = by_numpy(sweep)["depthwise_separable"]
    found = {tuple(sweep.grid.settings(n).values()): point for n, point in enumerate(points)}
    assert found[1, 224] == {"parameters": 4_231_976, "macs": 568_740_352}
    assert found[1, 192] == {"parameters": 4_231_976, "macs": 418_121_728}
    assert found[1, 160] == {"parameters": 4_231_976, "macs": 290_675_200}
    assert found[1, 128] == {"parameters": 4_231_976, "macs": 186_400_768}
    assert [valid(points[n])["macs"] for n in (3, 7, 11)] == [
        41_030_272,
        149_497_088,
        325_400_448,
    ]


LAYER = """
input: [{inputs}, size, size]
parameters: {{x: 1, y: 1, size: 8, flag: true}}
layers:
  - conv: {{out_channels: {outputs}, kernel_size: {kernel}, stride: {stride}, padding: {padding}}}
{rest}
"""
NUMBERS = ["x", "y", "3", "0.5", "in_channels", "2 * y"]
expressions = st.recursive(
    st.sampled_from(NUMBERS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(st.sampled_from(["int", "ceil", "round", "floor", "abs"]), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(st.sampled_from(["min", "max", "make_divisible"]), inner, inner).map(
            lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
        ),
        st.tuples(inner, inner, st.sampled_from(["<", "<=", "==", "!="]), inner).map(
            lambda parts: f"({parts[0]} if {parts[1]} {parts[2]} {parts[3]} else 2)"
        ),
    ),
    max_leaves=6,
)


@slow
@given(expressions)
def test_random_expressions(expression: str) -> None:
    """Fractions, signs, zeros: what a field makes of them is the same, or the same error."""
    text = LAYER.format(inputs=2, outputs=f'"{expression}"', kernel=1, stride=1, padding=0, rest="")
    grid = ["x=-1:2:0.375", "y=-2:3"]
    try:
        sweep = swept(text, grid, ["standard"], ("parameters", "macs"))
    except SpecError:
        return
    assert_same(sweep)


FIELDS = st.sampled_from(["x", "y", "1", "2", "int(1.5 * x)", "x + y", "max(x, y)", "x // 2"])
AFTER = [
    "batch_norm", "relu", "max_pool: {kernel_size: 2, ceil_mode: true}", "softmax",
    "avg_pool: {kernel_size: y, padding: y // 2}", "group_norm: {num_groups: x}", "layer_norm",
    "adaptive_avg_pool: {output_size: y}", "prelu: {num_parameters: in_channels}",
    "pixel_shuffle: {upscale_factor: 2}", "channel_shuffle: {groups: y}", "instance_norm",
    "conv: {out_channels: 2 * x, kernel_size: 3, padding: same, groups: y}",
    "conv: {out_channels: 4, kernel_size: 3, padding: y, padding_mode: reflect}",
    "conv_transpose: {out_channels: y, kernel_size: 2, stride: x, output_padding: y - 1}",
    "upsample: {scale_factor: y}", "zero_pad: {padding: x}", "dropout: {p: 1 / x}",
    "residual: {layers: [conv: {out_channels: x, kernel_size: 3, padding: 1}], shortcut: matching}",
    "parallel: {branches: [[identity], [conv: {out_channels: x, kernel_size: y}]], merge: concat}",
    "parallel: {branches: [[identity], [global_avg_pool]], merge: multiply}",
    "layers: [conv: {out_channels: in_channels, kernel_size: 1}]\n    repeat: x - 1",
    "conv: {out_channels: 5, kernel_size: 3}\n    when: flag and x > y",
    "reshape: {shape: [in_channels, 4, 4]}", "permute: {axes: [1, 2, 0]}", "glu: {axis: y}",
    "slice: {axis: x - 1, start: y - 1, stop: 4, step: 2}",
    "layers: [global_avg_pool, expand: {shape: [y, 4, x, 3]}]",
    "roll: {shifts: [-x, y], axes: [0, 1]}", "pad: {padding: [0, [x, -1], y], mode: reflect}",
    "pad: {padding: [x, y, [y - 1, x]], value: x / y}", "softmax: {axis: y - 1}",
    "unfold: {kernel_size: y, stride: x}", "interpolate: {size: [x, y], mode: bicubic}",
    "interpolate: {scale_factor: x / y, mode: bilinear}",
    "interpolate: {scale_factor: 2.5, mode: area}",
    "reduce: {function: variance, axes: [0, y]}",
    "reduce: {function: max, axes: x - 1, keepdim: flag}",
    "layer_norm: {normalized_shape: [size, 2 * x]}", "rms_norm: {normalized_shape: 2 * x}", "mish",
    "learned_scale: {shape: [x, 1, 1]}", "learned_shift: {shape: [y, 1]}",
    "learned: {shape: [x, y]}", "layers: [learned: {shape: [x, y]}, lstm: {hidden_size: x}]",
    "opaque: {function: nms, shape: [x, y, 3]}", "local_response_norm: {size: x}", "log_softmax",
    "affine: {scale: x, shift: y - 1}", "power: {exponent: y}", "clamp: {min: x, max: y}",
    "parallel: {branches: [[identity], [reduce: {function: mean, axes: y - 1}]], merge: add}",
    "layers: [{identity: , name: l}, {permute: {axes: [0, 2, 1]}, name: r}, "
    "{matmul: , from: [l, r]}]",
    "layers: [{identity: , name: q}, {slice: {axis: 1, stop: y}, name: k}, "
    "{scaled_dot_product_attention: , from: [q, k, k]}]",
    "layers: [{identity: , name: a}, {slice: {axis: 1, stop: y}, name: b}, "
    "{concat: {axis: 1}, from: [a, b]}]",
    "layers: [{identity: , name: a}, {divide: , from: [a, a]}, {maximum: , from: [a, a]}, "
    "{stack: , from: [a, a]}]",
]  # fmt: skip


@pytest.mark.parametrize("layer", AFTER)
def test_every_layer_by_itself(layer: str) -> None:
    """With parameters in its fields, of which some fit."""
    text = LAYER.format(inputs=2, outputs=4, kernel=1, stride=1, padding=0, rest=f"  - {layer}\n")
    sweep = swept(text, ["x=1:4", "flag=true,false", "y=1:3", "size=4,5,8"])
    assert_same(sweep)
    assert any(point is not None for point in by_numpy(sweep)["standard"])


@slow
@given(st.lists(FIELDS, min_size=5, max_size=5), st.lists(st.sampled_from(AFTER), max_size=4))
def test_random_networks(fields: list[str], after: list[str]) -> None:
    """Every op, with parameters in its fields: shapes that don't fit are invalid in both."""
    inputs, outputs, kernel, stride, padding = fields
    rest = "".join(f"  - {layer}\n" for layer in after)
    text = LAYER.format(
        inputs=inputs, outputs=outputs, kernel=kernel, stride=stride, padding=padding, rest=rest
    )
    try:
        sweep = swept(text, ["x=1:4", "flag=true,false", "y=1:3", "size=3,8"])
    except SpecError:
        return
    assert_same(sweep)


def test_what_decides_about_the_structure_is_found_by_itself() -> None:
    """Two depths times whether the layer of a condition is there; the width is all one road."""
    sweep = swept(
        """
input: [3, 16, 16]
parameters: {width: 1, depth: 1, extra: true}
layers:
  - layers: [conv: {out_channels: int(64 * width), kernel_size: 3, padding: 1}]
    repeat: depth
  - relu
  - conv: {out_channels: 7, kernel_size: 1}
    when: extra
""",
        ["width=0.5:2:0.01", "depth=1,2", "extra=false,true"],
        ["standard"],
    )
    point = valid(by_numpy(sweep)["standard"][0])
    assert len(sweep.structures["standard"]) == 4
    assert point["parameters"] == 3 * 32 * 9 + 32


def test_the_same_structure_in_another_block_is_no_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sepconv_cli.sweep.grid.BLOCK", 7)
    sweep = swept(
        "input: [3, size, size]\nparameters: {size: 8, depth: 1}\nlayers:\n"
        "  - conv: {out_channels: 4, kernel_size: 3, padding: 1}\n    repeat: depth\n",
        ["depth=1:3", "size=2:40"],
        ["standard"],
        ("macs",),
    )
    assert_same(sweep)
    assert len(sweep.structures["standard"]) == 3


def test_numbers_beyond_64_bits_are_exact() -> None:
    """A linear layer from n to n features is n² + n parameters."""
    sweep = swept(
        "input: [n]\nparameters: {n: 1}\nlayers: [linear: {out_features: n}]",
        [f"n=1000000,{MAX_VALUE // 10**6},{MAX_VALUE}"],
        ["standard"],
        ("parameters", "macs"),
    )
    sizes = (10**6, 10**12, 10**18)
    expected = [{"parameters": n * n + n, "macs": n * n} for n in sizes]
    assert by_numpy(sweep)["standard"] == expected
    assert sweep.largest("macs") >= 10**36


def test_invalid_points_have_the_programs_own_reason() -> None:
    sweep = swept(
        """
input: [4, size, size]
parameters: {size: 8, channels: 4, groups: 1}
layers: [conv: {out_channels: channels, kernel_size: 3, groups: groups}]
""",
        ["size=2:4", "groups=1:3", "channels=4,4.5"],
        ["standard"],
        ("macs",),
    )
    points = by_numpy(sweep)["standard"]
    reasons = {str(reason) for reason in sweep.reasons}
    assert "groups 3 does not divide the 4 in_channels" in reasons
    assert "out_channels: 4.5 is not a whole number" in reasons
    assert "the kernel is larger than its input: 3 on the height of 2 and 3 on the width of 2" in (
        reasons
    )
    macs = {
        tuple(sweep.grid.settings(n).values()): point["macs"]
        for n, point in enumerate(points)
        if isinstance(point, dict)
    }
    assert macs == {(3, 1, 4): 144, (3, 2, 4): 72, (4, 1, 4): 576, (4, 2, 4): 288}


def test_a_convention_that_counts_none_of_it_says_so() -> None:
    """ReLU alone has no multiplications to count, and more than none where a layer follows."""
    sweep = swept(
        "input: [3, 4, 4]\nparameters: {n: 0}\n"
        "layers:\n  - batch_norm\n  - conv: {out_channels: 2, kernel_size: 1}\n    repeat: n",
        ["n=0,1"],
        ["standard"],
        ("macs",),
    )
    assert by_numpy(sweep)["standard"] == [{"macs": None}, {"macs": 3 * 2 * 16}]


def test_too_many_structures_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sepconv_cli.sweep.evaluate.MAX_STRUCTURES", 5)
    spec = loads(
        "input: [3]\nparameters: {n: 1}\nlayers: [layers: [relu], repeat: n]".replace(
            "[layers: [relu], repeat: n]", "\n  - layers: [relu]\n    repeat: n"
        )
    )
    with pytest.raises(SpecError, match="more than 5 different structures"):
        by_numpy(swept(spec, ["n=1:10"]))
