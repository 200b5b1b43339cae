"""What a convention says of itself: every term has a sentence, and what is left out is named."""

import io
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import torch
from bsconv.pytorch.profile import ModelProfiler
from fvcore.nn import FlopCountAnalysis
from ptflops import get_model_complexity_info

from sepconv_cli.conventions import (
    MODULES,
    TERMS,
    Convention,
    Gap,
    Style,
    convention,
    gaps,
    sentences,
    works,
)
from sepconv_cli.lowering.lower import lower
from sepconv_cli.lowering.read import loads
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.ops.global_avg_pool import GlobalAvgPool
from sepconv_cli.ops.relu6 import Relu6
from sepconv_cli.registry import names, record
from sepconv_cli.trace.build import build_module
from sepconv_cli.trace.tools import run_tool
from tests.conventions import alone
from tests.conventions.test_tools import MERGES, STYLES
from tests.examples import EXAMPLES, LINE, PLANE, conv_transpose

CONVENTIONS = [convention(name) for name in names("conventions")]
LAYERS = [example.network() for example in EXAMPLES]
LAYERS += [alone(record("ops", name)(), PLANE, PLANE) for name in MERGES]

DOCS = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text()

every_convention = pytest.mark.parametrize(
    "convention", CONVENTIONS, ids=lambda convention: convention.name
)


def single(network: Network) -> Node:
    """The op, behind constants where it reads more than the network's input."""
    return network.nodes[-1]


@every_convention
def test_every_term_has_a_sentence_and_every_sentence_a_term(convention: Convention) -> None:
    nodes = [single(network) for network in LAYERS]
    terms = {
        term for node in nodes for style in STYLES for term in convention.terms(node, style) or ()
    }
    assert terms == set(convention.reasons) <= set(TERMS)


@every_convention
def test_every_op_that_is_named_exists(convention: Convention) -> None:
    assert set(convention.knows or ()) <= set(names("ops"))


@every_convention
def test_nothing_unknown_is_counted(convention: Convention) -> None:
    for node in map(single, LAYERS):
        if convention.leaves_out(node):
            assert convention.terms(node) is None, node.op
            assert convention.count(node) is None, node.op


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
    its = convention(tool)
    for network in LAYERS:
        node, x = single(network), network.input
        if its.why_not(node) or not works(node):
            continue
        module = build_module(network, MODULES)
        said = SAYS[tool](module, torch.zeros((1, x.channels, *x.size)))
        classes = {type(part).__name__ for part in module[-1].modules()}
        named = any(name in said for name in classes) or (tool == "fvcore" and bool(said))
        silent = named and run_tool(tool, network) == 0
        assert its.leaves_out(node) == silent, node.op


@every_convention
def test_every_op_that_is_not_comparable_is_in_the_docs(convention: Convention) -> None:
    """With its reason, which for attention has the numbers of one layer."""
    section = DOCS.partition(f"\n### {convention.name}\n")[2].partition("\n### ")[0]
    for node in map(single, LAYERS):
        reason = convention.why_not(node)
        if reason:
            assert f"`{node.op.name}` ({re.split('[0-9]', reason)[0]}" in section


def test_a_pool_that_fvcore_knows_over_two_axes_only() -> None:
    fvcore = convention("fvcore")
    assert gaps(alone(GlobalAvgPool(), PLANE).nodes, fvcore) == ()
    assert gaps(alone(GlobalAvgPool(), LINE).nodes, fvcore) == (Gap("layer", "global_avg_pool"),)


def test_what_is_left_out_may_depend_on_how_it_is_written() -> None:
    calflops, node = convention("calflops"), single(alone(Relu6(), PLANE))
    assert calflops.leaves_out(node)
    assert not calflops.leaves_out(node, Style(functions=True))


def test_what_a_tool_does_not_know_is_no_zero() -> None:
    node = single(alone(conv_transpose(2, 3, (2, 2)), Tensor(2, (4, 4))))
    assert convention("bsconv").count(node) is None


@every_convention
def test_what_nobody_can_tell_is_a_gap_in_every_convention(convention: Convention) -> None:
    """None and not 0, beside the count of what is known."""
    spec = loads(
        "input: [3, 4, 4]\nlayers: [opaque: {function: roi_align, shape: [3, 4, 4]}, "
        "conv: {out_channels: 2, kernel_size: 1, bias: false}]"
    )
    node, conv = lower(spec).nodes
    for style in STYLES:
        assert convention.leaves_out(node, style)
        assert convention.terms(node, style) is None
    assert convention.count(node) is None
    found = gaps((node, conv), convention)
    assert found == (Gap("opaque", "opaque", function="roi_align", elements=48),)
    assert sentences(found, convention) == [
        "Opaque, not counted: roi_align (1 layer, 48 elements)."
    ]
    assert convention.count(conv) in (3 * 2 * 16, 2 * 3 * 2 * 16)
