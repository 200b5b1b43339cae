"""Budgets: verdicts by hand, every exit code, and what is wrong with a rule.

The network is AIdventure's example: a 3x3 convolution of 3 to 128 channels on 7x7, without bias.
Standard it has 3,456 parameters and 86,400 MACs, separable 411 and 10,275 (tests/published).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from sepconv_cli import SpecError, assert_within_budget, loads
from sepconv_cli.budget.verdict import verdicts
from tests.conftest import Result, Sepconv

NET = """
name: small
input: [3, 7, 7]
parameters: {width: 1}
layers:
  - conv: {out_channels: int(128 * width), kernel_size: 3, bias: false}
  - relu
"""


def spec(rules: str) -> str:
    return f"{NET}budgets:\n" + "".join(f"  - {rule}\n" for rule in rules.strip().split("\n"))


@pytest.fixture
def check(sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Check a spec with these rules, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(rules: str, *arguments: object) -> Result:
        Path("net.yaml").write_text(spec(rules))
        return sepconv("check", "net.yaml", *arguments)

    return call


def verdict(result: Result) -> dict[str, Any]:
    (found,) = json.loads(result.out)["verdicts"]
    return dict(found)


@pytest.mark.parametrize(
    ("rule", "value", "limit"),
    [
        ("{id: a, metric: macs, max: 90k}", 86_400, 90_000),
        ("{id: a, metric: macs, variant: depthwise_separable, max: 0.011M}", 10_275, 11_000),
        ("{id: a, metric: parameters, max: 3456}", 3_456, 3_456),
        ("{id: a, metric: activations, max: 3.2k}", 3_200, 3_200),
        ("{id: a, metric: weight_bytes, max: 13.5KiB}", 13_824, 13_824),
        ("{id: a, metric: weight_bytes, dtype: int8, max: 3456}", 3_456, 3_456),
        ("{id: a, metric: activation_bytes, dtype: float16, max: 6400B}", 6_400, 6_400),
        # ReLU reads and writes 128x5x5.
        ("{id: a, metric: peak_activation_bytes, dtype: int8, max: 6400}", 6_400, 6_400),
        ("{id: a, metric: torch, max: 172800}", 172_800, 172_800),
        # bsconv counts a ReLU as one for each of 3,200 elements.
        ("{id: a, metric: bsconv, max: 89600}", 89_600, 89_600),
        ("{id: a, metric: macs, scope: relu, max: 0}", 0, 0),
        ("{id: a, metric: macs, scope: [conv, relu], max: 86400}", 86_400, 86_400),
        ("{id: a, metric: macs, set: {width: 0.5}, max: 43200}", 43_200, 43_200),
        (
            "{id: a, metric: macs, variant: depthwise_separable, "
            "max_ratio: {to: standard, value: 0.15}}",
            10_275,
            12_960,
        ),
    ],
)
def test_within(check: Any, rule: str, value: int, limit: int) -> None:
    result = check(rule, "-f", "json")
    assert result.code == 0, result.err
    found = verdict(result)
    assert (found["status"], found["value"], found["limit"]) == ("passed", value, limit)
    assert found["left"] == limit - value


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("{id: a, metric: macs, max: 86399}", -1),
        ("{id: a, metric: parameters, max: 3.4559k}", -0.1),
        ("{id: a, metric: macs, scope: conv, max: 0}", -86_400),
        (
            "{id: a, metric: macs, variant: depthwise_separable, "
            "max_ratio: {to: standard, value: 0.1}}",
            8_640 - 10_275,
        ),
    ],
)
def test_exceeded_is_exit_code_1(check: Any, rule: str, left: float) -> None:
    result = check(rule, "-f", "json")
    assert result.code == 1
    found = verdict(result)
    assert (found["status"], found["left"]) == ("failed", left)
    assert found["layers"][0]["layer"] == "conv"


def test_a_warning_fails_only_if_asked(check: Any) -> None:
    rule = "{id: a, metric: macs, max: 1, level: warn}"
    assert verdict(check(rule, "-f", "json"))["status"] == "warned"
    assert check(rule).code == 0
    assert check(rule, "--fail-on", "warn").code == 1
    assert check("{id: a, metric: macs, max: 1}", "--fail-on", "error").code == 1


def test_several_settings_are_a_verdict_each(check: Any) -> None:
    rule = "{id: a, metric: macs, set: {width: [0.5, 1]}, max: 50k}"
    result = check(rule, "-f", "json")
    found = json.loads(result.out)["verdicts"]
    assert [(one["status"], one["settings"], one["value"]) for one in found] == [
        ("failed", {"width": 1}, 86_400),
        ("passed", {"width": 0.5}, 43_200),
    ]


def test_worst_first_and_what_is_left(check: Any) -> None:
    result = check(
        """{id: fine, metric: macs, max: 100k}
{id: near, metric: macs, max: 86400}
{id: over, metric: macs, max: 80k}
{id: warned, metric: macs, max: 10k, level: warn}
{id: far-over, metric: parameters, max: 1k}
{id: growth, metric: macs, max_growth: 1%}"""
    )
    table, rest = result.out.split("\n\n")[1:3]
    assert [" ".join(line.split()) for line in table.splitlines()] == [
        "budget network variant metric value limit left used most in",
        "failed far-over small standard parameters 3,456 1,000 -2,456 345.6% conv",
        "failed over small standard macs 86,400 80,000 -6,400 108.0% conv",
        "warned warned small standard macs 86,400 10,000 -76,400 864.0% conv",
        "skipped growth small standard macs (growth) 86,400 - - conv",
        "passed near small standard macs 86,400 86,400 0 100.0% conv",
        "passed fine small standard macs 86,400 100,000 13,600 86.4% conv",
    ]
    assert rest == "growth: no baseline is given"


def test_both_limits_of_growth_must_be_exceeded() -> None:
    """From 100: 1 % is 1, and at least 10 makes it 10; from 10,000 it is 100."""
    from sepconv_cli.budget.verdict import Before

    def status(before: int, now: int, growth: str) -> str:
        text = f"""
