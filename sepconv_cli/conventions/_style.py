"""How a torch module is written, where tools count one way or the other by it."""

import msgspec


class Style(msgspec.Struct, frozen=True):
    """The same network can be written in several ways, and some tools tell them apart.

    `functions`: activations, pools, softmax and upsampling are calls of torch.nn.functional and
    not modules. `string_padding`: what a spec pads by `same` has padding="same" in torch.
    `products`: attention is written out, in projections and matrix products.
    """

    functions: bool = False
    string_padding: bool = False
    products: bool = False


MODULES = Style()
"""Everything a module of torch's own, padding in numbers: what tools are asked about."""

TRACED = Style(products=True)
"""What the second engine traces."""
