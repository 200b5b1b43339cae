"""What torch's functions mean: readers that turn a call into ops, by the functions' names.

A reader takes a `Reading`, emits ops and gives the steps that its outputs are. It raises Unreadable
where it can't tell.
"""

from collections.abc import Callable

from sepconv_cli.importing.functions import activations, arithmetic, einsum, layers, shapes
from sepconv_cli.importing.reading import Reading

Reader = Callable[[Reading], "int | list[int]"]

READERS: dict[str, tuple[tuple[str, ...], Reader]] = {
    **layers.READERS,
    **activations.READERS,
    **shapes.READERS,
    **arithmetic.READERS,
    **einsum.READERS,
}
"""The names of each function's arguments in their order, and its reader."""