input: [1, 1]
layers: [conv: {{out_channels: {now}, kernel_size: 1, bias: false}}]
budgets: [{{id: a, metric: macs, max_growth: {growth}}}]
"""
        found = loads(text)
        (one,) = verdicts(found, found.budgets[0], lambda *_: Before(before))
        return one.status

    both = "{percent: 1, at_least: 10}"
    assert [status(100, now, both) for now in (90, 100, 110, 111)] == [
        "passed",
        "passed",
        "passed",
        "failed",
    ]
    assert [status(10_000, now, both) for now in (10_011, 10_100, 10_101)] == [
        "passed",
        "passed",
        "failed",
    ]
    assert [status(100, now, "1%") for now in (101, 102)] == ["passed", "failed"]
    assert [status(100, now, "{at_least: 5}") for now in (105, 106)] == ["passed", "failed"]
    assert status(0, 1, "{percent: 50}") == "failed"


def test_what_is_not_comparable_is_not_within(sepconv: Sepconv, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "name: a\ninput: [8, 5]\nlayers: [{multi_head_attention: {num_heads: 2}}]\n"
        "budgets: [{id: a, metric: thop, max: 1G}]\n"
    )
    result = sepconv("check", tmp_path / "net.yaml", "-f", "json")
    found = verdict(result)
    assert (result.code, found["status"], found["value"]) == (1, "failed", None)
    assert found["why"].startswith("multi_head_attention: its number depends on how attention")


WRONG = [
    ("{metric: macs, max: 1}", "a budget needs `id`", None),
    ("{id: a, max: 1}", "a budget needs `metric`", None),
    (
        "{id: a, metric: macs}",
        "the budget a has no limit",
        "one of max, min, max_growth, max_ratio",
    ),
    ("{id: a, metric: mac, max: 1}", "no metric is called mac", "did you mean macs?"),
    ("{id: a, metric: macs, maxx: 1}", "no key of a budget is called maxx", "did you mean max?"),
    ("{id: a, metric: macs, max: 64KiB}", "64KiB is in bytes, but this counts in MACs", None),
    ("{id: a, metric: weight_bytes, max: 64k}", "64k of what?", "write 64kB, which is bytes"),
    ("{id: a, metric: macs, max: lots}", "lots is no amount", "such as 300M or 1.5G"),
    ("{id: a, metric: macs, max: [1]}", "expected an amount", None),
    ("{id: a, metric: macs, max: 1, level: loud}", "no level is called loud", "known: error, warn"),
    ("{id: a, metric: macs, max: 1, variant: blueprint}", "no variant is called blueprint", None),
    ("{id: a, metric: macs, max: 1, dtype: int4}", "no dtype is called int4", "did you mean int8?"),
    ("{id: a, metric: macs, max: 1, match: x}", "a spec's budget is its own", None),
    ("{id: a, metric: macs, max: 1, scope: cnv}", "of the budget a fits no layer of small", None),
    (
        "{id: a, metric: macs, max: 1, scope: [conv, cnv]}",
        "'cnv' of the budget a fits no layer of small",
        "did you mean conv?",
    ),
    ("{id: a, metric: macs, max: 1, scope: ''}", "a pattern is empty", None),
    ("{id: a, metric: macs, max: '1,5M'}", "1,5M is no amount", "such as 300M or 1.5G"),
    ("{id: a, metric: macs, max: 1, set: {width: []}}", "no value is given for width", None),
    ("{id: a, metric: macs, max_growth: {}}", "max_growth needs percent or at_least", None),
    ("{id: a, metric: macs, max_growth: fast}", "fast is no percentage", "such as 1%"),
    ("{id: a, metric: macs, max_ratio: {to: standard}}", "max_ratio needs `value`", None),
    ("{id: a, metric: macs, max_ratio: {to: x, value: 1}}", "no variant is called x", None),
    (
        "{id: a, metric: macs, max: 1, set: {heads: 2}}",
        "the budget a: small has no parameter heads to set",
        None,
    ),
    ("{id: a, metric: macs, max: 1, set: {width: x}}", "expected a number or a list", None),
    (
        "{id: a, metric: peak_activation_bytes, scope: conv, max: 1}",
        "peak_activation_bytes is of the whole network and has no scope",
        None,
    ),
    (
        "{id: a, metric: macs, max: 1}\n{id: a, metric: macs, max: 2}",
        "a second budget called a",
        "the first is on line 9",
    ),
]


@pytest.mark.parametrize(("rules", "message", "hint"), WRONG, ids=[case[1] for case in WRONG])
def test_a_wrong_rule(check: Any, rules: str, message: str, hint: str | None) -> None:
    result = check(rules)
    assert result.code == 2
    assert message in result.err
    assert hint is None or f"hint: {hint}" in result.err
    assert "Traceback" not in result.err


def test_a_mistake_is_told_with_its_place(check: Any) -> None:
    assert (
        check("{id: a, metric: macs, max: 64KiB}").err
        == """\
