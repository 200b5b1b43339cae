"""The frozen description of one spec: what was written, before any number is worked out.

read.py makes these from nodes, lower.py turns them into a network. Values keep the
place where they were written, so that a later problem can point at it.
"""

from fractions import Fraction
from typing import Literal

import msgspec

from sepconv_cli.errors import Place, Source
from sepconv_cli.language.expression import Expression
from sepconv_cli.network import DType


class Value(msgspec.Struct, frozen=True, gc=False):
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


LayerName = tuple[str, Place]
"""The name of a layer, and where it was written."""

LayerNames = tuple[LayerName, ...]


class Layer(msgspec.Struct, frozen=True, gc=False):
    """One entry of a list of layers: an op, a call of a block, a list in itself, or branches.

    `kind` is the op's or block's name, or one of `layers`, `residual` and `parallel`. `fields`
    are the op's fields or the block's arguments, `layers` the entries of a list. `branches`
    all read what arrives and are joined by the op `merge`; where `matching`, only if their
    shapes are the same. `sources` name the layers that are read instead of the one before,
    `weights` the one whose parameters are used.
    """

    kind: str
    place: Place
    fields: dict[str, "Value | tuple[Layer, ...]"]
    layers: tuple["Layer", ...] = ()
    name: str | None = None
    repeat: Value | None = None
    rewrite: Value | None = None
    when: Value | None = None
    sources: LayerNames = ()
    weights: LayerName | None = None
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


class Growth(msgspec.Struct, frozen=True):
    """How much more than the baseline is too much: more than each of those that are given."""

    percent: Fraction | None
    at_least: Fraction | None


class Ratio(msgspec.Struct, frozen=True):
    """How much of another variant's figure is too much."""

    to: str
    value: Fraction


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """A limit on one metric of one variant, with an id.

    `metric` is a metric's name or a convention's. `match` are globs of spec files, of a project
    file's rule only; `scope` patterns of layer names, none meaning the whole network. `settings`
    are the parameters to set, each with one value or several. `dtype` is what bytes are counted
    in; `device` is what a latency is of, for a `batch` of so many samples. At least one of the four
    limits is given.
    """

    id: str
    metric: str
    place: Place
    variant: str = "standard"
    match: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    level: Literal["error", "warn"] = "error"
    settings: tuple[str, ...] = ()
    dtype: DType = "float32"
    device: str | None = None
    batch: int | None = None
    max: Fraction | None = None
    min: Fraction | None = None
    max_growth: Growth | None = None
    max_ratio: Ratio | None = None


class Spec(msgspec.Struct, frozen=True):
    """A whole description. `input` is channels, then the size on each spatial axis.

    `outputs` name the layers whose outputs are the network's, none meaning the last one.
    `note` is what is to be said where tools are compared, `included` are the files that its blocks
    come from.
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
    note: str | None = None
    budgets: tuple[Budget, ...] = ()
    included: tuple[Source, ...] = ()
    outputs: LayerNames = ()
