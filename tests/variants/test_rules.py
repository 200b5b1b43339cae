"""Which convolutions are rewritten, and by what: from the spec and from the shell."""

import pytest

from sepconv_cli import SpecError, UsageError, compare, loads
from sepconv_cli.compare.rows import Row

SPEC = """
input: [8, 16]
layers:
  - {conv: {out_channels: 8, kernel_size: 3, padding: 1, bias: false}, name: early}
  - {conv: {out_channels: 8, kernel_size: 5, padding: 2, bias: false}, name: late}
"""
# Parameters: 8 x 8 x 3 = 192 and 8 x 8 x 5 = 320 as written; as depthwise and pointwise
# 8 x 3 + 64 = 88 and 8 x 5 + 64 = 104; as blueprint_s 8 x 4 + 4 x 8 + 8 x 3 = 88 and 104.


def parameters(text: str = SPEC, *rules: str, variant: str = "depthwise_separable") -> float | None:
    row: Row
    (row,) = compare(loads(text), variants=[variant], rewrite=rules, engine="both").rows
    assert row.agrees
    return row["parameters"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([], 88 + 104, id="all without a rule"),
        pytest.param(["early"], 88 + 320, id="by name"),
        pytest.param(["*"], 88 + 104, id="by pattern"),
        pytest.param(["5"], 192 + 104, id="by kernel size"),
        pytest.param(["early=standard", "*"], 192 + 104, id="the first that fits holds"),
        pytest.param(["l*=blueprint_s"], 192 + (8 * 4 + 4 * 8 + 8 * 5), id="by another variant"),
    ],
)
def test_rules_from_the_shell(rules: list[str], expected: int) -> None:
    assert parameters(SPEC, *rules) == expected


@pytest.mark.parametrize(
    ("rewrite", "expected"),
    [
        ("[late]", 192 + 104),
        ("{early: false, '*': true}", 192 + 104),
        ("{early: blueprint_u, '*': standard}", (8 * 8 + 8 * 3) + 320),
    ],
)
def test_rules_from_the_spec(rewrite: str, expected: int) -> None:
    assert parameters(SPEC + f"rewrite: {rewrite}\n") == expected


def test_the_shell_goes_before_the_spec() -> None:
    assert parameters(SPEC + "rewrite: {'*': false}\n", "early") == 88 + 320


def test_a_mixed_assignment_is_the_same_in_every_row() -> None:
    rules = ("early=blueprint_u", "late=depthwise_separable")
    found = {parameters(SPEC, *rules, variant=name) for name in ("standard", "blueprint_s")}
    assert found == {(8 * 8 + 8 * 3) + 104}


def test_a_rule_takes_the_options_of_its_variant() -> None:
    """M' = 2: 8 x 2 + 2 x 8 + 8 x 3 for the one, 320 for the other."""
    (row,) = compare(
        loads(SPEC),
        variants=["blueprint_s"],
        options={"p": "1/8", "min_mid_channels": "2"},
        rewrite=["early=blueprint_s"],
        engine="analytic",
    ).rows
    assert row["parameters"] == 16 + 16 + 24 + 320


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("erly", "no convolution of <text> that can be rewritten fits 'erly'"),
        ("head", "no convolution of <text> that can be rewritten fits 'head'"),
        ("early=bluprint_u", "no variant is called bluprint_u"),
    ],
)
def test_wrong_rules(rule: str, message: str) -> None:
    """A pointwise convolution stays as it is, so a rule for it alone is idle."""
    head = "  - {conv: {out_channels: 8, kernel_size: 1}, name: head}\n"
    with pytest.raises(UsageError, match=message):
        parameters(SPEC + head, rule)


def test_a_rule_that_keeps_may_fit_what_is_never_rewritten() -> None:
    head = "  - {conv: {out_channels: 8, kernel_size: 1, bias: false}, name: head}\n"
    assert parameters(SPEC + head, "head=standard", "early") == 88 + 320 + 64


def test_a_wrong_rule_in_the_spec() -> None:
    with pytest.raises(SpecError, match="6:18: no variant is called blue"):
        loads(SPEC + "rewrite: {early: blue}\n")


@pytest.mark.parametrize("layers", ["[relu]", "[conv: {out_channels: 4, kernel_size: 1}]"])
def test_a_rule_where_nothing_can_be_rewritten(layers: str) -> None:
    """Neither without a convolution nor with a pointwise one alone."""
    with pytest.raises(UsageError) as error:
        compare(loads(f"name: net\ninput: [4, 8, 8]\nlayers: {layers}\n"), rewrite=["3x3"])
    assert str(error.value) == (
        "error: net has no convolution that can be rewritten, so that none fits '3x3'\n"
        "  hint: variants rewrite those in one group with a kernel over 1, unless `rewrite: false`"
    )
