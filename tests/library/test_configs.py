"""Every spec of the project is read, and counted alike by both engines in all of its variants."""

from pathlib import Path

import pytest

from sepconv_cli import compare, load

CONFIGS = Path(__file__).parents[2] / "configs"
SPECS = sorted(CONFIGS.rglob("*.yaml"))

# A resolution other than the spec's own, large enough for its last window.
RESOLUTION = 64
RESOLUTIONS = {"vgg_16": 256}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: str(path.relative_to(CONFIGS)))
def test_both_engines_agree_on_the_specs_of_the_project(path: Path) -> None:
    spec = load(path)
    resolution = RESOLUTIONS.get(path.stem, RESOLUTION)
    settings = {"resolution": resolution} if "resolution" in spec.parameters else {}
    comparison = compare(spec, grid=[settings], engine="both")
    assert comparison.rows
    assert not comparison.disagreements
    assert all(row.agrees for row in comparison.rows)
