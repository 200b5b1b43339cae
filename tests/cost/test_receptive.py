"""Receptive fields: by hand, and by asking torch which input positions have a gradient."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sepconv_cli import SpecError, load, loads
from sepconv_cli.cost import ReceptiveField, receptive_fields
from sepconv_cli.lowering.lower import lower
from tests.conftest import Sepconv
from tests.cost.gradients import extents

CONV = "conv: {out_channels: 1, kernel_size: 3, padding: 1, bias: false}"
LEFT = "conv: {out_channels: 1, kernel_size: 3, padding: [[2, 0]]}"
RIGHT = "conv: {out_channels: 1, kernel_size: 3, padding: [[0, 2]]}"


def fields(layers: str, shape: str = "[1, 64]") -> list[ReceptiveField | None]:
    """The receptive field of every node."""
    return receptive_fields(lower(loads(f"input: {shape}\nlayers: {layers}\n")))


def transposed(kernel_size: int, stride: int, **others: int) -> str:
    """A transposed convolution of one channel."""
    text = "".join(f", {name}: {value}" for name, value in others.items())
    return (
        f"conv_transpose: {{out_channels: 1, kernel_size: {kernel_size}, stride: {stride}{text}}}"
    )


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param(f"[{CONV}, {CONV}]", [3, 5], id="two of 3 reach 5"),
        pytest.param(
            "[conv: {out_channels: 1, kernel_size: 7, stride: 2, padding: 3}, relu,"
            " max_pool: {kernel_size: 3, stride: 2, padding: 1}]",
            [7, 7, 11],
            id="ResNet's stem: 7, then 7 + 2 * 2 = 11",
        ),
        pytest.param(
            "[conv: {out_channels: 1, kernel_size: 3, dilation: 4, padding: 4}]",
            [9],
            id="a dilated kernel",
        ),
        pytest.param(f"[residual: [{CONV}, {CONV}]]", [3, 5, 5], id="the longer of two paths"),
        pytest.param(
            f"[slice: {{axis: 1, step: 2}}, {CONV}]", [1, 5], id="every second position: 1 + 2 * 2"
        ),
        pytest.param(
            "[interpolate: {size: 128, mode: linear}, "
            "conv: {out_channels: 1, kernel_size: 5, padding: 2}]",
            [2, 4],
            id="twice as many positions, half as far apart: 2 + 4 / 2",
        ),
        pytest.param(
            f"[{CONV}, {{learned: {{shape: [1, 64]}}, name: l}}, {{add: , from: [conv, l]}}]",
            [3, 0, 3],
            id="what is learned sees nothing",
        ),
        pytest.param(f"[{CONV}, reduce: {{function: mean, axes: 0}}]", [3, 3], id="over channels"),
        pytest.param(
            f"[{CONV}, reduce: {{function: mean, axes: 1}}]", [3, None], id="over positions"
        ),
        pytest.param("[global_avg_pool, flatten]", [None, None], id="the whole input"),
        pytest.param(
            f"[upsample: {{scale_factor: 2}}, max_pool: {{kernel_size: 2}}, {CONV}]",
            [1, 1, 3],
            id="both of a pool's elements are copies of one",
        ),
        pytest.param(
            f"[upsample: {{scale_factor: 2}}, {CONV}]", [1, 2], id="2 of 3 neighbours are copies"
        ),
        pytest.param(
            "[upsample: {scale_factor: 2}, conv: {out_channels: 1, kernel_size: 2, dilation: 2}]",
            [1, 2],
            id="a dilated kernel over copies: o // 2 and (o + 2) // 2",
        ),
        pytest.param(
            f"[parallel: {{branches: [[{LEFT}], [{RIGHT}]], merge: add}}]",
            [3, 3, 5],
            id="o - 2 to o beside o to o + 2",
        ),
        pytest.param(
            "[parallel: {branches: [[zero_pad: {padding: [[3, 0]]}],"
            " [zero_pad: {padding: [[0, 3]]}]], merge: add}]",
            [1, 1, 4],
            id="padding shifts: o - 3 and o",
        ),
        pytest.param(f"[{transposed(2, 2)}]", [1], id="a kernel as wide as its stride"),
        pytest.param(f"[{transposed(3, 2)}]", [2], id="every other position sums two"),
        pytest.param(f"[{transposed(4, 2, padding=1)}]", [2], id="every position sums two"),
        pytest.param(f"[{transposed(3, 1)}]", [3], id="stride 1 is a convolution"),
        pytest.param(
            f"[{transposed(2, 2, dilation=2)}]", [2], id="odd positions see nothing, even ones two"
        ),
        pytest.param(
            f"[{transposed(1, 2)}, conv: {{out_channels: 1, kernel_size: 2}}]",
            [1, 1],
            id="of two neighbours one is a gap",
        ),
        pytest.param(
            f"[{transposed(1, 2)}, zero_pad: {{padding: 1}},"
            " max_pool: {kernel_size: 1, stride: 2}]",
            [1, 1, 0],
            id="every other one of what has gaps: nothing is seen",
        ),
    ],
)
def test_by_hand(layers: str, expected: list[int | None]) -> None:
    assert fields(layers) == [None if n is None else ReceptiveField((n,)) for n in expected]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param("[upsample: {scale_factor: 2, mode: bilinear}]", (2, 2), id="between two"),
        pytest.param(
            "[upsample: {scale_factor: [1, 3], mode: bilinear}]",
            (1, 2),
            id="a factor of 1 is a copy; of 3, the middle one is",
        ),
        pytest.param(
            "[conv: {out_channels: 4, kernel_size: 1}, pixel_shuffle: {upscale_factor: 2},"
            f" {CONV}]",
            (2, 2),
            id="four channels are four positions",
        ),
        pytest.param(
            "[conv: {out_channels: 1, kernel_size: [1, 5]}]", (1, 5), id="each axis by itself"
        ),
    ],
)
def test_over_two_axes(layers: str, expected: tuple[int, int]) -> None:
    assert fields(layers, "[1, 32, 32]")[-1] == ReceptiveField(expected)


def test_an_embedding_is_looked_up_position_by_position() -> None:
    """A convolution of 7 over the vectors sees 7 indices."""
    vectors = "embedding: {num_embeddings: 9, embedding_dim: 4}"
    layers = f"[{vectors}, conv: {{out_channels: 1, kernel_size: 7}}]"
    assert fields(layers, "[50]") == [ReceptiveField((1,)), ReceptiveField((7,))]


@pytest.mark.parametrize(
    ("layers", "shape", "most"),
    [
        pytest.param(
            "[parallel: {branches: [[conv: {out_channels: 1, kernel_size: 3, stride: 2}],"
            " [conv: {out_channels: 1, kernel_size: 4}]], merge: add}]",
            "[1, 5]",
            # 0 to 2 with 0 to 3, then 2 to 4 with 1 to 4: 4 positions, and at most one of drift.
            5,
            id="branches that drift apart",
        ),
        pytest.param(
            "[parallel: {branches: [[identity], [conv: {out_channels: 1, kernel_size: 8}]],"
            " merge: multiply}]",
            "[1, 8]",
            # All 8 positions, seen by the first of 8 positions or by the last.
            15,
            id="one number for all positions",
        ),
        pytest.param(
            f"[upsample: {{scale_factor: 257}}, {CONV}]",
            "[1, 8]",
            2,
            id="a period of more than 256 positions",
        ),
        pytest.param(
            "[upsample: {scale_factor: 1000000000}, max_pool: {kernel_size: 2}]",
            "[1, 8]",
            2,
            id="no period is written out that wouldn't fit in memory",
        ),
    ],
)
def test_at_most(layers: str, shape: str, most: int) -> None:
    assert fields(layers, shape)[-1] == ReceptiveField((most,), exact=False)


def test_at_most_is_told(sepconv: Sepconv, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    layers = f"[upsample: {{scale_factor: 257}}, {CONV}, flatten]"
    spec.write_text(f"input: [1, 8]\nlayers: {layers}\n")
    asked = ("compare", spec, "--variant", "standard", "--engine", "analytic", "--per-layer")
    table = sepconv(*asked, "-q").out
    assert [line.split()[2:5] for line in table.splitlines() if line.startswith("conv ")] == [
        ["<=", "2", "3"]
    ]
    told = json.loads(sepconv(*asked, "-q", "-f", "json").out)["rows"][0]["layers"]
    assert [(each["receptive_field"], each["receptive_field_is_exact"]) for each in told] == [
        ([1], False),
        ([2], False),
        (None, None),
    ]


@pytest.mark.parametrize(
    "layers",
    [
        f"[{CONV}, max_pool: {{kernel_size: 2}}, {CONV}, avg_pool: {{kernel_size: 3, stride: 2}}]",
        f"[{CONV}, residual: [{CONV}, relu], max_pool: {{kernel_size: 2}}, {CONV}]",
        "[conv: {out_channels: 1, kernel_size: 5, stride: 3}, "
        "conv: {out_channels: 1, kernel_size: 3, dilation: 2}]",
        f"[max_pool: {{kernel_size: 2}}, {CONV}, {transposed(4, 2, padding=1)}, {CONV}]",
        f"[{transposed(5, 3, dilation=2)}, {CONV}, max_pool: {{kernel_size: 2, stride: 3}}]",
        f"[parallel: {{branches: [[{LEFT}], [{RIGHT}]], merge: concat}},"
        f" upsample: {{scale_factor: 3}}, {CONV}]",
    ],
)
def test_as_torchs_gradients_say(layers: str) -> None:
    assert_as_gradients_say(f"input: [1, 99]\nlayers: {layers}\n")


@pytest.mark.parametrize(
    "layers",
    [
        "[upsample: {scale_factor: 2, mode: bilinear}]",
        f"[upsample: {{scale_factor: 3, mode: bilinear}}, {CONV}]",
        f"[{CONV}, upsample: {{scale_factor: 4, mode: bilinear}}, max_pool: {{kernel_size: 3}}]",
        "[conv: {out_channels: 9, kernel_size: 3}, pixel_shuffle: {upscale_factor: 3},"
        " conv: {out_channels: 1, kernel_size: 4}]",
    ],
)
def test_as_torchs_gradients_say_over_two_axes(layers: str) -> None:
    assert_as_gradients_say(f"input: [1, 24, 24]\nlayers: {layers}\n")


def assert_as_gradients_say(text: str) -> None:
    """The largest extent over the output positions that are away from the border."""
    network = lower(loads(text))
    field = receptive_fields(network)[-1]
    assert field
    length = network.nodes[-1].y.size[0]
    middle = range(length // 3, length - length // 3)
    assert max(extents(network, list(middle))) == field.size[0]
    assert field.exact


def test_u_net_sees_92_or_100_positions_as_gradients_say() -> None:
    """Its period is 8 positions; channels don't matter."""
    network = lower(load("zoo:u_net"), {"base": 1, "resolution": 256})
    assert set(extents(network, list(range(124, 132)))) == {92, 100}
    assert receptive_fields(network)[-1] == ReceptiveField((100, 100))


