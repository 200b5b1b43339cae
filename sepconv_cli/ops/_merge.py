"""What add, multiply and concat share: they read several inputs and hold no parameters."""

from collections.abc import Iterator

from sepconv_cli.errors import Complaint
from sepconv_cli.network import Inputs, Op, Tensor


class Merge(Op, frozen=True, kw_only=True):
    """An op on several inputs, which a layer names by `from`, or which its branches bring."""

    def check(self, x: Tensor) -> Iterator[Complaint]:
        yield Complaint(
            f"{self.name} needs two inputs or more",
            hint="name them: `from: [a, b]`, or use parallel or residual",
        )

    def check_inputs(self, inputs: Inputs) -> Iterator[Complaint]:
        if len(inputs) < 2:
            yield from self.check(inputs[0])
        elif not self.fits(inputs):
            yield Complaint(f"{self.name} can't join {' and '.join(str(x) for x in inputs)}")

    def fits(self, inputs: Inputs) -> bool:
        """Whether the shapes can be joined."""
        raise NotImplementedError
