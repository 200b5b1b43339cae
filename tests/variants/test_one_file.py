"""A variant is one file: whatever lists variants finds it there, and asks it what it needs."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Annotated, Any, ClassVar

import pytest

from sepconv_cli import compare, loads, registry
from sepconv_cli.library.schema import schema
from sepconv_cli.network import Tensor
from sepconv_cli.ops._axes import Positive
from sepconv_cli.ops.conv import Conv
from sepconv_cli.variants._parts import About, BiasRule, Parts, Quantity, Variant, pointwise
from tests.conftest import Sepconv

TEXT = (
    "name: net\ninput: [8, 9, 9]\nlayers: [conv: {out_channels: 16, kernel_size: 3, bias: false}]\n"
)


class Squeezed(Variant, frozen=True, kw_only=True):
    """A convolution to few channels, and pointwise from there to N: thrown away after the test."""

    share: Annotated[Positive, About(description="How many times fewer")] = 4
    bias: BiasRule = "all"

    symbols: ClassVar[Mapping[str, str]] = {"share": "s"}

    def rewrite(self, conv: Conv, x: Tensor) -> Parts | None:
        few = conv.out_channels // self.share
        first = Conv(
            out_channels=few,
            kernel_size=conv.kernel_size,
            stride=conv.stride,
            padding=conv.padding,
            dilation=conv.dilation,
            bias=False,
        )
        return (("squeeze", first), ("expand", pointwise(conv, conv.out_channels, conv.bias)))

    def quantities(self, conv: Conv, x: Tensor) -> tuple[Quantity, ...]:
        return (Quantity("F", "few channels", conv.out_channels // self.share),)


@pytest.fixture(autouse=True)
def _one_more_variant(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder with one file more, as far as the registry can tell."""
    module = ModuleType("sepconv_cli.variants.squeezed", Squeezed.__doc__)
    vars(module)["Squeezed"] = Squeezed
    monkeypatch.setitem(sys.modules, module.__name__, module)
    listed = os.scandir

    def scandir(folder: Path) -> list[Any]:
        extra = [SimpleNamespace(name="squeezed.py")] if folder.name == "variants" else []
        return [*listed(folder), *extra]

    monkeypatch.setattr(registry, "scandir", scandir)
    registry.names.cache_clear()
    yield
    registry.names.cache_clear()
    registry.record.cache_clear()


@pytest.fixture
def net(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(TEXT)
    return tmp_path / "net.yaml"


@pytest.mark.parametrize("command", ["compare", "explain", "crossover", "batch", "layer"])
def test_its_options_are_flags_of_every_command(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = sepconv(command, "--help").out
    assert "--share" in shown
    assert "How many times fewer (squeezed)." in shown


def test_it_is_listed(sepconv: Sepconv) -> None:
    entries = json.loads(sepconv("list", "variants", "-f", "json").out)["variants"]
    assert "squeezed" in [entry["name"] for entry in entries]


def test_the_schema_has_it() -> None:
    variants = schema()["properties"]["variants"]["anyOf"][1]["properties"]
    assert variants["squeezed"]["properties"]["share"]["description"] == "How many times fewer."


def test_a_spec_may_name_it() -> None:
    """16 / 2 = 8 channels: 8 x 8 x 9 + 8 x 16 parameters, each at 49 positions, in both engines."""
    spec = loads(TEXT + "variants: {squeezed: {share: 2}}\n")
    (row,) = compare(spec, engine="both").rows
    assert (row["parameters"], row["count"], row.agrees) == (704, 49 * 704, True)


def test_a_rule_may_name_it() -> None:
    (row,) = compare(
        loads(TEXT), variants="standard", rewrite="conv=squeezed", options={"squeezed.share": 2}
    ).rows
    assert row["parameters"] == 704


def test_what_runs_without_a_word_stays_the_same(sepconv: Sepconv, net: Path) -> None:
    assert "squeezed" not in sepconv("compare", net, "--engine", "analytic").out


def test_explain_shows_its_formulas_and_symbols(sepconv: Sepconv, net: Path) -> None:
    result = sepconv("explain", net, "--variant", "squeezed", "--share", 2)
    assert "s = 2 share, F = floor(N/s) = 8\n" in result.out
    assert "M·F·K²·Do²" in result.out
    assert "8·8·3²·7²" in result.out


def test_crossover_finds_where_it_is_cheapest(sepconv: Sepconv, net: Path) -> None:
    """16 / 4 channels in between; its cost grows with N // 4, which is no line."""
    two = ("--variant", "squeezed", "--variant", "standard")
    (layer,) = json.loads(sepconv("crossover", net, *two, "-f", "json").out)["layers"]
    assert layer["costs"] == {"squeezed": 49 * (4 * 72 + 4 * 16), "standard": 49 * 16 * 72}
    assert layer["cheapest"] == ["squeezed"]
    shown = sepconv("crossover", net, *two).out
    assert "F the few channels of squeezed" in shown
    assert "for some N and not for others; N = 16: it does" in shown
