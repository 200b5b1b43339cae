"""Recorded models by hand, and what the spec written of one is held to."""

from collections.abc import Mapping, Sequence

from sepconv_cli import loads
from sepconv_cli.importing.steps import Recorded, Step
from sepconv_cli.importing.text.describe import Description
from sepconv_cli.lowering.lower import lower
from sepconv_cli.network import Network, Op, Tensor
from sepconv_cli.ops.conv import Conv


class Recording:
    """Steps as they are added; `path` is written `name:Class/name:Class`."""

    def __init__(self, *axes: int, name: str = "model") -> None:
        self.name, self.input, self.steps = name, Tensor.of(axes), list[Step]()

    def shape(self, value: int) -> Tensor:
        """The shape of a value."""
        return self.steps[value].y if value >= 0 else self.input

    def add(self, op: Op, *sources: int, path: str = "", modules: Sequence[str] = ()) -> int:
        """One more step in these modules, which reads what came before it unless told otherwise."""
        listed = [each.partition(":") for each in modules or (path.split("/") if path else ())]
        reads = sources or (len(self.steps) - 1,)
        y = op.shape_of(tuple([self.shape(each) for each in reads]))
        names = tuple([name for name, _, _ in listed])
        classes = tuple([kind for _, _, kind in listed])
        self.steps.append(Step(op, ("", *names), ("Model", *classes), reads, y))
        return len(self.steps) - 1

    def done(self, *outputs: int) -> Recorded:
        """The whole model; the last step is what it hands out unless told otherwise."""
        found = outputs or (len(self.steps) - 1,)
        return Recorded(self.name, self.input, tuple(self.steps), found)


def network_of(described: Description) -> Network:
    """The network that a described model's text is."""
    return lower(loads(described.text))


def hold_to_recorded(recorded: Recorded, described: Description) -> None:
    """That the text has every layer, shape and edge that was recorded, and the outputs.

    Layers that do nothing are passed over. A sum reads in any order; to concatenate a and b, and
    then c to that, is to concatenate a, b and c.
    """
    network = network_of(described)
    step_of = {name: at for at, name in described.layers.items()}
    assert len({node.name for node in network.nodes}) == len(network.nodes)
    more = [node for node in network.nodes if node.name not in step_of]
    assert {node.op.name for node in more} <= {"identity"}
    assert len(network.nodes) - len(more) == len(recorded.steps)

    def value(at: int) -> int:
        while at >= 0 and network.nodes[at].name not in step_of:
            (at,) = network.nodes[at].reads(at)
        return step_of[network.nodes[at].name] if at >= 0 else -1

    read = {}
    for at, node in enumerate(network.nodes):
        if node.name in step_of:
            step = recorded.steps[step_of[node.name]]
            assert (node.op, node.y) == (step.op, step.y)
            read[step_of[node.name]] = tuple([value(each) for each in node.reads(at)])
    for at, step in enumerate(recorded.steps):
        written = dict(enumerate(each.sources for each in recorded.steps))
        assert _edges(at, step.op, read, recorded) == _edges(at, step.op, written, recorded)
    found = [value(at) for at in network.outputs]
    assert found == list(dict.fromkeys(recorded.outputs))


def _edges(
    at: int, op: Op, sources: Mapping[int, tuple[int, ...]], recorded: Recorded
) -> list[int]:
    found: list[int] = []
    for source in sources[at]:
        again = op.name == "concat" and source >= 0 and recorded.steps[source].op == op
        found += _edges(source, op, sources, recorded) if again else [source]
    return sorted(found) if op.name == "add" else found


def conv(out_channels: int, kernel_size: int = 1, stride: int = 1, groups: int = 1) -> Conv:
    """A convolution over two axes that keeps the size, apart from the stride."""
    side = kernel_size // 2
    return Conv(
        out_channels=out_channels,
        kernel_size=(kernel_size,) * 2,
        stride=(stride,) * 2,
        padding=((side, side),) * 2,
        dilation=(1, 1),
        groups=groups,
        bias=False,
    )
