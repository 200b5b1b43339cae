"""What a convention says of itself: every term has a sentence, and what is left out is named."""

import io
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import torch
from bsconv.pytorch.profile import ModelProfiler
from fvcore.nn import FlopCountAnalysis
from ptflops import get_model_complexity_info

from sepconv_cli.conventions import MODULES, TERMS, Convention, Gap, Style, convention, gaps
from sepconv_cli.library.load import loads
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.registry import names, record
from sepconv_cli.trace.build import plain
from sepconv_cli.trace.tools import measure
from tests.conventions import alone
from tests.conventions.test_tools import MERGES, STYLES
from tests.examples import EXAMPLES, LINE, PLANE, conv_transpose

RULES = [convention(name) for name in names("conventions")]
LAYERS = [alone(example.op, example.x) for example in EXAMPLES]
LAYERS += [alone(record("ops", name)(), PLANE, PLANE) for name in MERGES]

DOCS = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text()

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def single(network: Network) -> Node:
    (node,) = network.nodes
    return node


def works(node: Node) -> bool:
    return any(node.op.work_on(node.inputs, node.y))


@every_rule
def test_every_term_has_a_sentence_and_every_sentence_a_term(rule: Convention) -> None:
    nodes = [single(network) for network in LAYERS]
    terms = {term for node in nodes for style in STYLES for term in rule.terms(node, style) or ()}
    assert terms == set(rule.reasons) <= set(TERMS)


@every_rule
def test_every_op_that_is_named_exists(rule: Convention) -> None:
    assert {*rule.rules, *rule.unknown} <= set(names("ops"))


@every_rule
def test_nothing_unknown_is_counted(rule: Convention) -> None:
    for node in map(single, LAYERS):
        if node.op.name in rule.unknown or rule.leaves_out(node):
            assert not rule.terms(node), node.op


def by_fvcore(module: torch.nn.Module, sample: torch.Tensor) -> str:
    """It lists operators."""
    analysis = FlopCountAnalysis(module, sample).unsupported_ops_warnings(False)
    analysis.total()
    return " ".join(analysis.unsupported_ops())


def by_thop(module: torch.nn.Module, sample: torch.Tensor) -> str:
    """It prints classes where it is asked to, beside those that it knows."""
    # Its own import warns of the Python that it is written for.
    from thop import profile

    text = io.StringIO()
    with redirect_stdout(text):
        profile(module, inputs=(sample,), report_missing=True)
    return " ".join(line for line in text.getvalue().splitlines() if "Cannot find" in line)


def by_ptflops(module: torch.nn.Module, sample: torch.Tensor) -> str:
    """It prints classes."""
    text = io.StringIO()
    shape = tuple(sample.shape[1:])
    get_model_complexity_info(module, shape, False, verbose=True, ost=text, backend="pytorch")
    return text.getvalue()


def by_bsconv(module: torch.nn.Module, sample: torch.Tensor) -> str:
    """It warns of classes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ModelProfiler(module, input_size=tuple(sample.shape))
    return " ".join(str(warning.message) for warning in caught)


SAYS: Mapping[str, Callable[[torch.nn.Module, torch.Tensor], str]] = {
    "fvcore": by_fvcore,
    "thop": by_thop,
    "ptflops": by_ptflops,
    "bsconv": by_bsconv,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tool", SAYS)
def test_what_is_left_out_is_what_the_tool_says_it_does_not_know(tool: str) -> None:
    """A layer is left out if it does any work, the tool names it, and it counts nothing.

    What is counted by its function is named all the same, as a class; and attention and padding
    by other than zeros are made of parts, of which some are known.
    """
    rule = convention(tool)
    for network in LAYERS:
        node, x = single(network), network.input
        if rule.why_not(node) or not works(node):
            continue
        module = plain(network, MODULES)
        said = SAYS[tool](module, torch.zeros((1, x.channels, *x.size)))
        named = type(module[0]).__name__ in said or (tool == "fvcore" and bool(said))
        silent = named and measure(tool, network) == 0
        assert rule.leaves_out(node) == silent, node.op


@every_rule
def test_every_reason_why_not_is_in_the_docs(rule: Convention) -> None:
    reasons = {rule.why_not(single(network), style) for network in LAYERS for style in STYLES}
    for reason in reasons - {None}:
        assert f"({reason})" in DOCS.partition(f"\n### {rule.name}\n")[2].partition("\n### ")[0]


def test_a_pool_that_fvcore_knows_over_two_axes_only() -> None:
    rule = convention("fvcore")
    assert gaps(alone(GlobalAvgPool(), PLANE).nodes, rule) == ()
    assert gaps(alone(GlobalAvgPool(), LINE).nodes, rule) == (Gap("layer", "global_avg_pool"),)


def test_what_is_left_out_may_hang_on_how_it_is_written() -> None:
    rule, node = convention("calflops"), single(alone(Relu6(), PLANE))
    assert rule.leaves_out(node)
    assert not rule.leaves_out(node, Style(functions=True))


def test_what_a_tool_does_not_know_is_no_zero() -> None:
    node = single(alone(conv_transpose(2, 3, (2, 2)), Tensor(2, (4, 4))))
    assert convention("bsconv").count(node) is None


@every_rule
def test_what_nobody_can_tell_is_a_gap_in_every_convention(rule: Convention) -> None:
    """None and not 0, beside the count of what is known."""
    spec = loads(
        "input: [3, 4, 4]\nlayers: [opaque: {function: roi_align, shape: [3, 4, 4]}, "
        "conv: {out_channels: 2, kernel_size: 1, bias: false}]"
    )
    node, conv = lower(spec).nodes
    for style in STYLES:
        assert rule.leaves_out(node, style)
        assert rule.terms(node, style) is None
    assert rule.count(node) is None
    assert gaps((node, conv), rule) == (Gap("opaque", "opaque"),)
    assert rule.count(conv) in (3 * 2 * 16, 2 * 3 * 2 * 16)