net.yaml:9:32: 64KiB is in bytes, but this counts in MACs
    9 |   - {id: a, metric: macs, max: 64KiB}
      |                                ^
"""
    )


def test_one_bad_spec_keeps_nothing_from_the_others(check: Any, sepconv: Sepconv) -> None:
    check("{id: a, metric: macs, max: 1}")
    Path("bad.yaml").write_text("input: [3, 8]\nlayers: [cnv]\n")
    result = sepconv("check", ".")
    assert result.code == 2
    assert "failed" in result.out
    assert "bad.yaml:2:10: no op or block is called cnv" in result.err


def test_nothing_to_check_is_an_error(sepconv: Sepconv, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET)
    result = sepconv("check", tmp_path / "net.yaml", "--no-config")
    assert result.code == 2
    assert "there is nothing to check" in result.err


@pytest.mark.parametrize("path", ["missing.yaml", "none/*.yaml", "empty"])
def test_paths_without_a_spec(
    sepconv: Sepconv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("empty/ci.yaml").write_text("steps: []\n")
    result = sepconv("check", path)
    assert (result.code, result.out) == (2, "")


def test_verify_traces_too(check: Any) -> None:
    assert check("{id: a, metric: macs, max: 90k}", "--verify").code == 0


def test_verify_tells_a_disagreement(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sepconv_cli.budget import check as library
    from sepconv_cli.trace import TracedNode

    wrong = (TracedNode(3456, {"conv": 1}), TracedNode(0, {}))
    monkeypatch.setattr(library, "tracer_for", lambda *_, **__: lambda network: wrong)
    result = check("{id: a, metric: macs, max: 90k}", "--verify")
    assert result.code == 1
    assert "the engines disagree: small, standard, conv: 86,400 MACs" in result.err


# The project file.

PROJECT = """
budgets:
  - {id: phone, match: "nets/**", metric: macs, max: 80k}
  - {id: all, metric: parameters, max: 4k}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("sepconv.yaml").write_text(PROJECT)
    Path("nets").mkdir()
    Path("nets/a.yaml").write_text(NET.replace("small", "a"))
    Path("b.yaml").write_text(NET.replace("small", "b"))
    return tmp_path


def ids(result: Result) -> list[tuple[str, str, str]]:
    found = json.loads(result.out)["verdicts"]
    return [(one["status"], one["id"], one["network"]) for one in found]


