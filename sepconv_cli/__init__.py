"""What convolutional networks cost: parameters and multiplications, by formula and by tracing.

from sepconv_cli import compare, load
for row in compare(load("configs/architectures/mobilenet_v1.yaml")).rows:
    print(row.variant, row["count"])
"""

from typing import TYPE_CHECKING, Any

from sepconv_cli.compare.comparison import Comparison, compare
from sepconv_cli.compare.rows import LayerRow, Row
from sepconv_cli.errors import Problem, SpecError, UsageError
from sepconv_cli.library.load import load
from sepconv_cli.lowering.read import loads
from sepconv_cli.trace import TraceError
from sepconv_cli.version import __version__

if TYPE_CHECKING:
    from sepconv_cli.budget.testing import assert_within_budget
    from sepconv_cli.importing.from_torch import from_torch
    from sepconv_cli.importing.onnx_file import from_onnx
    from sepconv_cli.importing.pt2 import from_pt2

__all__ = [
    "Comparison",
    "LayerRow",
    "Problem",
    "Row",
    "SpecError",
    "TraceError",
    "UsageError",
    "__version__",
    "assert_within_budget",
    "compare",
    "from_onnx",
    "from_pt2",
    "from_torch",
    "load",
    "loads",
]


def __getattr__(name: str) -> Any:
    """What no command needs is imported on use: start-up is a feature."""
    if name == "assert_within_budget":
        from sepconv_cli.budget.testing import assert_within_budget

        return assert_within_budget
    if name == "from_torch":
        from sepconv_cli.importing.from_torch import from_torch

        return from_torch
    if name == "from_onnx":
        from sepconv_cli.importing.onnx_file import from_onnx

        return from_onnx
    if name == "from_pt2":
        from sepconv_cli.importing.pt2 import from_pt2

        return from_pt2
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
