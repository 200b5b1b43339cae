"""What a calibration measures: single layers and small networks, so that every number is told.

A device's numbers are a speed for each kind of layer, how that falls where there are few channels
in or out, a speed for what is read and written, and an overhead for each layer. So there are

- stacks of one layer of every kind that multiplies, with few and with many channels, on large and
  on small planes: few channels tell the channel factors, wide in and narrow out and the other way
  round tell them apart, large planes the speeds, and small ones the overhead;
- stacks of what runtimes don't fold into the layer before, for the speeds of memory;
- networks of the zoo in several variants and sizes, where norms and activations stand behind
  convolutions, as they do in what people ask about: alone they would take a time of their own that
  they don't take there.

Every probe takes well under a tenth of a second on one core of 2020, and has little memory.
"""

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from sepconv_cli.library.load import load
from sepconv_cli.lowering.choose import Case, cases
from sepconv_cli.lowering.read import loads
from sepconv_cli.lowering.settings import grid

_DEEP = 4
"""So many layers of a kind stand behind each other, that starting a run doesn't matter."""


class Probe(msgspec.Struct, frozen=True):
    """A network to be measured: a spec of the zoo with settings, as one variant, or a stack.

    `model` names it in tables of measurements. `text` is the stack's spec.
    """

    model: str
    text: str = ""
    settings: tuple[str, ...] = ()
    variant: str = "standard"
    quick: bool = False

    def case(self) -> Case:
        """The network."""
        spec = loads(self.text, self.model) if self.text else load(self.model.split()[0])
        (found,) = cases(spec, grid(self.settings), (self.variant,))
        return found


class _Stack(msgspec.Struct, frozen=True):
    """A layer, and the channels and sizes that it is measured at, the quick ones first."""

    layer: str
    at: tuple[tuple[int, int], ...]
    shape: str = "[channels, size, size]"
    quick: int = 2


_PLANES = ((64, 28), (256, 7), (16, 56), (128, 14), (512, 7))

_STACKS: Mapping[str, _Stack] = {
    "dense": _Stack("conv: {out_channels: channels, kernel_size: 3, padding: 1}", _PLANES, quick=3),
    "dense_5": _Stack(
        "conv: {out_channels: channels, kernel_size: 5, padding: 2}", ((32, 28), (128, 7)), quick=0
    ),
    "point": _Stack("conv: {out_channels: channels, kernel_size: 1}", _PLANES, quick=3),
    "wide": _Stack(
        "conv: {out_channels: channels * 6, kernel_size: 1}\n"
        "  - conv: {out_channels: channels, kernel_size: 1}",
        ((16, 56), (96, 7), (32, 28)),
    ),
    "narrow": _Stack(
        "conv: {out_channels: int(channels / 8), kernel_size: 3, padding: 1}\n"
        "  - conv: {out_channels: channels, kernel_size: 3, padding: 1}",
        ((64, 28), (256, 7)),
        quick=1,
    ),
    "depthwise": _Stack(
        "conv: {out_channels: channels, kernel_size: 3, padding: 1, groups: channels}",
        ((64, 56), (512, 7), (256, 14), (32, 112)),
        quick=3,
    ),
    "depthwise_5": _Stack(
        "conv: {out_channels: channels, kernel_size: 5, padding: 2, groups: channels}",
        ((128, 28), (512, 7)),
        quick=1,
    ),
    "grouped": _Stack(
        "conv: {out_channels: channels, kernel_size: 3, padding: 1, groups: int(channels / 16)}",
        ((64, 28), (256, 14), (512, 7)),
    ),
    "linear": _Stack(
        "linear: {out_features: channels}", ((1024, 1), (256, 1), (2048, 1)), "[channels]"
    ),
    "attention": _Stack(
        "multi_head_attention: {num_heads: 4}",
        ((128, 64), (64, 256), (256, 49)),
        "[channels, size]",
    ),
    "layer_norm": _Stack(
        "layer_norm: {normalized_shape: size}",
        ((197, 384), (49, 768)),
        "[channels, size]",
        quick=1,
    ),
    "softmax": _Stack("softmax", ((64, 28), (1000, 7)), quick=1),
    "gelu": _Stack("gelu", ((64, 28), (512, 7)), quick=1),
    "max_pool": _Stack(
        "max_pool: {kernel_size: 3, stride: 1, padding: 1}", ((64, 28), (256, 7)), quick=1
    ),
    "residual": _Stack("residual:\n    - sigmoid", ((64, 28), (512, 7)), quick=1),
    "shuffle": _Stack("channel_shuffle: {groups: 4}", ((64, 28), (512, 7)), quick=1),
}

