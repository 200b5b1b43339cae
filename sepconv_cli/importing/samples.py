"""Shapes that a user gives for the inputs of a file, and what a shape may be."""

from collections.abc import Mapping, Sequence

from sepconv_cli.errors import UsageError, did_you_mean

WholeShape = tuple[int, ...]
Shapes = Mapping[str, WholeShape] | WholeShape | None
"""Shapes of one sample by the inputs' names; or that of the only input; or what the file says."""

MAX_ELEMENTS = 2**40

UNKNOWN = "(its shape isn't known)"
"""Behind the name of a function that puts out nobody knows how much."""


def by_name(names: Sequence[str], shapes: Shapes) -> dict[str, WholeShape]:
    """The shapes that are given, by the inputs that they are of. Raises UsageError."""
    if shapes is None:
        return {}
    if isinstance(shapes, Mapping):
        for name in shapes:
            if name not in names:
                raise UsageError(f"the model has no input {name}", did_you_mean(name, names))
        return {name: tuple(shape) for name, shape in shapes.items()}
    if len(names) != 1:
        hint = f"its inputs are {', '.join(names)}"
        raise UsageError(
            f"the model has {len(names)} inputs: name the one that the shape is of", hint
        )
    return {names[0]: tuple(shapes)}


def checked(what: str, shape: WholeShape, least: int = 1) -> WholeShape:
    """The shape, where it is one. Raises UsageError."""
    total = 1
    for length in shape:
        if length < least:
            raise UsageError(f"{what} has the shape {shown_shape(shape)}")
        total *= max(length, 1)
    if total > MAX_ELEMENTS:
        raise UsageError(
            f"{what} has the shape {shown_shape(shape)}, of more elements than fit anywhere"
        )
    return shape


def shown_shape(dims: Sequence[int | str]) -> str:
    """A shape as people write it, open lengths by name: N x 3 x 224."""
    return "x".join(str(dim) or "?" for dim in dims) or "()"
