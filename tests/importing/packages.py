"""Stand-ins for the packages that bring models, and a package of a user's own.

Net, by hand, of 16x16 inputs: a convolution 3 -> width of 3x3 without bias has 27 weights for each
channel and multiplies 27 times for each of 256 outputs a channel; the linear layer to 10 classes
has width + 1 for each.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.conv(x).mean((2, 3)))
"""

TIMM = f"""
__version__ = "9.9"
{NET}
def list_models():
    return ["tiny", "timid"]

def create_model(name, pretrained, width=8):
    assert not pretrained
    base, _, tag = name.partition(".")
    if tag not in ("", "a1_in1k"):
        raise RuntimeError(f"Invalid pretrained tag ({{tag}}) for {{base}}.")
    net = Net(width)
    if base == "tiny":
        net.pretrained_cfg = {{"input_size": (3, 16, 16)}}
    return net
"""

TORCHVISION = f"""
import sys
from functools import partial
from types import SimpleNamespace
{NET}
def list_models():
    return ["still", "moving", "backed", "unsaid"]

def still(weights="download"):
    assert weights is None
    return Net()

def backed(weights=None, weights_backbone="download"):
    assert weights is None and weights_backbone is None
    return Net()

class Moving(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(3, 4, 1, bias=False)

    def forward(self, x):
        return self.conv(x)

def moving():
    return Moving()

moving.__module__ = "torchvision.models.video.moving"
MADE = {{"still": still, "backed": backed, "moving": moving, "unsaid": still}}
SIZES = {{
    "still": {{"crop_size": 299}},
    "backed": {{"resize_size": 20}},
    "moving": {{"crop_size": (112, 100)}},
}}

def get_model_builder(name):
    return MADE[name]

def get_model_weights(name):
    if name not in SIZES:
        return []
    return [SimpleNamespace(transforms=partial(Net, **SIZES[name]))]
"""


def parameters(width: int = 8) -> int:
    """Those of Net."""
    return 27 * width + 10 * (width + 1)


def macs(width: int = 8, size: int = 16) -> int:
    """The multiplications of Net."""
    return 27 * width * size**2 + 10 * width


def write_packages(folder: Path) -> None:
    """Put timm and torchvision into a folder."""
    for name, text in (("timm/__init__", TIMM), ("torchvision/models", TORCHVISION)):
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "torchvision" / "__init__.py").write_text("")
    about = folder / "timm-9.9.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text("Metadata-Version: 2.1\nName: timm\nVersion: 9.9\n")


@contextmanager
def unloaded(*packages: str) -> Iterator[None]:
    """As if these had never been imported, on entering and on leaving."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [*sys.modules]:
            if name.partition(".")[0] in packages:
                patch.delitem(sys.modules, name)
        yield
        for name in [*sys.modules]:
            if name.partition(".")[0] in packages:
                del sys.modules[name]
