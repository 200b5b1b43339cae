"""What is typed of a model's input and arguments."""

from typing import Any

import pytest

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.asked import call_of, inputs_of, resolutions_of


@pytest.mark.parametrize(
    ("texts", "inputs"),
    [
        ([], []),
        (["3,224,224"], [("", (3, 224, 224), False)]),
        (["3x224X224"], [("", (3, 224, 224), False)]),
        ([" 3, 8 "], [("", (3, 8), False)]),
        (["7"], [("", (7,), False)]),
        (["7:int"], [("", (7,), True)]),
        (["words=7 :INT", "3,8"], [("words", (7,), True), ("", (3, 8), False)]),
        (["3,8", "1,8"], [("", (3, 8), False), ("", (1, 8), False)]),
        (["left=3,8", "right=3,9"], [("left", (3, 8), False), ("right", (3, 9), False)]),
    ],
    ids=str,
)
def test_inputs(texts: list[str], inputs: Any) -> None:
    assert [(each.name, each.shape, each.whole) for each in inputs_of(texts)] == inputs


@pytest.mark.parametrize(
    "texts",
    [
        [""],
        ["3,"],
        ["3,-1"],
        ["3;4"],
        ["3,0"],
        ["a=3", "a=4"],
        ["a="],
        ["3.5"],
        ["7:float"],
        [":int"],
    ],
    ids=str,
)
def test_what_is_no_shape(texts: list[str]) -> None:
    with pytest.raises(UsageError, match="--input"):
        inputs_of(texts)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (None, {}),
        ("", {}),
        ("width=0.5", {"width": 0.5}),
        ("b=1, a='x',", {"a": "x", "b": 1}),
        ("depths=[1, 2], act=None, on=-1e3", {"depths": [1, 2], "act": None, "on": -1000.0}),
    ],
    ids=str,
)
def test_arguments(text: str | None, call: dict[str, Any]) -> None:
    assert dict(call_of(text)) == call


@pytest.mark.parametrize(
    "text",
    [
        "0.5",
        "width",
        "width=open('x')",
        "width=__import__('os').system('true')",
        "**{'a': 1}",
        "a=1, a=2",
        "a=1) + (2",
        "a=1)(b=2",
        "a=1\nb=2",
        "a=" + "[" * 5000,
        "a='" + "x" * 10_000 + "'",
        "a=f'{1}'",
    ],
    ids=lambda text: text[:20],
)
def test_what_are_no_arguments(text: str) -> None:
    """Values are literals: nothing is called, looked up or put together."""
    with pytest.raises(UsageError, match="--call"):
        call_of(text)


def test_resolutions() -> None:
    assert resolutions_of([224, 160, 224]) == (160, 224)
    for wrong in (0, True, 0.5, -3):
        with pytest.raises(UsageError, match="resolution: expected whole numbers over 0"):
            resolutions_of([wrong])
