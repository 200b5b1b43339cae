"""YOLOv3, a network of three outputs, against what its authors print."""

import pytest

from sepconv_cli import compare, load
from sepconv_cli.lowering.lower import lower

SPEC = load("zoo:yolo_v3")


@pytest.mark.parametrize(
    ("resolution", "printed"), [(320, "38.97"), (416, "65.86"), (608, "140.69")]
)
def test_operations_as_the_authors_print_them(resolution: int, printed: str) -> None:
    """Billions of operations, two for each multiplication (pjreddie.com/darknet/yolo, "FLOPS")."""
    grid = [{"resolution": resolution}]
    (row,) = compare(SPEC, grid=grid, variants=["standard"], engine="analytic").rows
    macs = row["count"]
    assert macs is not None
    assert f"{2 * macs / 1e9:.2f}" == printed
    assert row.unused_layers == ()


def test_parameters_as_keras_prints_them() -> None:
    """The trainable ones, in the summaries of its ports to Keras and torch."""
    (row,) = compare(SPEC, variants=["standard"], engine="analytic").rows
    assert row["parameters"] == 61_949_149


def test_each_head_has_its_own_grid() -> None:
    """Strides of 32, 16 and 8 (section 2.3); 3 anchors of 4 + 1 + 80 numbers."""
    network = lower(SPEC)
    heads = [str(network.nodes[at].y) for at in network.outputs]
    assert heads == ["255x13x13", "255x26x26", "255x52x52"]
