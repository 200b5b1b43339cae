"""Coefficients drawn from measurements that the formula itself made up, and what is refused."""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest

from sepconv_cli import UsageError
from sepconv_cli.latency.draw import fitted_to, place_of, seen_in
from sepconv_cli.latency.fit import TimedNetwork, fitted, rows_of, seconds_of
from sepconv_cli.latency.formula import COEFFICIENTS, SPEEDS, rates, spent
from sepconv_cli.latency.prior import plain_prior, prior_over
from sepconv_cli.latency.work import Workload

TRUE = {
    name: float(np.exp(log)) * factor
    for name, log, factor in zip(
        COEFFICIENTS, plain_prior().mean, [0.5, 2.0, 0.8, 1.5, 1.1] * 8, strict=False
    )
}


def made_up(count: int, kinds: Sequence[str] = tuple(SPEEDS)) -> list[TimedNetwork]:
    """Networks of random layers, and what they take with the true coefficients."""
    draw = random.Random(0)
    found = []
    for number in range(count):
        works = []
        for kind in kinds:
            speed = SPEEDS[kind]  # type: ignore[index]
            elements = int(10 ** draw.uniform(2, 7))
            if not speed.arithmetic:
                works.append((Workload(kind, 0, 1, 1, elements, 0), draw.randint(1, 9)))  # type: ignore[arg-type]
                continue
            inner, outer = draw.randint(1, 300), draw.randint(1, 300)
            macs, weights = int(10 ** draw.uniform(4, 10)), inner * outer
            uneven = draw.randint(0, 1)
            work = Workload(kind, macs, inner, outer, elements, weights, uneven)  # type: ignore[arg-type]
            works.append((work, draw.randint(1, 9)))
        chosen = tuple(draw.sample(works, max(1, len(works) // 3)))
        samples = draw.choice([1, 8, 64])
        found.append(TimedNetwork(f"net{number}", chosen, samples, by_hand(chosen, samples)))
    return found


def by_hand(works: Sequence[tuple[Workload, int]], samples: int) -> float:
    numbers = rates(TRUE)
    return sum(
        spent(work, numbers[work.kind], samples).milliseconds * 1e-3 * many for work, many in works
    )


def logs(coefficients: dict[str, float]) -> "np.typing.NDArray[np.float64]":
    return np.log([coefficients[name] for name in COEFFICIENTS])


def test_arrays_have_the_formula_of_single_nodes() -> None:
    nets = made_up(20)
    assert seconds_of(logs(TRUE), rows_of(nets)) == pytest.approx([net.seconds for net in nets])


def test_known_coefficients_are_found_again() -> None:
    """From 300 networks, with little pull to what is usual: speeds to a fiftieth."""
    found = fitted(made_up(300), plain_prior(scatter=3.0, overall=3.0))
    asked = [name for name in COEFFICIENTS if name.startswith(("arithmetic", "memory"))]
    for name in asked:
        # Weights are a few of millions of elements, attention has those of linear layers.
        if name not in ("memory.weights", "memory.linear"):
            assert found[name] == pytest.approx(TRUE[name], rel=0.02), name


def test_networks_that_were_not_fitted_are_predicted() -> None:
    nets = made_up(140)
    found = fitted(nets[:100], plain_prior())
    said = seconds_of(logs(found), rows_of(nets[100:]))
    assert said == pytest.approx([net.seconds for net in nets[100:]], rel=0.05)


def test_one_wrong_measurement_bends_little() -> None:
    nets = made_up(100)
    wrong = TimedNetwork("wrong", nets[0].works, nets[0].samples, nets[0].seconds * 20)
    found = fitted([wrong, *nets[1:]], plain_prior())
    said = seconds_of(logs(found), rows_of(nets[:1]))
    assert said == pytest.approx([nets[0].seconds], rel=0.1)


def test_what_was_not_measured_stays_as_is_usual() -> None:
    """No depthwise convolution tells its speed but by what is usual."""
    nets = made_up(30, ("dense", "elementwise"))
    found = fitted(nets, plain_prior(scatter=0.5, overall=1e-6))
    assert found["arithmetic.depthwise"] == pytest.approx(1e-13, rel=1e-3)


def test_too_few_networks_are_refused() -> None:
    with pytest.raises(UsageError, match="4 networks measured, but a profile takes 5 at least"):
        fitted(made_up(4), plain_prior())


def test_what_is_usual_by_hand() -> None:
    """Of two devices, one e times as slow in everything: mean between, each half from it.

    The covariance of the logarithms 0 and 1 is 1/2, of which a half is taken; scatter adds 0.01 on
    the diagonal, and what goes together 0.04."""
    fast, slow = dict.fromkeys(COEFFICIENTS, 1.0), dict.fromkeys(COEFFICIENTS, math.e)
    prior = prior_over([fast, slow], scatter=0.1, overall=0.2)
    at = {name: COEFFICIENTS.index(name) for name in COEFFICIENTS}
    dense, point, inner = at["arithmetic.dense"], at["arithmetic.point"], at["inner.dense"]
    assert prior.mean == pytest.approx([0.5] * len(COEFFICIENTS))
    assert prior.covariance[dense][dense] == pytest.approx(0.25 + 0.01 + 0.04)
    assert prior.covariance[dense][point] == pytest.approx(0.25 + 0.04)
    assert prior.covariance[dense][inner] == pytest.approx(0.25)


def test_few_networks_do_with_what_is_usual_elsewhere() -> None:
    """A device twice as fast as a known one in everything is found from five networks, but for a
    tenth of its times: the known one would be off by 100 %."""
    nets = made_up(40)
    known = {
        name: value * (1 if name.startswith(("inner", "outer", "uneven", "extra")) else 2)
        for name, value in TRUE.items()
    }
    found = fitted(nets[:5], prior_over([known]))
    said = seconds_of(logs(found), rows_of(nets))
    assert said == pytest.approx([net.seconds for net in nets], rel=0.15)


def test_splits_depend_on_the_name_alone() -> None:
    """sha256 of the name, between 0 and 1, whatever its weights."""
    import hashlib

    first = int(hashlib.sha256(b"resnet18").hexdigest()[:8], 16) / 2**32
    assert place_of("resnet18") == pytest.approx(first)
    assert place_of("resnet18.a1_in1k") == place_of("resnet18")


def test_what_was_fitted_is_named_whatever_its_order() -> None:
    nets = made_up(5)
    assert fitted_to(nets) == fitted_to(nets[::-1])
    assert fitted_to(nets) != fitted_to(nets[:4])


def test_bounds_of_what_was_seen() -> None:
    """Elements and MACs of whole batches: 2 x 30 and 8 x 10; channels of both axes."""
    nets = [
        TimedNetwork("a", ((Workload("dense", 100, 3, 16, 30, 9), 1),), 2, 1.0),
        TimedNetwork("b", ((Workload("dense", 50, 8, 5, 10, 9), 2),), 8, 1.0),
    ]
    seen = seen_in(nets)["dense"]
    assert (seen.elements, seen.macs, seen.channels) == ((60, 80), (200, 400), (3, 16))
