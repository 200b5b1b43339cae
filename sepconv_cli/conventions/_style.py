"""How a torch module is written, where tools count one way or the other by it."""

import msgspec


class Style(msgspec.Struct, frozen=True):
    """The same network can be written in several ways, and some tools tell them apart.

    `functions`: activations, pools, softmax and upsampling are calls of torch.nn.functional and
    not modules. `string_padding`: a convolution that keeps its size has padding="same".
    """

    functions: bool = False
    string_padding: bool = False


MODULES = Style()
"""Everything a module, padding in numbers: what trace/build.py builds unless told otherwise."""