SMALL = st.integers(1, 3)


def sliding(draw: st.DrawFn) -> str:
    kernel, stride, dilation = draw(st.integers(1, 4)), draw(SMALL), draw(SMALL)
    sides = [draw(st.integers(0, 3)), draw(st.integers(0, 3))]
    return (
        f"conv: {{out_channels: 1, kernel_size: {kernel}, stride: {stride},"
        f" dilation: {dilation}, padding: [{sides}]}}"
    )


def keeping(draw: st.DrawFn) -> str:
    """A convolution that keeps the size, and shifts."""
    kernel, dilation = draw(SMALL), draw(SMALL)
    before = draw(st.integers(0, dilation * (kernel - 1)))
    sides = [before, dilation * (kernel - 1) - before]
    return (
        f"conv: {{out_channels: 1, kernel_size: {kernel}, dilation: {dilation},"
        f" padding: [{sides}]}}"
    )


@st.composite
def layer(draw: st.DrawFn) -> str:
    match draw(st.integers(0, 5)):
        case 0:
            return sliding(draw)
        case 1:
            return f"max_pool: {{kernel_size: {draw(SMALL)}, stride: {draw(SMALL)}}}"
        case 2:
            return f"upsample: {{scale_factor: {draw(SMALL)}}}"
        case 3:
            return transposed(draw(st.integers(1, 4)), draw(SMALL), dilation=draw(SMALL))
        case 4:
            there_and_back = (
                f"upsample: {{scale_factor: 2}}, {keeping(draw)},"
                " max_pool: {kernel_size: 1, stride: 2}"
            )
            branches = f"[[{keeping(draw)}], [{there_and_back}]]"
            return f"parallel: {{branches: {branches}, merge: concat}}"
    return f"residual: [{keeping(draw)}, {keeping(draw)}]"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(layer(), min_size=1, max_size=4))
def test_random_networks_are_as_gradients_say(layers: list[str]) -> None:
    text = f"input: [1, 200]\nlayers: [{', '.join(layers)}]\n"
    try:
        network = lower(loads(text))
    except SpecError:
        assume(False)
    found = receptive_fields(network)[-1]
    # From a third on a position is away from the border, and there are positions enough.
    assume(found and found.size[0] < 60 and 36 <= network.nodes[-1].y.size[0] < 600)
    assert_as_gradients_say(text)
