"""What a convention says of itself: every term has a sentence, and what is left out is named.

Four tools say themselves what they don't know; the rest count by a short list, which the
convention's terms are.
"""

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from ptflops import get_model_complexity_info

from sepconv_cli.conventions import TERMS, Convention, convention
from sepconv_cli.gaps import gaps
from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.registry import names
from sepconv_cli.style import MODULES, Style
from sepconv_cli.trace.build import plain
from tests.conventions import alone, measured
from tests.conventions.test_tools import MERGES, STYLES
from tests.examples import EXAMPLES

CONVENTIONS = [convention(name) for name in names("conventions")]
