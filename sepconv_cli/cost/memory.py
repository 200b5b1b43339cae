"""How much a network holds at once while it runs: what decides whether it fits a device."""

from sepconv_cli.arithmetic import largest
from sepconv_cli.network import Network


def peak_activations(network: Network) -> int:
    """The largest number of elements alive at once, for one sample, nodes run in their order.

    Alive are the inputs and the output of the running node, and every tensor that a later
    node still reads, and what the running op holds inside. No op is taken to work in place; a
    view takes no memory, but keeps alive what it is a view of.
    """
    nodes = network.nodes
    holders = _holders(network)
    sizes = [node.y.elements if holders[index] == index else 0 for index, node in enumerate(nodes)]
    last_read = list(range(len(nodes)))
    input_read = -1
    for index, node in enumerate(nodes):
        for source in node.reads(index):
            at = holders[source]
            if at < 0:
                input_read = index
            else:
                last_read[at] = index
    if holders[len(nodes) - 1] < 0:
        input_read = len(nodes)
    else:
        last_read[holders[len(nodes) - 1]] = len(nodes)
    dying = [0] * (len(nodes) + 1)
    for size, read in zip(sizes, last_read, strict=True):
        dying[read] += size
    dying[input_read] += network.input.elements
    alive = network.input.elements
    levels = [alive]
    for node, size, gone in zip(nodes, sizes, dying, strict=False):
        alive += size
        levels.append(alive + node.op.inside_on(node.inputs))
        alive -= gone
    return largest(levels)


def _holders(network: Network) -> dict[int, int]:
    """The node in whose memory each node's output is, -1 being the network's input.

    What a view has rearranged can't be reshaped where it stands.
    """
    holders = {-1: -1}
    rearranged = {-1: False}
    for index, node in enumerate(network.nodes):
        source = node.reads(index)[0]
        rearranged[index] = node.op.rearranges
        stays = node.op.is_view and (node.op.rearranges or not rearranged[source])
        holders[index] = holders[source] if stays else index
    return holders
