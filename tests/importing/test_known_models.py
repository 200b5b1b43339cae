"""Models of timm and torchvision themselves, where they are installed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.conftest import Sepconv
from tests.test_docs import README


@pytest.fixture(autouse=True, scope="module")
def packages() -> Iterator[Any]:
    """Both packages; PyPI's torchvision lacks two operators beside the CPU build of torch."""
    new_library: Any = torch.library.Library
    library = new_library("torchvision", "DEF")
    try:
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        pytest.importorskip("torchvision", exc_type=ImportError)
        pytest.importorskip("timm")
        yield library
    finally:
        library._destroy()


@pytest.mark.parametrize(
    ("address", "parameters", "count"),
    [
        # The parameters that torchvision prints beside its weights, and fvcore's count there.
        ("timm:resnet50.a1_in1k", 25_557_032, 4_089_184_256),
        ("torchvision:resnet50", 25_557_032, 4_089_184_256),
        ("torchvision:mobilenet_v2", 3_504_872, 300_774_272),
    ],
)
def test_models_have_their_published_numbers(
    sepconv: Sepconv, address: str, parameters: int, count: int
) -> None:
    found = sepconv("compare", address, "--engine", "analytic", "-f", "json")
    assert found.code == 0, found.err
    row = json.loads(found.out)["rows"][0]
    assert (row["parameters"], row["count"]) == (parameters, count)


def test_what_torchvision_builds_on_weights_downloads_none(
    sepconv: Sepconv, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its segmentation networks take the backbone's weights where nobody says otherwise."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it asked for weights")

    monkeypatch.setattr("torch.hub.load_state_dict_from_url", refuse)
    monkeypatch.setattr("torchvision._internally_replaced_utils.load_state_dict_from_url", refuse)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", refuse)
    found = sepconv("import", "torchvision:fcn_resnet50", "--input", "3,64,64")
    assert "it asked for weights" not in found.err


def test_a_misspelt_name(sepconv: Sepconv) -> None:
    found = sepconv("compare", "timm:resnt50")
    assert (found.code, found.err.splitlines()[1]) == (2, "  hint: did you mean resnet50?")


def test_the_readme_shows_what_comes_out(sepconv: Sepconv) -> None:
    """The table as it is, and the spec but for its first line, which has versions and a day."""
    section = README[README.index("## The network you already have") :]
    table, spec = re.findall(
        r"```(?:yaml)?\n((?:resnet50  |# imported).*?)\n```", section, re.DOTALL
    )
    shown = sepconv("compare", "timm:resnet50").out.splitlines()
    assert [line.rstrip() for line in shown] == table.splitlines()
    text = sepconv("import", "timm:resnet50", "-q").out
    first, *lines = spec.splitlines()
    assert first.startswith("# imported from timm:resnet50, timm ")
    above, below = "\n".join(lines).split("    ...\n")
    assert above in text
    assert text.endswith(below + "\n")
    assert f"ResNet-50 is {len(text.splitlines())}\nlines" in section
