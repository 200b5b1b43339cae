"""Steps that an exporter took apart, as the one op that they were.

A bias apart from its layer, sigmoid and product for SiLU, a layer norm in nine parts. What comes
out computes the same; nothing is put together that others read the parts of.
"""

from collections.abc import Callable

from sepconv_cli.importing.fuse import activations, layers, norms
from sepconv_cli.importing.fuse.parts import Fused, StepParts
from sepconv_cli.importing.steps import Recorded

FuseRule = Callable[[StepParts, int], Fused | None]

RULES: tuple[FuseRule, ...] = (
    *layers.LAYER_RULES,
    *activations.ACTIVATION_RULES,
    *norms.NORM_RULES,
)
"""Each looks at the last of the steps that it puts together, and gives None where it can't."""


def fused(recorded: Recorded) -> Recorded:
    """The same network in as few steps as the rules find."""
    parts = StepParts(recorded)
    for at in range(len(recorded.steps)):
        while any(parts.put_together(rule(parts, at), at) for rule in RULES):
            pass
    return parts.rest()
