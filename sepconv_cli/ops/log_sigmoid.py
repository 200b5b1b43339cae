"""The logarithm of the logistic function."""

from collections.abc import Iterator

from sepconv_cli.network import Call, Op, Tensor, Work


class LogSigmoid(Op, frozen=True, kw_only=True):
    """log(1 / (1 + exp(-x))) (torch.nn.LogSigmoid): keeps the shape."""

    elementwise = True
    uncounted = frozenset({"aten::log_sigmoid"})

    def work(self, x: Tensor, y: Tensor) -> Iterator[Work]:
        yield Work("transcendental", "activation", 2 * y.elements)

    def torch_call(self, x: Tensor) -> tuple[Call, ...]:
        return (("LogSigmoid", {}),)
