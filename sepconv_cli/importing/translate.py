"""The calls of a forward pass -> steps of ops. What each function means is functions/'."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from sepconv_cli.importing.functions import READERS
from sepconv_cli.importing.reading import Layout, Reading, State, Unreadable, layout, tensors
from sepconv_cli.importing.steps import Recorded
from sepconv_cli.importing.tape import FunctionCall, Ref, Tape, Weight

ReadCall = Callable[[State, FunctionCall], "int | list[int]"]
"""Emits the steps of one call and gives those that its outputs are. Raises Unreadable."""


def translate(name: str, one: Tape, two: Tape) -> Recorded:
    """The steps of a model that was run on one sample and on two.

    What can't be told becomes opaque.
    """
    return steps_of_layouts(name, one, layouts_of(one, two))


def steps_of_layouts(name: str, tape: Tape, layouts: Sequence[Layout]) -> Recorded:
    """The same of one pass, where the layout of every tensor is known."""
    return steps_of(name, tape, layouts, _read)


def steps_of(name: str, tape: Tape, layouts: Sequence[Layout], read: ReadCall) -> Recorded:
    """The steps of a tape, given the layout of every tensor and what tells a call's ops."""
    state = State(layouts)
    for at, ref in enumerate(tape.inputs):
        state.made[ref.at] = -1 - at
    for state.call, call in enumerate(tape.calls):
        _call(state, call, read)
    outputs = tuple(state.made[ref.at] for ref in tape.outputs if ref.at in state.made)
    shape = state.layouts[tape.inputs[0].at].tensor
    return Recorded(name, shape, tuple(state.steps), outputs)


def layouts_of(one: Tape, two: Tape) -> list[Layout]:
    """The layout of every tensor, by its number; both passes number alike."""
    shapes, twice = _shapes(one), _shapes(two)
    return [
        layout(shape, twice[at]) if len(twice.get(at, ())) == len(shape) else Layout(shape, None)
        for at, shape in sorted(shapes.items())
    ]


def _shapes(tape: Tape) -> dict[int, tuple[int, ...]]:
    found = {ref.at: ref.shape for ref in tape.inputs}
    for call in tape.calls:
        given = tensors((call.arguments, tuple(call.keywords.values())))
        found.update({ref.at: ref.shape for ref in (*given, *call.outputs) if isinstance(ref, Ref)})
    return found


def _call(state: State, call: FunctionCall, read: ReadCall) -> None:
    given = tensors((call.arguments, tuple(call.keywords.values())))
    if not any(isinstance(ref, Ref) and ref.at in state.made for ref in given):
        sources = _weights(state, given)
        state.constants.update({ref.at: sources for ref in call.outputs})
        return
    before = len(state.steps)
    try:
        found = read(state, call)
    except Unreadable:
        del state.steps[before:]
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
    inputs = [each for each in given if isinstance(each, Ref) and each.at in state.made]
    r = Reading(state, call, {})
    held = [r.held(each) for each in given if r.is_constant(each)]
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