def test_a_project_file_is_found_upwards(
    sepconv: Sepconv, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [("failed", "phone", "a"), ("passed", "all", "a")]
    assert ids(sepconv("check", "nets/a.yaml", "-f", "json")) == expected
    monkeypatch.chdir(project / "nets")
    assert ids(sepconv("check", "a.yaml", "-f", "json")) == expected
    assert ids(sepconv("check", "../b.yaml", "-f", "json")) == [("passed", "all", "b")]


def test_folders_and_globs(sepconv: Sepconv, project: Path) -> None:
    for paths in ([project], ["."], ["*.yaml", "nets/*"], ["**/*.yaml"]):
        found = ids(sepconv("check", *paths, "-f", "json"))
        assert sorted(found) == [
            ("failed", "phone", "a"),
            ("passed", "all", "a"),
            ("passed", "all", "b"),
        ]


def test_no_config_and_another_config(sepconv: Sepconv, project: Path) -> None:
    assert sepconv("check", "b.yaml", "--no-config").code == 2
    (project / "other.yaml").write_text("budgets: [{id: tight, metric: macs, max: 1}]\n")
    result = sepconv("check", "b.yaml", "--config", "other.yaml", "-f", "json")
    assert ids(result) == [("failed", "tight", "b")]
    result = sepconv("check", "b.yaml", "--config", "missing.yaml")
    assert (result.code, "there is no project file missing.yaml" in result.err) == (2, True)


def test_no_rule_for_these_specs_is_no_error(sepconv: Sepconv, project: Path) -> None:
    (project / "sepconv.yaml").write_text(PROJECT.replace("  - {id: all", "  # - {id: all"))
    result = sepconv("check", "b.yaml", "-f", "json")
    assert (result.code, json.loads(result.out)["headline"]) == (
        0,
        "no budget applies to 1 spec",
    )


def test_a_rule_that_matches_no_file_is_an_error(sepconv: Sepconv, project: Path) -> None:
    (project / "sepconv.yaml").write_text(PROJECT.replace("nets/**", "mobile/**"))
    result = sepconv("check", "b.yaml")
    assert result.code == 2
    assert "sepconv.yaml:3:" in result.err
    assert "the budget phone matches no spec: mobile/**" in result.err


def test_pyproject(sepconv: Sepconv, project: Path) -> None:
    (project / "sepconv.yaml").unlink()
    (project / "pyproject.toml").write_text(
        "[project]\nname = 'x'\n\n[[tool.sepconv.budgets]]\nid = 'toml'\nmetric = 'macs'\n"
        "max_ratio = {to = 'standard', value = 0.15}\nvariant = 'depthwise_separable'\n"
    )
    result = sepconv("check", "b.yaml", "-f", "json")
    assert ids(result) == [("passed", "toml", "b")]
    # Exact: 0.15 of 86,400, and no float beside it.
    assert json.loads(result.out)["verdicts"][0]["limit"] == 12_960


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.sepconv]\nbudget = 1\n", "pyproject.toml:1:1: no key of a project file is called"),
        (
            "[tool.sepconv]\n[[tool.sepconv.budgets]]\nid = 'a'\nmetric = 'macs'\n",
            "pyproject.toml:2:1: the budget a has no limit",
        ),
        ("[tool.sepconv\n", "pyproject.toml:1:1: not TOML"),
    ],
)
def test_a_wrong_pyproject(sepconv: Sepconv, project: Path, text: str, message: str) -> None:
    (project / "sepconv.yaml").unlink()
    (project / "pyproject.toml").write_text(text)
    result = sepconv("check", "b.yaml")
    assert result.code == 2
    assert message in result.err


# In Python.


