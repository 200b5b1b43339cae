"""What a saved program's JSON holds, as far as it is read: torch's torch/_export/serde/schema.py.

A value of several kinds is an object of one entry, whose key tells the kind:
{"as_int": 3}, {"as_tensor": {"name": "x"}}.
"""

from typing import Any

import msgspec

Tagged = dict[str, Any]
"""A value under the name of its kind."""


class TensorMeta(msgspec.Struct, frozen=True):
    """The shape of a tensor: whole numbers, or expressions of the sizes that are open.

    `strides` say how far apart the elements of each axis lie in memory.
    """

    sizes: tuple[Tagged, ...]
    strides: tuple[Tagged, ...] = ()


class NamedArgument(msgspec.Struct, frozen=True):
    """An argument under its name in the operator's signature."""

    name: str
    arg: Tagged


class ProgramNode(msgspec.Struct, frozen=True):
    """A call of an operator; `metadata` says which modules it stands in."""

    target: str
    inputs: tuple[NamedArgument, ...]
    outputs: tuple[Tagged, ...]
    metadata: dict[str, Any] = {}


class ProgramGraph(msgspec.Struct, frozen=True):
    """Nodes in their order, the shapes of all tensors, and whole numbers that are worked out."""

    inputs: tuple[Tagged, ...]
    outputs: tuple[Tagged, ...]
    nodes: tuple[ProgramNode, ...]
    tensor_values: dict[str, TensorMeta]
    sym_int_values: dict[str, Tagged] = {}


class ProgramSignature(msgspec.Struct, frozen=True):
    """What each input of the graph is: a parameter, a buffer, the user's; and each output."""

    input_specs: tuple[Tagged, ...]
    output_specs: tuple[Tagged, ...]


class GraphModule(msgspec.Struct, frozen=True):
    """A graph and its signature."""

    graph: ProgramGraph
    signature: ProgramSignature


class SizeRange(msgspec.Struct, frozen=True):
    """The least and the most that an open size may be; None where nothing is said."""

    min_val: int | None = None
    max_val: int | None = None


class SchemaVersion(msgspec.Struct, frozen=True):
    """Of what version of the schema a program is."""

    major: int
    minor: int = 0


class SavedProgram(msgspec.Struct, frozen=True):
    """A program as torch.export.save writes it, without its weights."""

    graph_module: GraphModule
    range_constraints: dict[str, SizeRange] = {}
    torch_version: str = ""


class ProgramHead(msgspec.Struct, frozen=True):
    """What is looked at before anything else."""

    schema_version: SchemaVersion


def content(value: Tagged) -> tuple[str, Any]:
    """The kind of a value, and what it is. Raises ValueError."""
    told = [(kind, each) for kind, each in value.items() if each is not None]
    if len(told) != 1:
        raise ValueError("a value of no kind, or of several")
    return told[0]