_VARIANTS = ("standard", "depthwise_separable", "blueprint_u", "blueprint_s")

_AS_IT_IS = ("standard",)

# The zoo's name, settings, variants, and how many of these are quick ones.
_NETWORKS: tuple[tuple[str, str, tuple[str, ...], int], ...] = (
    ("mobilenet_v1", "width=0.5 resolution=96", _VARIANTS, 4),
    ("mobilenet_v1", "width=0.25 resolution=160", _VARIANTS[1:], 1),
    ("mobilenet_v2", "width=0.5 resolution=128", _AS_IT_IS, 1),
    ("mobilenet_v2", "width=1 resolution=96", _AS_IT_IS, 1),
    ("mobilenet_v2", "width=0.35 resolution=224", _AS_IT_IS, 0),
    ("mobilenet_v3_small", "resolution=160", _AS_IT_IS, 1),
    ("mobilenet_v3_large", "width=0.75 resolution=128", _AS_IT_IS, 1),
    ("mnasnet_a1", "width=0.5 resolution=160", _AS_IT_IS, 1),
    ("efficientnet_b0", "resolution=96", _AS_IT_IS, 1),
    ("efficientnet_b0", "width=0.5 resolution=160", _AS_IT_IS, 0),
    ("resnet", "depth=18 resolution=64", _VARIANTS, 3),
    ("resnet", "depth=50 resolution=64", _VARIANTS[:3:2], 1),
    ("densenet", "resolution=64", _VARIANTS[:2], 1),
    ("u_net", "base=8 resolution=64", _VARIANTS, 3),
    ("u_net", "base=16 resolution=96", _VARIANTS[1:], 0),
    ("bsrn", "channels=24 depth=4 resolution=32", _AS_IT_IS, 1),
    ("wide_resnet", "", _VARIANTS[1:], 1),
    ("qanet_encoder", "", ("standard", "depthwise_separable"), 1),
)


@cache
def probes(quick: bool = False) -> tuple[Probe, ...]:
    """All of them, or those that take minutes instead of an hour."""
    return tuple(each for each in (*_stacks(), *_networks()) if each.quick or not quick)


def _stacks() -> Iterator[Probe]:
    for kind, stack in _STACKS.items():
        for number, (channels, size) in enumerate(stack.at):
            model = f"stack:{kind} channels={channels} size={size}"
            yield Probe(model, _text(kind, stack, channels, size), quick=number < stack.quick)


def _text(kind: str, stack: _Stack, channels: int, size: int) -> str:
    lines = [
        f"name: {kind}",
        f"input: {stack.shape}",
        f"parameters: {{channels: {channels}, size: {size}}}",
        "layers:",
        *[f"  - {stack.layer}"] * _DEEP,
    ]
    return "\n".join(lines) + "\n"


def _networks() -> Iterator[Probe]:
    for name, settings, variants, quick in _NETWORKS:
        for number, variant in enumerate(variants):
            yield Probe(
                " ".join(filter(None, (f"zoo:{name}", settings, variant))),
                settings=tuple(settings.split()),
                variant=variant,
                quick=number < quick,
            )