def test_assert_within_budget(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(NET)
    assert_within_budget(file, macs="90k", parameters=3456)
    assert_within_budget(file, macs=11_000, variant="depthwise_separable")
    assert_within_budget(file, macs=43_200, settings={"width": 0.5})
    assert_within_budget(file, macs=0, scope="relu")
    with pytest.raises(AssertionError) as error:
        assert_within_budget(file, macs="80k", parameters=3455)
    assert str(error.value) == (
        "macs: macs of small, standard: 86,400 is 6,400 over the limit of 80,000\n"
        "parameters: parameters of small, standard: 3,456 is 1 over the limit of 3,455"
    )
    with pytest.raises(SpecError, match="no metric is called mac"):
        assert_within_budget(file, mac=1)


def test_assert_within_the_specs_own_budgets() -> None:
    with pytest.raises(AssertionError, match="tight: macs of small"):
        assert_within_budget(loads(spec("{id: tight, metric: macs, max: 1}")))


def test_what_a_metric_leaves_out_is_named(sepconv: Sepconv, tmp_path: Path) -> None:
    """bsconv's profiler knows the plain ReLU and no other activation."""
    (tmp_path / "net.yaml").write_text(
        NET.replace("- relu", "- silu") + "budgets: [{id: a, metric: bsconv, max: 1M}]\n"
    )
    found = verdict(sepconv("check", tmp_path / "net.yaml", "-f", "json"))
    assert found["notes"] == ["bsconv has no rule for silu (1 layer): not counted."]


def test_the_same_reason_is_said_once(sepconv: Sepconv, project: Path) -> None:
    (project / "sepconv.yaml").write_text("budgets: [{id: growth, metric: macs, max_growth: 1%}]\n")
    out = sepconv("check", ".").out
    assert out.count("no baseline is given") == 1
    assert "\ngrowth: no baseline is given (b, a)\n" in out


def test_what_can_not_be_told_is_not_called_exceeded(sepconv: Sepconv, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "name: a\ninput: [8, 5]\nlayers: [{multi_head_attention: {num_heads: 2}}]\n"
        "budgets: [{id: a, metric: thop, max: 1G}]\n"
    )
    out = sepconv("check", tmp_path / "net.yaml").out
    assert out.endswith("1 that can't be told, 0 kept, in 1 spec\n")
    assert "Layers that cost most" not in out


def test_nothing_is_said_of_what_could_not_be_judged(check: Any) -> None:
    assert check("{id: a, metric: macs, max: 1, scope: cnv}").out == ""


def test_a_spec_is_checked_once_however_it_is_spelt(check: Any, sepconv: Sepconv) -> None:
    check("{id: a, metric: macs, max: 90k}")
    paths = ["net.yaml", "./net.yaml", Path("net.yaml").resolve(), "*.yaml", "."]
    assert len(json.loads(sepconv("check", *paths, "-f", "json").out)["verdicts"]) == 1


def test_other_yaml_in_a_folder_is_no_spec(check: Any, sepconv: Sepconv) -> None:
    check("{id: a, metric: macs, max: 90k}")
    Path("template.yaml").write_text("{{- if .Values.x }}\na: 1\n{{- end }}\n")
    Path("sepconv.yaml").write_text("{budgets: [{id: b, metric: macs, max: 1M}]}\n")
    Path("workflow.yaml").write_text("input: x\n")
    result = sepconv("check", ".")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("pattern", ["**.yaml", "a**/b"])
def test_a_pattern_that_is_none(check: Any, sepconv: Sepconv, pattern: str) -> None:
    check("{id: a, metric: macs, max: 90k}")
    result = sepconv("check", pattern)
    assert result.code == 2
    assert "inside" not in result.err
    Path("sepconv.yaml").write_text(
        f"budgets: [{{id: b, metric: macs, max: 1M, match: '{pattern}'}}]\n"
    )
    result = sepconv("check", "net.yaml")
    assert (result.code, "inside" in result.err) == (2, False)


@pytest.mark.parametrize(
    "text",
    [
        "[[tool.sepconv]]\nx = 1\n",
        "[tool]\nsepconv = 3\n",
        "tool = 3\n[tool2.sepconv]\n",
        "[[tool.sepconv.budgets]]\nid = 'a'\nmetric = 'macs'\nmax = 1e400\n",
        "[[tool.sepconv.budgets]]\nid = 'a'\nmetric = 'macs'\nmax = nan\n",
        "[[tool.sepconv.budgets]]\nid = 'a'\nmetric = 'macs'\nmax = inf\n",
    ],
)
def test_odd_toml_is_no_failure_inside(sepconv: Sepconv, project: Path, text: str) -> None:
    (project / "other.toml").write_text(text)
    result = sepconv("check", "b.yaml", "--config", "other.toml")
    assert result.code == 2
    assert "inside" not in result.err


def test_the_least_that_a_metric_may_be(check: Any) -> None:
    """86,400 MACs over 4 bytes of 3,456 weights, 147 elements read and 3,200 written by the
    convolution, and 3,200 read and written by ReLU: 1.64 for each byte."""
    text = "{id: a, metric: arithmetic_intensity, min: 2, max: 3}"
    out = check(text, "-f", "json").out
    least = next(one for one in json.loads(out)["verdicts"] if one["limit_kind"] == "min")
    assert least["value"] == 86_400 / (4 * (3_456 + 147 + 3 * 3_200))
    assert (least["status"], least["left"]) == ("failed", least["value"] - 2)
    page = check(text, "-f", "github")
    assert page.code == 1
    assert "1.64 is 0.36 short of the least of 2.00" in page.out
    assert " 1.64 " in check(text).out


def test_a_least_between_two_whole_numbers_is_the_next_one(check: Any) -> None:
    page = check("{id: a, metric: parameters, min: 3456.5}", "-f", "github")
    assert "3,456 is 1 short of the least of 3,457" in page.out
