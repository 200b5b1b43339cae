"""How much a network holds at once while it runs: what decides whether it fits a device."""

from sepconv_cli.network import Network


def peak_activations(network: Network) -> int:
    """The largest number of elements alive at once, for one sample, nodes run in their order.

    Alive are the inputs and the output of the running node, and every tensor that a later
    node still reads, and what the running op holds inside. No op is taken to work in place.
    """
    nodes = network.nodes
    last_read = {-1: -1, **{index: index for index in range(len(nodes))}}
    for index, node in enumerate(nodes):
        last_read.update(dict.fromkeys(node.reads(index), index))
    if nodes:
        last_read[len(nodes) - 1] = len(nodes)
    dying: dict[int, list[int]] = {}
    for made, read in last_read.items():
        dying.setdefault(read, []).append(made)

    def size(index: int) -> int:
        return network.input.elements if index < 0 else nodes[index].y.elements

    alive = peak = network.input.elements
    for index in range(len(nodes)):
        alive += size(index)
        peak = max(peak, alive + nodes[index].op.inside(nodes[index].x))
        alive -= sum(size(made) for made in dying.get(index, ()))
    return peak
