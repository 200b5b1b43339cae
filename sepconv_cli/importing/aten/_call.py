"""What the readers of this folder share."""

from collections.abc import Callable, Mapping
from typing import Any

from sepconv_cli.importing import functions
from sepconv_cli.importing.reading import Reading, Unreadable


def of_names(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments under the names that functions/ has: the first tensor is often called self."""
    return {"input" if name == "self" else name: each for name, each in keywords.items()}


def as_torch(r: Reading, function: str, **given: Any) -> int | list[int]:
    """The same as one of torch's functions, whose reader emits it."""
    if given.get("rounding_mode") is not None:
        raise Unreadable("a quotient that is rounded")
    return functions.READERS[function][1](Reading(r.state, r.call, given))


def like(function: str, **names: str) -> Callable[[Reading], int | list[int]]:
    """One of torch's functions, some of whose arguments have other names here."""

    def read(r: Reading) -> int | list[int]:
        given = {names.get(name, name): each for name, each in r.given.items()}
        return as_torch(r, function, **given)

    return read
