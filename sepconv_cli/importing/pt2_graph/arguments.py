"""What a program says of a node's operator, arguments and outputs."""

from collections.abc import Iterator
from typing import Any

from sepconv_cli.errors import UsageError
from sepconv_cli.importing.pt2_graph.program import (
    ProgramGraph,
    SavedProgram,
    Tagged,
    content,
)
from sepconv_cli.importing.tape import Ref, Weight

Known = dict[str, Ref | Weight]
"""The tensors of a graph by their names."""

_PLAIN = frozenset({"aten", "higher_order"})
"""Libraries whose names are left out."""


def held_weight(spec: Tagged) -> tuple[str, str, bool] | None:
    """A weight's name in the graph and in the model, and whether it's learned."""
    kind, given = content(spec)
    if kind not in ("parameter", "buffer", "tensor_constant"):
        return None
    return given["arg"]["name"], str(given[f"{kind}_name"]), kind == "parameter"


def user_outputs(program: SavedProgram) -> Iterator[str]:
    """The names of the tensors that a user is handed."""
    for spec in program.graph_module.signature.output_specs:
        kind, given = content(spec)
        if kind == "user_output":
            yield from tensor_names(given["arg"])


def tensor_names(given: Tagged) -> list[str]:
    """The tensors of an argument or output."""
    kind, found = content(given)
    if kind == "as_tensor":
        return [found["name"]]
    if kind == "as_tensors":
        return [each["name"] for each in found]
    if kind == "as_optional_tensors":
        return [name for each in found for name in tensor_names(each)]
    return tensor_names(found) if kind == "as_optional_tensor" else []


def tensors_of(kind: str, found: Any, known: Known) -> Any:
    """The tensors of an argument, in lists as they stand there. Raises UsageError."""
    if kind == "as_tensor":
        name = found["name"]
        if name not in known:
            raise UsageError(f"{name} is read, and no earlier node makes it")
        return known[name]
    if kind == "as_tensors":
        return [tensors_of("as_tensor", each, known) for each in found]
    if kind == "as_optional_tensors":
        return [tensors_of("as_optional_tensor", each, known) for each in found]
    inner, value = content(found)
    return None if inner == "as_none" else tensors_of(inner, value, known)


def used_tensors(graph: ProgramGraph) -> set[str]:
    """The tensors that somebody reads."""
    arguments = [each.arg for node in graph.nodes for each in node.inputs]
    return {name for each in (*arguments, *graph.outputs) for name in tensor_names(each)}


def operator_name(target: str) -> str:
    """conv2d for torch.ops.aten.conv2d.default; others have their library's name in front."""
    parts = target.removeprefix("torch.ops.").split(".")
    if len(parts) < 2:
        return target
    library, name, *_ = parts
    return name if library in _PLAIN else f"{library}.{name}"
