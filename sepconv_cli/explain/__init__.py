"""The arithmetic behind a layer: formulas in symbols, the numbers put in, the results.

The formulas are the ones that count, run on symbols. Only this package imports sympy.
"""

from sepconv_cli.explain.report import explain

__all__ = ["explain"]
