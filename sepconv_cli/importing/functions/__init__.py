"""What torch's functions mean: readers that turn a call into ops, by the functions' names.

A reader takes a `Reading`, emits ops and gives the steps that its outputs are. It raises Unreadable
where it can't tell.
"""

from sepconv_cli.importing.functions import (
    activations,
    arithmetic,
    einsum,
    indexing,
    layers,
    recurrent,
    reductions,
    shapes,
)
from sepconv_cli.importing.reading import Readers

READERS: Readers = {
    **layers.LAYER_READERS,
    **activations.ACTIVATION_READERS,
    **shapes.SHAPE_READERS,
    **arithmetic.ARITHMETIC_READERS,
    **reductions.REDUCTION_READERS,
    **einsum.EINSUM_READERS,
    **indexing.INDEXING_READERS,
    **recurrent.RECURRENT_READERS,
}
"""The names of each function's arguments in their order, and its reader."""
