"""A recorded model -> the text of a spec: outlined, named, folded and written."""

from collections.abc import Mapping, Sequence

import msgspec

from sepconv_cli.importing.steps import Recorded
from sepconv_cli.importing.text.folding import folded
from sepconv_cli.importing.text.item_names import ItemNames
from sepconv_cli.importing.text.lines import item_lines
from sepconv_cli.importing.text.outline import outline
from sepconv_cli.importing.text.write import spec_text


class Description(msgspec.Struct, frozen=True):
    """The text of a spec, and which layer each step is: the node's full name, by the step's index.

    The network has no other layers, except for some that do nothing.
    """

    text: str
    layers: Mapping[int, str]


def described(
    recorded: Recorded, about: Sequence[str] = (), fold: bool = True, note: str | None = None
) -> Description:
    """The spec of a model, its recurring modules as blocks unless told not to `fold`.

    `about` are lines of comment that stand first, `note` is what the spec says of itself.
    """
    items = outline(recorded)
    names = ItemNames(items)
    layers = item_lines(items, names)
    blocks, layers = folded(layers) if fold else ((), layers)
    last = items[-1].value if items else -1
    outputs = tuple(dict.fromkeys(recorded.outputs)) or (last,)
    named = () if outputs == (last,) else tuple([names.full(at) for at in outputs])
    return Description(spec_text(recorded, blocks, layers, named, about, note), names.layers)
