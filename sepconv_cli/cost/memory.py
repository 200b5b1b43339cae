"""How much a network holds at once while it runs: what decides whether it fits a device."""

from collections.abc import Iterator

from sepconv_cli.arithmetic import largest
from sepconv_cli.network import Network


def peak_activations(network: Network) -> int:
    """The largest number of elements alive at once, for one sample, nodes run in their order."""
    return largest(levels(network))


def levels(network: Network) -> list[int]:
    """The elements alive while each node runs, in their order; the input where there is none.

    Alive are the inputs and the output of the running node, every tensor that a later node still
    reads, the network's outputs once they are there, and what the running op holds inside. No op
    is taken to work in place; a view takes no memory, but keeps alive what it is a view of.
    """
    nodes = network.nodes
    last_read, input_read = last_reads(network)
    sizes = [node.y.elements for node in nodes]
    for index, holder in views(network):
        sizes[index] = 0
        if holder < 0:
            input_read = max(input_read, last_read[index])
        else:
            last_read[holder] = max(last_read[holder], last_read[index])
    dying = [0] * (len(nodes) + 1)
    for size, read in zip(sizes, last_read, strict=True):
        dying[read] += size
    dying[input_read] += network.input.elements
    alive = network.input.elements
    found = []
    for node, size, gone in zip(nodes, sizes, dying, strict=False):
        alive += size
        found.append(alive + node.op.inside_on(node.inputs))
        alive -= gone
    return found or [alive]


def last_reads(network: Network) -> tuple[list[int], int]:
    """Which node reads each node's output last, and which one the network's input.

    The network's outputs are kept until all nodes have run, as if one more node read them.
    """
    nodes = network.nodes
    last_read = list(range(len(nodes)))
    input_read = -1
    for index, node in enumerate(nodes):
        for source in node.reads(index):
            if source < 0:
                input_read = index
            else:
                last_read[source] = index
    for at in network.outputs:
        if at < 0:
            input_read = len(nodes)
        else:
            last_read[at] = len(nodes)
    return last_read, input_read


def views(network: Network) -> Iterator[tuple[int, int]]:
    """Every view, and the node in whose memory it is; -1 is the network's input.

    What a view has rearranged can't be reshaped where it stands.
    """
    holders: dict[int, int] = {}
    rearranged: set[int] = set()
    for index, node in enumerate(network.nodes):
        op = node.op
        if not op.is_view:
            continue
        (source,) = node.reads(index)
        if op.rearranges or source not in rearranged:
            holders[index] = holders.get(source, source)
            yield index, holders[index]
        if op.rearranges:
            rearranged.add(index)
