"""The calls of a forward pass -> steps of ops. What each function means is functions/'."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.alignment import same_tensors
from sepconv_cli.importing.derived import with_all_parameters
from sepconv_cli.importing.functions import READERS
from sepconv_cli.importing.reading import (
    Layout,
    Reading,
    State,
    Unreadable,
    layout,
    repeated_for_samples,
    tensors,
)
from sepconv_cli.importing.steps import Recorded
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape, Weight

FACTORIES = frozenset(
    {
        *("new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "zeros_like"),
        *("ones_like", "full_like", "empty_like", "rand_like", "randn_like", "randint_like"),
        *("zero_", "fill_"),
    }
)
"""Functions that read a tensor and make one that doesn't depend on its values."""

# What a reader raises for arguments in a form that it wasn't written for.
_UNFORESEEN = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)

ReadCall = Callable[[State, FunctionCall], "int | list[int]"]
"""Emits the steps of one call and gives those that its outputs are. Raises Unreadable."""


def translate(name: str, one: Tape, two: Tape) -> Recorded:
    """The steps of a model that was run on one sample and on two.

    What can't be told becomes opaque.
    """
    return steps_of_layouts(name, one, layouts_of(one, two))


def steps_of_layouts(name: str, tape: Tape, layouts: Sequence[Layout]) -> Recorded:
    """The same of one pass, where the layout of every tensor is known."""
    return with_all_parameters(steps_of(name, tape, layouts, _read), _elements(tape))


def _elements(tape: Tape) -> dict[str, int]:
    """The number of elements of each of the model's own tensors that the pass reads."""
    return {
        each.name: prod(each.shape)
        for call in tape.calls
        for each in tensors((call.arguments, tuple(call.keywords.values())))
        if isinstance(each, Weight)
    }


def steps_of(name: str, tape: Tape, layouts: Sequence[Layout], read: ReadCall) -> Recorded:
    """The steps of a tape, given the layout of every tensor and what tells a call's ops."""
    state = State(layouts, tape.inputs)
    for state.call, call in enumerate(tape.calls):
        _call(state, call, read)
    found = [state.made[ref.at] for ref in tape.outputs if ref.at in state.made]
    # A detector that finds nothing hands out nothing: all that it did led to where it came to that.
    outputs = tuple(found or sorted(at for at in state.ends if at >= 0))
    return Recorded(name, state.input, tuple(state.steps), outputs)


def layouts_of(one: Tape, two: Tape) -> list[Layout]:
    """The layout of every tensor, by its number."""
    shapes: dict[int, tuple[int, ...]] = {}
    twice: dict[int, tuple[int, ...]] = {}
    for tensors_one, tensors_two in same_tensors(one, two):
        shapes[tensors_one.at] = tensors_one.shape
        if tensors_two is not None:
            twice[tensors_one.at] = tensors_two.shape
    return [
        layout(shapes[at], twice[at])
        if at in twice and len(twice[at]) == len(shapes[at])
        else Layout(shapes.get(at, ()), None)
        for at in range(max(shapes) + 1)
    ]


def _is_fixed(call: FunctionCall) -> bool:
    """Whether what comes out hangs on the shapes of what it reads and not on its values."""
    return call.function in FACTORIES or all(0 in ref.shape for ref in call.outputs)


def _call(state: State, call: FunctionCall, read: ReadCall) -> None:
    given = tensors((call.arguments, tuple(call.keywords.values())))
    for each in repeated_for_samples(call, state.layouts):
        if not state.moves(each):
            dims = state.layouts[each.at].dims or (1,)
            state.made[each.at] = Reading(state, call, {}).constant(each, dims, -1)
    if not any(map(state.moves, given)) or _is_fixed(call):
        sources = () if call.function in FACTORIES else _weights(state, given)
        if call.function not in FACTORIES:
            moving = [ref.at for ref in given if isinstance(ref, Ref) and ref.at in state.made]
            state.ends.update(state.made[at] for at in moving)
        state.add_constants(call, sources)
        return
    before = len(state.steps)
    try:
        found = read(state, call)
    except (Unreadable, *_UNFORESEEN):
        state.forget(before)
        found = _opaque(state, call, given)
    made = [found] if isinstance(found, int) else found
    for ref, at in zip(call.outputs, made, strict=False):
        state.made[ref.at] = at
        if at >= before:
            state.steps[at] = replace(state.steps[at], tensor=ref.at)


def _weights(state: State, given: list[Ref | Weight]) -> tuple[Weight, ...]:
    """The model's own tensors that some tensors are made of."""
    found: dict[Weight, None] = {}
    for each in given:
        of = (each,) if isinstance(each, Weight) else state.constants.get(each.at, ())
        found.update(dict.fromkeys(of))
    return tuple(found)


def _read(state: State, call: FunctionCall) -> int | list[int]:
    function = call.function if call.function.endswith("__") else call.function.rstrip("_")
    if function not in READERS:
        raise Unreadable(f"no reader for {function}")
    names, reader = READERS[function]
    given: dict[str, Any] = {**dict(zip(names, call.arguments, strict=False)), **call.keywords}
    if "self" in given:
        given[names[0]] = given.pop("self")
    return reader(Reading(state, call, given))


def _opaque(state: State, call: FunctionCall, given: list[Ref | Weight]) -> list[int]:
    """What a call puts out, where nobody knows what it does."""
    inputs = [each for each in given if state.moves(each)]
    r = Reading(state, call, {})
    held = [r.held(each) for each in given if not state.moves(each)]
    return [
        r.emit(
            "opaque",
            *inputs,
            function=call.function,
            shape=state.layouts[ref.at].dims or (1,),
            held=held,
        )
        for ref in call.outputs
    ]
