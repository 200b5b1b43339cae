"""What arrives at a program: its inputs' shapes, and what the sizes that it leaves open come to."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from sepconv_cli.errors import UsageError, show
from sepconv_cli.importing.pt2_graph.program import SavedProgram, Tagged, TensorMeta, content
from sepconv_cli.importing.pt2_graph.sizes import UnknownSize, hinted, size, symbol, symbols_of
from sepconv_cli.importing.samples import Shapes, WholeShape, by_name, checked, shown_shape

_RELEASED = "torch.export.export(model, inputs, dynamic_shapes=...) leaves sizes open"


class OpenSizes(msgspec.Struct, frozen=True):
    """The open sizes for one sample, and for two where it is open how many samples there are."""

    one: Mapping[str, int]
    two: Mapping[str, int] | None


def user_inputs(program: SavedProgram) -> Iterator[str]:
    """The names of the tensors that a user hands over, in their order."""
    for each in _handed_over(program):
        kind, given = content(each)
        if kind == "as_tensor":
            yield str(given["name"])


def open_sizes(program: SavedProgram, shapes: Shapes) -> OpenSizes:
    """What every open size comes to: from shapes of samples, or as in the program's example.

    Raises UsageError.
    """
    values = program.graph_module.graph.tensor_values
    known = {name: values[name].sizes for name in user_inputs(program)}
    samples = by_name(list(known), shapes)
    batches = {symbol(sizes[0]) for sizes in known.values() if sizes} - {None}
    one = {name: 1 for name in batches if name is not None}
    for name, sizes in known.items():
        sample = samples.get(name)
        if sample is not None and len(sample) != len(sizes) - 1:
            message = f"takes samples of {len(sizes) - 1} axes, not {show(list(sample))}"
            raise UsageError(f"input {name} {message}", _first_axis(sizes))
        given = (hinted(sizes[0]), *sample) if sample and sizes else map(hinted, sizes)
        for each, length in zip(sizes, given, strict=True):
            _bind(one, each, length)
    _bind_numbers(program, one)
    for name, sizes in known.items():
        _check(name, sizes, samples.get(name), one)
    _check_ranges(program, {name: n for name, n in one.items() if name not in batches})
    two = {name: 2 for name in batches if name is not None}
    return OpenSizes(one, {**one, **two} if two else None)


def whole_shape(meta: TensorMeta, symbols: Mapping[str, int]) -> WholeShape:
    """The shape of a tensor. Raises UnknownSize where nobody can tell."""
    return tuple([size(each, symbols) for each in meta.sizes])


def _handed_over(program: SavedProgram) -> Iterator[Tagged]:
    for spec in program.graph_module.signature.input_specs:
        kind, given = content(spec)
        if kind == "user_input":
            yield given["arg"]


def _bind(one: dict[str, int], each: Tagged, length: int | None) -> None:
    """Where a size hangs on one open size, that is found: sizes are multiples, plus a number."""
    unknown = symbols_of(each) - one.keys()
    if length is None or len(unknown) != 1:
        return
    (found,) = unknown
    least, more = (size(each, {**one, found: n}) for n in (0, 1))
    if more != least and not (length - least) % (more - least):
        one[found] = (length - least) // (more - least)


def _bind_numbers(program: SavedProgram, one: dict[str, int]) -> None:
    """Whole numbers that are inputs of their own are those of the example."""
    for each in _handed_over(program):
        kind, given = content(each)
        if kind == "as_sym_int" and "as_name" in given:
            value = program.graph_module.graph.sym_int_values[given["as_name"]]
            _bind(one, value, hinted(value))


def _check(
    name: str, sizes: Sequence[Tagged], sample: WholeShape | None, one: Mapping[str, int]
) -> None:
    """Whether an input has a shape, and that which is asked for."""
    try:
        shape = tuple(size(each, one) for each in sizes)
    except UnknownSize:
        lengths = ",".join(_length(each, one) for each in sizes[1:])
        raise UsageError(
            f"the program leaves open sizes of input {name}",
            f"give the shape of a sample: --input {lengths}",
        ) from None
    checked(f"input {name}", shape)
    if sample is not None and shape[1:] != tuple(sample):
        message = f"input {name} can't take samples of {shown_shape(sample)}"
        raise UsageError(f"{message}: {_first_axis(sizes)}", _RELEASED)


def _check_ranges(program: SavedProgram, one: Mapping[str, int]) -> None:
    for name, length in one.items():
        within = program.range_constraints.get(name)
        if within is None:
            continue
        if length < (within.min_val or 0) or length > (within.max_val or length):
            most = "more" if within.max_val is None else within.max_val
            message = f"{name} can't be {length}: the program takes {within.min_val or 0} to {most}"
            raise UsageError(message)


def _first_axis(sizes: Sequence[Tagged]) -> str:
    shape = shown_shape([_length(each, {}) for each in sizes])
    return f"the program says {shape}, the first of which is the batch"


def _length(each: Tagged, one: Mapping[str, int]) -> str:
    try:
        return str(size(each, one))
    except UnknownSize:
        return f"<{'*'.join(sorted(symbols_of(each)))}>"
