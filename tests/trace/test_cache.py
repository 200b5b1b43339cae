"""Traces on disk: found again, never trusted when damaged, never in the way."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from sepconv_cli.network import Network, Node, Tensor
from sepconv_cli.ops.relu import Relu
from sepconv_cli.trace import cache, trace
from sepconv_cli.trace.record import TracedNode
from tests.examples import conv

X = Tensor(3, (8, 8))
OP = conv(2, 4, (3, 3), bias=False)
NODE = Node("conv", "conv", OP, X, OP.output_shape(X))
NETWORK = Network(X, (NODE,))
# 6 x 6 positions, 4 channels, 27 products
RIGHT = (TracedNode(108, {"conv": 3888}),)


@pytest.fixture(name="entry")
def _entry(tmp_path: Path) -> Path:
    """The file of the network's trace, made by a first run."""
    assert trace(NETWORK) == RIGHT
    (found,) = (tmp_path / "cache").rglob("*.json")
    return found


@pytest.mark.usefixtures("entry")
def test_second_run_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sepconv_cli.trace.count.fvcore_counts", lambda network: pytest.fail("counted")
    )
    assert trace(NETWORK) == RIGHT


def test_names_are_not_part_of_the_key(entry: Path) -> None:
    assert cache.key(Network(X, (replace(NODE, name="other", layer="other"),))) == entry.stem


@pytest.mark.parametrize(
    "other",
    [
        Network(X, (replace(NODE, op=replace(OP, bias=True)),)),
        Network(X, (replace(NODE, op=replace(OP, padding_mode="reflect")),)),
        Network(Tensor(3, (9, 8)), (replace(NODE, x=Tensor(3, (9, 8))),)),
        Network(X, (NODE, Node("relu", "relu", Relu(), NODE.y, NODE.y))),
        Network(X, (NODE,), (0, -1)),
    ],
    ids=["bias", "padding mode", "shape", "one more op", "outputs"],
)
def test_content_is_part_of_the_key(entry: Path, other: Network) -> None:
    assert cache.key(other) != entry.stem


def test_versions_and_builder_are_part_of_the_key(
    entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {entry.stem}
    for attribute in ("version_text", "_source"):
        with monkeypatch.context() as patch:
            patch.setattr(cache, attribute, lambda name: name.encode())
            cache.builder_fingerprint.cache_clear()
            keys.add(cache.key(NETWORK))
    cache.builder_fingerprint.cache_clear()
    assert len(keys) == 3


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: b"", id="empty"),
        pytest.param(lambda raw: raw[:-5], id="cut short"),
        pytest.param(lambda raw: raw.replace(b"3888", b"3889"), id="another number, still JSON"),
        pytest.param(lambda raw: b"\0" * 40, id="zeros"),
    ],
)
def test_a_damaged_entry_is_ignored_and_rewritten(entry: Path, damage: object) -> None:
    good = entry.read_bytes()
    entry.write_bytes(damage(good))  # type: ignore[operator]
    assert trace(NETWORK) == RIGHT
    assert entry.read_bytes() == good


def test_no_cache_neither_reads_nor_writes(tmp_path: Path) -> None:
    assert trace(NETWORK, use_cache=False) == RIGHT
    assert not list((tmp_path / "cache").rglob("*.json"))


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(in_the_way))
    assert trace(NETWORK) == RIGHT


def test_nothing_half_written_is_left(entry: Path) -> None:
    assert os.listdir(entry.parent) == [entry.name]  # noqa: PTH208
