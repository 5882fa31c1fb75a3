"""Synthesised potentials: they reach what they must, they are verified, and where there is none the reason is shown."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    InputError,
    LeadingOnes,
    Linear,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    c,
    exact,
    n,
    synthesise,
)
from theory.derivation import Derivation
from theory.drift import MultiplicativeDrift, witt_potential
from theory.synthesis.laws import least_ratio
from theory.synthesis.programme import NoPotential

EA = OnePlusOneEA(c / n)
ONEMAX = EA.on(OneMax())


@pytest.mark.parametrize(
    ("process", "start", "values"),
    [
        (ONEMAX, "zeros", {"n": 10, "c": 1}),
        (ONEMAX, "uniform", {"n": 30, "c": 2}),
        (ONEMAX, "zeros", {"n": 100, "c": 1}),
        (EA.on(DynamicBinVal()), "zeros", {"n": 12, "c": 1}),
        (EA.on(LeadingOnes()), "uniform", {"n": 20, "c": 1}),
        (EA.on(BinVal()), "uniform", {"n": 5, "c": 1}),
        (RLS().on(OneMax()), 7, {"n": 20}),
    ],
    ids=str,
)
def test_with_a_value_for_every_state_the_additive_bound_is_the_expected_runtime(process, start, values):
    found = synthesise(process, start=start, **values)
    value = exact.expected_runtime(process, start=start, **values)
    assert found.bound.evaluate(**values) == pytest.approx(value, rel=1e-9)
    assert found.bound.evaluate(**values) >= value * (1 - 1e-13)
    assert found.bound.status == "derived"


def test_multiplicative_drift_on_onemax_beats_the_identity():
    at = {"n": 100, "c": 1}
    identity = 1516.0186296177583
    delta = Fraction(99, 100) ** 99 / 100 * (1 - Fraction(1, 10**9))
    given = synthesise(ONEMAX, theorem="multiplicative", start="zeros", delta=delta, **at)
    free = synthesise(ONEMAX, theorem="multiplicative", start="zeros", **at)
    assert 1154.9 < free.bound.evaluate(**at) <= given.bound.evaluate(**at) * (1 + 1e-6)
    assert given.bound.evaluate(**at) == pytest.approx(1258.9, abs=0.05) and given.bound.evaluate(**at) < 0.84 * identity
    assert min(x for x in free.values if x) == 1  # s_min


@pytest.mark.parametrize("constant", ["1/2", "1", "2"])
@pytest.mark.parametrize(
    "problem",
    [BinVal(), Linear([1, 2, 3, 4, 5, 6]), Linear(["0.3", "1.7", "0.31", "5", "2.2", "1.1"])],
    ids=["BinVal", "ramp", "mixed"],
)  # fmt: skip
def test_weights_of_bits_are_never_worse_than_the_published_potential(problem, constant):
    size, at = 6, {"n": 6, "c": constant}
    process = EA.on(problem)
    weights = [2 ** (size - 1 - i) for i in range(size)] if isinstance(problem, BinVal) else problem.weights(size)
    mine = synthesise(process, "bits", theorem="multiplicative", **at).bound.evaluate(**at)
    worst = exact.worst_start(process, **at)[1]
    assert mine >= worst
    for alpha in (Fraction(3, 2), Fraction(2), Fraction(5)):
        g = witt_potential(weights, Fraction(constant) / size, alpha)
        points = [sum((x for i, x in enumerate(g) if not point >> (size - 1 - i) & 1), Fraction(0)) for point in range(2**size)]
        published = MultiplicativeDrift.apply(process, potential=points, **at).evaluate(**at)
        assert mine <= published * (1 + 1e-9)


def test_a_concave_potential_lies_between_the_exact_value_and_a_single_delta():
    at = {"n": 30, "c": 1}
    variable = synthesise(ONEMAX, theorem="variable", start="zeros", **at)
    x = [float(value) for value in variable.values]
    steps = np.diff(x)
    assert (np.diff(steps) <= 1e-9 * steps[:-1]).all()
    assert exact.expected_runtime(ONEMAX, start="zeros", **at) <= variable.bound.evaluate(**at)


def test_a_richer_template_is_at_least_as_good():
    at = {"n": 30, "c": 1}
    values = [
        synthesise(ONEMAX, template, start="zeros", **at).bound.evaluate(**at)
        for template in (["k"], ["k", "log(k+1)"], ["k", "log(k+1)", "1", "k**2"], "states")
    ]
    assert values == sorted(values, reverse=True) and values[0] > 2 * values[-1]


def test_the_identity_alone_gives_the_additive_bound_from_the_smallest_drift():
    at = {"n": 8, "c": 1}
    found = synthesise(ONEMAX, ["k"], start="zeros", **at)
    smallest = min(ONEMAX.drift(**at)[1:])
    assert found.bound.evaluate(**at) == pytest.approx(8 / smallest, rel=1e-9)


def test_where_no_potential_works_a_weighting_of_states_shows_it():
    process = EA.on(PartiallyOrderedEA())  # c = 2: k drifts away from the optimum
    with pytest.raises(NoPotential) as error:
        synthesise(process, ["k"], n=10, c=2)
    y = error.value.certificate
    drift = process.drift(n=10, c=2)
    assert error.value.proved and min(y.values()) > 0
    assert sum(float(w) * drift[i] for i, w in y.items()) <= 0
    with pytest.raises(NoPotential) as two:
        synthesise(process, ["k", "k**2"], n=10, c=2)
    assert two.value.proved
    for potential in ("k", "k**2"):
        drift = process.drift(potential, n=10, c=2)
        assert sum(float(w) * drift[i] for i, w in two.value.certificate.items()) <= 1e-12


def test_the_derivation_replays_and_a_planted_error_is_found():
    found = synthesise(ONEMAX, start="zeros", n=8, c=1)
    assert found.bound.derivation.replay().holds is True
    again = Derivation.from_json(found.bound.derivation.to_json())
    assert again == found.bound.derivation and again.replay().holds is True
    x = list(found.values)
    x[3] = x[3] * Fraction(9, 10)
    assert least_ratio(ONEMAX, "zeros", x, False, {"n": 8, "c": 1}) < found.delta


def test_balls_and_fractions_verify_alike():
    from theory.synthesis import laws

    x = [Fraction(z) for z in range(31)]
    exactly = least_ratio(ONEMAX, "zeros", x, True, {"n": 30, "c": 1})
    balls = laws._least_in_balls(ONEMAX, "zeros", x, True, {"n": 30, "c": 1})
    assert 0 <= exactly - balls < Fraction(1, 10**20)


def test_the_dual_lies_on_the_states_that_bind():
    found = synthesise(ONEMAX, ["k"], start="zeros", n=8, c=1)
    drift = ONEMAX.drift(n=8, c=1)
    assert list(found.dual) == [1 + int(np.argmin(drift[1:]))]


@pytest.mark.parametrize(
    "call",
    [
        lambda: synthesise(ONEMAX, "sates", n=5, c=1),
        lambda: synthesise(ONEMAX, [], n=5, c=1),
        lambda: synthesise(ONEMAX, ["-k"], n=5, c=1),
        lambda: synthesise(ONEMAX, ["1/k", "1/(k-2)"], n=5, c=1),
        lambda: synthesise(ONEMAX, theorem="addition", n=5, c=1),
        lambda: synthesise(ONEMAX, theorem="multiplicative", start="uniform", n=5, c=1),
        lambda: synthesise(ONEMAX, theorem="multiplicative", delta=2, n=5, c=1),
        lambda: synthesise(ONEMAX, theorem="multiplicative", delta="0.99", n=5, c=1),
        lambda: synthesise(ONEMAX, delta="0.1", n=5, c=1),
        lambda: synthesise(ONEMAX, start=9, n=5, c=1),
        lambda: synthesise(ONEMAX, n=5),
        lambda: synthesise(EA.on(BinVal()), "bits", n=20, c=1),
        lambda: synthesise(EA.on(BinVal()), theorem="variable", n=4, c=1),
        lambda: synthesise(EA.on(LeadingOnes()), start="zeros", n=4, c=1),
        lambda: synthesise(EA.on(LeadingOnes()), ["k"], n=4, c=1),
        lambda: synthesise("onemax", n=4),
    ],
)
def test_wrong_input_is_refused_in_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)
