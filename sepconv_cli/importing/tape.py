"""What a forward pass called, in torch's words but free of torch."""

from typing import Any

import msgspec


class Ref(msgspec.Struct, frozen=True):
    """A tensor that a call made, or an input of the model, with its whole shape."""

    at: int
    shape: tuple[int, ...]


class Weight(msgspec.Struct, frozen=True):
    """A parameter of the model, or a buffer where it isn't learned."""

    name: str
    shape: tuple[int, ...]
    learned: bool


class FunctionCall(msgspec.Struct, frozen=True):
    """A call: the function's name, its arguments, and the tensors that came out.

    `path` are the names of the modules that it ran in, the outermost first, `classes` theirs.
    `multiplications` are what torch itself counts for it, where the source of the tape can tell.
    `visits` tell the runs of these modules apart, where the source of the tape can.
    """

    function: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    outputs: tuple[Ref, ...]
    path: tuple[str, ...]
    classes: tuple[str, ...]
    multiplications: int | None = None
    visits: tuple[int, ...] = ()


class Tape(msgspec.Struct, frozen=True):
    """The calls of one pass, the model's inputs and what it handed out."""

    inputs: tuple[Ref, ...]
    calls: tuple[FunctionCall, ...]
    outputs: tuple[Ref, ...]
