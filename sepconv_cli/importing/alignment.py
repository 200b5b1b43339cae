"""Which tensors of a pass of two samples are which of a pass of one.

Mostly the passes call the same functions one after the other. A model that goes through its samples
one by one, as detectors do with images, calls some more often for two.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher

from sepconv_cli.importing.reading import tensors
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape

SameTensor = tuple[Ref, Ref | None]
"""A tensor of the first pass, and the same of the second where there is one."""


def same_tensors(one: Tape, two: Tape) -> Iterator[SameTensor]:
    """All tensors of the first pass, each as often as it is read or made."""
    yield from zip(one.inputs, two.inputs, strict=True)
    for first, second in _same_calls(one.calls, two.calls):
        ours, theirs = _refs(first), _refs(second) if second else []
        alike = len(ours) == len(theirs)
        yield from zip(ours, theirs if alike else [None] * len(ours), strict=True)


def _same_calls(
    one: tuple[FunctionCall, ...], two: tuple[FunctionCall, ...]
) -> Iterator[tuple[FunctionCall, FunctionCall | None]]:
    first, second = ([(call.function, call.path) for call in calls] for calls in (one, two))
    if first == second:
        yield from zip(one, two, strict=True)
        return
    at = 0
    for start, there, count in SequenceMatcher(None, first, second, False).get_matching_blocks():
        yield from ((call, None) for call in one[at:start])
        at = start + count
        yield from zip(one[start:at], two[there : there + count], strict=True)


def _refs(call: FunctionCall) -> list[Ref]:
    given = tensors((call.arguments, tuple(call.keywords.values())))
    return [each for each in (*given, *call.outputs) if isinstance(each, Ref)]
