"""`32 * width`: a small arithmetic in exact numbers, safe to run on anybody's text.

Python's parser makes the tree; only the node types that compiler.py has are run. Length, depth,
size and every value are bounded. What names mean is the caller's: a mapping from name to value.
"""

import ast
import re
import warnings
from functools import lru_cache

import msgspec

from sepconv_cli.language.compiler import Compiler, Run
from sepconv_cli.language.numbers import ExpressionError

MAX_LENGTH = 300
MAX_PARTS = 100
MAX_BRACKETS = 20


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression: its text, the names it reads, and `run`."""

    text: str
    names: frozenset[str]
    run: Run


# Python would read these as a comment, and as numbers in another base.
_NOT_OURS = re.compile(r"#|\b0[xXoObB]\w*")


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Read an expression. Raises ExpressionError."""
    return compile_by(Compiler, text)


def compile_by(kind: type[Compiler], text: str) -> Expression:
    """Read an expression that is run in a way of its own. Raises ExpressionError."""
    _bound(text)
    # A multi-line scalar or leading blanks would read as indentation.
    flat = text.replace("\n", " ").strip()
    tree = _parse(flat)
    if sum(1 for _ in ast.walk(tree)) > 3 * MAX_PARTS:
        raise ExpressionError(f"an expression of more than {MAX_PARTS} parts")
    compiler = kind(flat)
    run = compiler.compile(tree.body)
    return Expression(flat, frozenset(compiler.names), run)


def _bound(text: str) -> None:
    """Refuse what is too long or too deep, or Python would read otherwise than we do."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of more than {MAX_LENGTH} characters")
    if not text.isascii():
        column = next(i for i, character in enumerate(text) if not character.isascii())
        raise ExpressionError(f"{text[column]!r} has no place in an expression", column=column)
    odd = _NOT_OURS.search(text)
    if odd:
        hint = "a number has decimal digits" if odd[0] != "#" else None
        raise ExpressionError(f"{odd[0]!r} has no place in an expression", hint, odd.start())
    if _depth(text) > MAX_BRACKETS:
        raise ExpressionError(f"brackets nested deeper than {MAX_BRACKETS}")


def _depth(text: str) -> int:
    """How deep the brackets nest."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _parse(text: str) -> ast.Expression:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval")
    except SyntaxError as error:
        # Python counts from 1, and says 0 for the end.
        column = max(min((error.offset or len(text)) - 1, len(text) - 1), 0)
        hint = (
            "quote an expression that holds a comma" if text.count("(") != text.count(")") else None
        )
        raise ExpressionError(f"{text!r} is not an expression", hint, column) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("an expression nested too deep") from error
