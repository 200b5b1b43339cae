"""Why a line is only measured up to its first bracket: after one, no block can open on it."""

import json

import pytest
import yaml

from sepconv_cli import SpecError, loads

HEADS = (
    "{a: b}: ", "[a]: ", '"[": ', "? {a: b} : ", "{a: b} ", "- [a] ", "- {} : ", "&x [a] : ",
    f'"{"[" * 2000}": ', f'? "{"[" * 2000}" : ', f"{{{'a: b,' * 500}}} : ", "!!map {} : ",
    "'[' : ", "a[: ", "- a[ : ",
)  # fmt: skip


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head[:12])
@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_yaml_opens_no_block_after_a_bracket(head: str, loader: type) -> None:
    for opened in ("- - - x", "? ? ? x"):
        with pytest.raises(yaml.YAMLError):
            yaml.compose(f"{head}{opened}\n", Loader=loader)


def test_brackets_on_one_line_are_still_counted() -> None:
    with pytest.raises(SpecError, match="nested deeper than 60 levels"):
        loads("[" * 5000)


def test_a_long_line_of_json_needs_no_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan in Python takes as long again as all the rest."""
    monkeypatch.setattr(yaml, "parse", lambda *_, **__: pytest.fail("scanned"))
    layer = {"conv": {"out_channels": 8, "kernel_size": 3, "padding": 1}}
    text = json.dumps({"input": [3, 8, 8], "layers": [layer] * 200})
    assert len(text) > 10_000
    assert len(loads(text).layers) == 200
