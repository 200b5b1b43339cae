"""What torch's own operators mean, ATen: readers that turn a call into ops, by operators' names.

Most are what one of torch's functions is, with other names for its arguments; functions/ emits the
ops. Overloads (add.Tensor, add.Scalar) mean the same. Operators are those of
https://docs.pytorch.org/docs/stable/torch.compiler_ir.html and native_functions.yaml of PyTorch.
"""

from sepconv_cli.importing.aten import decomposed, same
from sepconv_cli.importing.aten._call import as_torch, of_names
from sepconv_cli.importing.functions import READERS
from sepconv_cli.importing.reading import Reader, Reading, State, Unreadable
from sepconv_cli.importing.tape import FunctionCall, Ref

ATEN_READERS: dict[str, Reader] = {**same.SAME_READERS, **decomposed.DECOMPOSED_READERS}
"""The reader of each operator; those that functions/ has under the same name need none."""


def read_aten(state: State, call: FunctionCall) -> list[int]:
    """The steps that an operator's outputs are. Raises Unreadable."""
    name = call.function if call.function.endswith("__") else call.function.rstrip("_")
    reading = Reading(state, call, of_names(call.keywords))
    try:
        if name in ATEN_READERS:
            found = ATEN_READERS[name](reading)
        elif name in READERS:
            found = as_torch(reading, name, **reading.given)
        else:
            raise Unreadable(f"no reader for {name}")
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # What no exporter writes.
        raise Unreadable(str(error)) from error
    made = [found] if isinstance(found, int) else list(found)
    return made + [_other(reading, ref) for ref in call.outputs[len(made) :]]


def _other(r: Reading, ref: Ref) -> int:
    """An output that nobody can tell, of a call whose first ones are known."""
    shape = r.layout(ref).dims or (1,)
    function = f"{r.call.function} (other output)"
    return r.emit("opaque", r["input"], function=function, shape=shape)
