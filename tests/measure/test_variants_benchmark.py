"""How `python -m benchmarks variants` holds measured orders against predicted ones."""

from pathlib import Path

from benchmarks.variants import NETWORKS, VariantTime, Verdicts, Way, hold, planned_cases
from sepconv_cli.latency.device import devices
from sepconv_cli.measure.setup import MeasureSetup
from tests.latency.by_hand import write_profile


def _row(variant: str, macs: int, measured: float, predicted: float | None) -> VariantTime:
    return VariantTime(
        runtime="torch",
        network="net",
        input="1x4x4",
        batch=1,
        variant=variant,
        macs=macs,
        measured=measured,
        spread=0.01,
        predicted=predicted,
    )


def test_pairs_are_right_wrong_or_about_equal(tmp_path: Path) -> None:
    """The device's pairs are off by a tenth.

    a is measured fastest, then b, c, d; d and e differ by 2 %, too little to tell. a and b are
    predicted to be about equal, c before both, which is wrong, and all three before d and e, which
    is right. By MACs c comes first, then b and a.
    """
    (slow,) = devices([str(write_profile(tmp_path))])
    way = Way("torch", MeasureSetup(threads=1), slow)
    rows = [
        _row("a", 300, 1.0, 2.0),
        _row("b", 200, 2.0, 2.1),
        _row("c", 100, 4.0, 1.0),
        _row("d", 400, 8.0, 8.0),
        _row("e", 500, 8.16, 8.0),
    ]
    found = Verdicts()
    hold(rows, way, found)
    assert (found.pairs, found.right, found.equal, found.wrong) == (9, 6, 1, 2)
    assert found.by_macs == 6


def test_without_a_profile_nothing_is_said() -> None:
    found = Verdicts()
    rows = [_row("a", 1, 1.0, None), _row("b", 2, 2.0, None)]
    hold(rows, Way("torch", MeasureSetup(threads=1), None), found)
    assert (found.pairs, found.right, found.equal, found.wrong) == (1, 0, 0, 0)


def test_eight_networks_or_more_at_three_sizes_each() -> None:
    """And every variant of each is another network."""
    assert len({(name, *settings.items()) for name, settings, _ in NETWORKS}) >= 8
    for cases in planned_cases(len(NETWORKS)):
        assert len({case.network for case in cases}) == 4, cases[0].spec.name
