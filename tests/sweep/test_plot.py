"""Pictures: a line for each variant, the budget across it, nothing fetched from a network."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.conftest import Sepconv

ROOT = Path(__file__).parents[2]
MOBILENET = ROOT / "configs" / "architectures" / "mobilenet_v1.yaml"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(sepconv: Sepconv, path: Path, *arguments: str) -> str:
    result = sepconv("sweep", MOBILENET, "--plot", path, "-q", *arguments)
    assert result.code == 0, result.err
    return path.read_text() if path.suffix != ".png" else ""


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def lines(svg: str) -> list[ET.Element]:
    marked = [
        group
        for group in ET.fromstring(svg).iter(f"{SVG}g")
        if "mark-line" in group.get("class", "") and "layer" in group.get("class", "")
    ]
    return [path for group in marked for path in group.iter(f"{SVG}path")]


def test_a_line_for_each_variant_and_the_budget(sepconv: Sepconv, tmp_path: Path) -> None:
    svg = drawn(
        sepconv, tmp_path / "a.svg", "--set", "width=0.25:1:0.25", "--where", "macs <= 300e6"
    )
    found = texts(svg)
    assert "MobileNetV1: MACs by width" in found
    for text in ("standard", "depthwise_separable", "blueprint_u", "blueprint_s", "width", "MACs"):
        assert text in found
    assert "300,000,000" in found
    assert len(lines(svg)) == 4
    assert all(path.get("d", "").count("L") == 3 for path in lines(svg))


def test_few_other_values_are_panels_and_many_a_band(sepconv: Sepconv, tmp_path: Path) -> None:
    one = ("--variant", "standard", "--set", "width=0.5:1:0.05")
    panels = texts(drawn(sepconv, tmp_path / "a.svg", *one, "--set", "resolution=128,160"))
    assert {"resolution=128", "resolution=160"} <= set(panels)
    band = texts(drawn(sepconv, tmp_path / "b.svg", *one, "--set", "resolution=96:224:16"))
    assert "MobileNetV1: MACs by width; bands are the range over resolution" in band


def test_by_says_what_is_plotted_and_plot_over_along_which(
    sepconv: Sepconv, tmp_path: Path
) -> None:
    grid = ("--set", "width=0.5:1:0.05", "--set", "resolution=128,160")
    more = ("--by", "parameters", "--plot-over", "resolution", "--variant", "blueprint_u")
    assert "MobileNetV1: parameters by resolution; bands are the range over width" in texts(
        drawn(sepconv, tmp_path / "a.svg", *grid, *more)
    )


def test_png_and_a_page_that_holds_all_it_needs(sepconv: Sepconv, tmp_path: Path) -> None:
    grid = ("--set", "width=0.5,1")
    drawn(sepconv, tmp_path / "a.png", *grid)
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    page = drawn(sepconv, tmp_path / "a.html", *grid)
    assert "<script" in page
    assert "<script src" not in page
    assert "blueprint_s" in page


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("a.gif", (), "a picture is .svg, .png, .html"),
        ("missing/a.svg", (), "can't be written"),
        ("a.svg", ("--plot-over", "widht"), "it isn't swept"),
    ],
)
def test_what_cant_be_drawn(
    sepconv: Sepconv, tmp_path: Path, name: str, more: tuple[str, ...], message: str
) -> None:
    result = sepconv("sweep", MOBILENET, "--set", "width=0.5,1", "--plot", tmp_path / name, *more)
    assert result.code == 2
    assert message in result.err
