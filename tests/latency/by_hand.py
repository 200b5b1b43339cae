"""A network of three layers and a device with simple numbers, on which it takes times by hand.

At one sample, in nanoseconds:

conv    144 multiply-adds at 1, one channel to one, of which inner and outer each make twice as
        much: 576. 32 elements at 17.71875 and 9 weights at 1: 576 too.
relu    32 elements at 2: 64.
linear  32 multiply-adds at 1, 16 features to 2, of which inner and outer each make twice as much:
        128. 18 elements at 16 / 3 and 32 weights at 1: 128 too.

Where both take as long, the time is that times the fourth root of 2. Each of the three takes 100
besides. flatten takes nothing.
"""

import json
from pathlib import Path
from typing import Any

from sepconv_cli.latency.formula import COEFFICIENTS

NET = """
name: net
input: [1, 4, 4]
layers:
  - conv: {out_channels: 1, kernel_size: 3, padding: 1, bias: false}
  - relu
  - flatten
  - linear: {out_features: 2, bias: false}
"""
NANOSECOND = 1e-9
ROOT = 2**0.25
CONV, RELU, LINEAR = 576 * ROOT + 100, 64 + 100, 128 * ROOT + 100
"""Nanoseconds at one sample."""

NUMBERS = {
    **dict.fromkeys(COEFFICIENTS, 1e-9),
    "inner.dense": 1.0,
    "outer.dense": 1.0,
    "inner.point": 16.0,
    "outer.point": 2.0,
    "inner.grouped": 1.0,
    "outer.grouped": 1.0,
    "memory.dense": 17.71875e-9,
    "memory.linear": 16e-9 / 3,
    "memory.elementwise": 2e-9,
    "overhead": 100e-9,
    "overhead.product": 1e-18,
    "uneven.dense": 1e-9,
}
SEEN = {"elements": [1, 1e6], "macs": [1, 1e6], "channels": [1, 64]}
PROFILE: dict[str, Any] = {
    "name": "slow",
    "title": "A slow device",
    "form": "rounded roofline",
    "version": 1,
    "precision": "float32",
    "layout": "nchw",
    "compiled": False,
    "runtime": "torch",
    "software": "PyTorch 2.4.0",
    "batch_size": 1,
    "batch_sizes": [1, 8],
    "source": "by hand",
    "date": "2024-01-01",
    "fitted": {"networks": 40, "hash": "abc"},
    "errors": {
        "held_out": 300,
        "median_error": 0.07,
        "within_10_percent": 0.6,
        "within_20_percent": 0.9,
        "rank_correlation": 0.99,
        "pairs_right": 0.93,
        "pair": 0.1,
    },
    "coefficients": NUMBERS,
    "seen": {
        kind: SEEN if kind in ("dense", "linear", "depthwise", "point") else {"elements": [1, 1e6]}
        for kind in ("dense", "linear", "depthwise", "point", "elementwise", "batch_norm")
    },
}


def write_profile(folder: Path, **changes: Any) -> Path:
    """The device's profile in a file called like it, some of its keys changed."""
    profile = {**PROFILE, **changes}
    path = folder / f"{profile['name']}.json"
    path.write_text(json.dumps(profile))
    return path
