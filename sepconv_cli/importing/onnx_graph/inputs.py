"""What arrives at a model: the shapes of its inputs, from the file and from the user."""

import onnx

from sepconv_cli.errors import UsageError, show
from sepconv_cli.importing.samples import Shapes, WholeShape, by_name, checked, shown_shape


def inputs(graph: onnx.GraphProto) -> list[onnx.ValueInfoProto]:
    """The inputs but those that have values; old files name their weights among them."""
    given = {each.name for each in graph.initializer}
    return [each for each in graph.input if each.name not in given]


class Arriving:
    """The whole shape of every input, the batch in front, and what the open axes came to."""

    def __init__(self, graph: onnx.GraphProto, shapes: Shapes) -> None:
        known = inputs(graph)
        self.symbols: dict[str, int] = {}
        self.shapes: dict[str, WholeShape] = {}
        self.as_written = True
        samples = by_name([each.name for each in known], shapes)
        for each in known:
            self.shapes[each.name] = self._whole(each, samples.get(each.name))

    def _whole(self, given: onnx.ValueInfoProto, sample: WholeShape | None) -> WholeShape:
        if given.type.WhichOneof("value") != "tensor_type":
            raise UsageError(f"input {given.name} is no tensor")
        dims = _dims(given)
        if dims is None and sample is None:
            raise _open(given.name, "the shape", "3,224,224")
        if sample is not None:
            dims = self._filled(given.name, dims, sample)
        elif dims and not isinstance(dims[0], int):
            self._bind(given.name, dims[0], 1)
            dims = (1, *dims[1:])
        shape = tuple(
            self.symbols.get(dim, dim) if isinstance(dim, str) else dim for dim in dims or ()
        )
        if any(isinstance(dim, str) for dim in shape):
            named = enumerate(shape[1:], start=1)
            words = [dim or f"axis {at}" for at, dim in named if isinstance(dim, str)]
            hint = ",".join(
                str(dim) if isinstance(dim, int) else f"<{dim or f'axis {at}'}>"
                for at, dim in enumerate(shape[1:], start=1)
            )
            raise _open(given.name, f"the size of {', '.join(words)}", hint)
        return checked(f"input {given.name}", tuple(dim for dim in shape if isinstance(dim, int)))

    def _filled(
        self, name: str, dims: "tuple[int | str, ...] | None", sample: WholeShape
    ) -> tuple[int, ...]:
        """The shape that the user gives, behind the batch that the file gives."""
        if dims is None:
            return (1, *sample)
        if len(sample) != len(dims) - 1:
            raise UsageError(
                f"input {name} takes samples of {len(dims) - 1} axes, not {show(sample)}",
                f"the file says {shown_shape(dims)}, the first of which is the batch",
            )
        batch = dims[0] if isinstance(dims[0], int) else 1
        for dim, length in zip(dims, (batch, *sample), strict=True):
            if isinstance(dim, str):
                self._bind(name, dim, length)
            elif dim != length:
                self.as_written = False
        return (batch, *sample)

    def _bind(self, name: str, symbol: str, length: int) -> None:
        if symbol and self.symbols.setdefault(symbol, length) != length:
            raise UsageError(
                f"{symbol} is {self.symbols[symbol]} already, so that it can't be {length} in "
                f"input {name}"
            )


def _dims(given: onnx.ValueInfoProto) -> tuple[int | str, ...] | None:
    """Lengths, and names of those that are open; None where nothing is said."""
    tensor = given.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param for dim in tensor.shape.dim
    )


def _open(name: str, what: str, example: str) -> UsageError:
    return UsageError(
        f"the file leaves open {what} of input {name}",
        f"give the shape of a sample: --input {example}",
    )
