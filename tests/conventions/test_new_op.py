"""A new op is one file: every tool's convention names it as a gap, and none counts it as zero."""

import sys
from collections.abc import Iterator
from os import scandir
from pathlib import Path
from types import ModuleType

import pytest

from sepconv_cli import compare, loads
from sepconv_cli.conventions import Gap, Style, convention, gaps
from sepconv_cli.network import Call, Network, Op, Tensor, Work
from sepconv_cli.registry import names, record
from sepconv_cli.trace.tools import run_tool
from tests.conftest import Sepconv
from tests.conventions import TOOLS, alone
from tests.conventions.test_tools import STYLES

SPEC = """
name: new
input: [3, 8, 8]
layers:
  - conv: {out_channels: 4, kernel_size: 3, bias: false}
  - tanh_shrink
"""
# 4 x 6 x 6 outputs of 27 products each.
PRODUCTS = 3_888


class TanhShrink(Op, frozen=True, kw_only=True):
    """x - tanh(x) (torch.nn.Tanhshrink)."""

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", y.elements)
        yield Work("add", "activation", y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("Tanhshrink", {}),)


class Scale(Op, frozen=True, kw_only=True):
    """A learned number for each channel, which this op forgets to say that it multiplies."""

    def parameters(self, x: Tensor) -> int:
        return x.channels


class Turn(Op, frozen=True, kw_only=True):
    """Elements in another order: nothing to count, and nothing to leave out."""


@pytest.fixture(name="tanh_shrink")
def _tanh_shrink(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The op in the registry, as if its file were there."""
    module = ModuleType("sepconv_cli.ops.tanh_shrink")
    module.TanhShrink = TanhShrink  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sepconv_cli.ops.tanh_shrink", module)
    monkeypatch.setattr(
        "sepconv_cli.registry.scandir",
        lambda folder: [
            *scandir(folder),
            *([Path("tanh_shrink.py")] if folder.name == "ops" else []),
        ],
    )
    names.cache_clear()
    yield
    names.cache_clear()
    record.cache_clear()


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("style", STYLES, ids=repr)
@pytest.mark.parametrize("op", [TanhShrink(), Scale()], ids=repr)
def test_every_tools_convention_names_it(tool: str, style: Style, op: Op) -> None:
    network = alone(op, Tensor(4, (6, 6)))
    assert gaps(network.nodes, convention(tool), style) == (Gap("layer", op.name),)
    assert convention(tool).count(network.nodes[0], style) is None


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_indeed_count_nothing(tool: str) -> None:
    assert run_tool(tool, alone(TanhShrink(), Tensor(4, (6, 6)))) == 0


@pytest.mark.parametrize("name", names("conventions"))
def test_an_op_that_does_nothing_is_no_gap(name: str) -> None:
    network: Network = alone(Turn(), Tensor(4, (6, 6)))
    assert gaps(network.nodes, convention(name)) == ()
    assert convention(name).count(network.nodes[0]) == 0


@pytest.mark.usefixtures("tanh_shrink")
@pytest.mark.parametrize(("name", "expected"), [("macs", PRODUCTS), ("flops", 2 * PRODUCTS + 144)])
def test_the_programs_own_conventions_weigh_it(name: str, expected: int) -> None:
    """144 subtractions; no tanh."""
    (row,) = compare(loads(SPEC), variants=["standard"], convention=name, engine="both").rows
    assert (row["count"], row.gaps, row.agrees) == (expected, (), True)


@pytest.mark.usefixtures("tanh_shrink")
@pytest.mark.parametrize("tool", TOOLS)
def test_it_is_named_below_the_table(sepconv: Sepconv, tmp_path: Path, tool: str) -> None:
    spec = tmp_path / "new.yaml"
    spec.write_text(SPEC)
    found = sepconv("compare", spec, "--convention", tool, "--engine", "analytic")
    assert f"{tool} has no rule for tanh_shrink (1 layer): not counted." in found.out
    assert sepconv("compare", spec, "--convention", tool, "--strict").code == 1
