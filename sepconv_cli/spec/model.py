"""The frozen description of one spec: what was written, before any number is worked out.

read.py makes these from nodes, lower.py turns them into a network. Values keep the
place where they were written, so that a later problem can point at it.
"""

from fractions import Fraction

import msgspec

from sepconv_cli.errors import Place, Source
from sepconv_cli.spec.expression import Expression


class Value(msgspec.Struct, frozen=True):
    """Something to be worked out: a constant, a word, an expression, or a list of values.

    None stands for a value that has already been reported as a problem. Where an
    expression is `inline`, columns in it count from the place.
    """

    content: "int | Fraction | bool | str | Expression | tuple[Value, ...] | None"
    place: Place
    inline: bool = True


BROKEN_LAYER = "?"
"""The kind of a layer that has already been reported as a problem."""


class Required(msgspec.Struct, frozen=True):
    """The default of a parameter that has none."""

    place: Place


class Layer(msgspec.Struct, frozen=True):
    """One entry of a list of layers: an op, a call of a block, a list in itself, or branches.

    `kind` is the op's or block's name, or one of `layers`, `residual` and `parallel`. `fields`
    are the op's fields or the block's arguments, `layers` the entries of a list. `branches`
    all read what arrives and are joined by the op `merge`; where `matching`, only if their
    shapes are the same. `sources` name the layers that are read instead of the one before.
    """

    kind: str
    place: Place
    fields: dict[str, "Value | tuple[Layer, ...]"]
    layers: tuple["Layer", ...] = ()
    name: str | None = None
    repeat: Value | None = None
    rewrite: Value | None = None
    when: Value | None = None
    sources: tuple[tuple[str, Place], ...] = ()
    branches: tuple[tuple["Layer", ...], ...] = ()
    merge: str = "add"
    matching: bool = False


Fields = dict[str, "Value | tuple[Layer, ...]"]
Parameters = dict[str, "Value | Required"]


class Block(msgspec.Struct, frozen=True):
    """Layers under a name, with parameters of their own."""

    parameters: Parameters
    layers: tuple[Layer, ...]


class VariantChoice(msgspec.Struct, frozen=True):
    """A variant that the spec asks for, with its options."""

    name: str
    options: Fields
    place: Place


class RuleChoice(msgspec.Struct, frozen=True):
    """What the spec says of the convolutions that a pattern fits: by which variant they are
    rewritten, None for the one that is compared."""

    pattern: str
    variant: str | None
    place: Place


class Spec(msgspec.Struct, frozen=True):
    """A whole description. `input` is channels, then the size on each spatial axis.

    `included` are the files that its blocks come from.
    """

    source: Source
    name: str
    input: Value
    layers: tuple[Layer, ...]
    parameters: Parameters = {}
    blocks: dict[str, Block] = {}
    variants: tuple[VariantChoice, ...] | None = None
    rules: tuple[RuleChoice, ...] = ()
    reference: str | None = None
    included: tuple[Source, ...] = ()
