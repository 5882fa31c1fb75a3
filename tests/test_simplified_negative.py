"""Simplified negative drift, and with scaling: exact chains stay below the bounds; each condition with a counter-example."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from test_negative_drift import expected, hit_by, walk

from theory import InputError, OneMax, OnePlusOneEA, PartiallyOrderedEA, PreconditionError, c, exact, n
from theory.derivation import Derivation
from theory.drift import NegativeDriftHajek, NegativeDriftScaling, SimplifiedNegativeDrift

EA = OnePlusOneEA(c / n)
BOTH = [SimplifiedNegativeDrift, NegativeDriftScaling]


def jumpy(size: int, up: str = "3/5") -> list[dict]:
    """A walk with steps of 1 and 3 on 0, ..., size; stopped at 0, held at size."""
    p = Fraction(up)
    rows: list[dict] = [{0: Fraction(1)}]
    for x in range(1, size + 1):
        row: dict = {}
        for step, chance in ((1, p * 3 / 4), (3, p / 4), (-1, (1 - p) * 3 / 4), (-3, (1 - p) / 4)):
            to = min(max(x + step, 0), size)
            row[to] = row.get(to, Fraction(0)) + chance
        rows.append(row)
    return rows


# ---- the proofs' constants


@pytest.mark.parametrize("delta", ["1/8", "1", "5"])
@pytest.mark.parametrize("r", ["1/2", "3"])
def test_the_moment_in_the_simplified_proof_is_one_plus_r(delta, r):
    """With P(S >= j) = min(1, r/(1 + delta)^j): E[e^(y S)] <= 1 + r at y = ln(1 + delta/2), equal where r/(1 + delta) <= 1."""
    d, width = mpmath.mpf(Fraction(delta).numerator) / Fraction(delta).denominator, mpmath.mpf(float(Fraction(r)))
    tail = lambda j: min(mpmath.mpf(1), width / (1 + d) ** j)  # noqa: E731
    growth = 1 + d / 2
    moment = 1 + mpmath.nsum(lambda j: (growth**j - growth ** (j - 1)) * tail(j), [1, mpmath.inf])
    assert moment <= 1 + width + 1e-9
    if width <= 1 + d:
        assert moment == pytest.approx(float(1 + width), rel=1e-9)


def test_the_moments_in_the_proof_with_scaling():
    f = lambda y: mpmath.exp(mpmath.mpf(y) / 2) - 1 - mpmath.mpf(y) / 2  # noqa: E731
    total = f(1) + mpmath.nsum(lambda j: (f(j + 1) - f(j)) * mpmath.exp(-j), [1, mpmath.inf])
    assert float(total) == pytest.approx(math.exp(0.5) - 0.5 - 1 / (2 * (math.e - 1)), rel=1e-12) and total < 1
    down = mpmath.exp(0.5) + mpmath.nsum(
        lambda j: (mpmath.exp((j + 1) / 2) - mpmath.exp(j / mpmath.mpf(2))) * mpmath.exp(-j), [1, mpmath.inf]
    )
    assert float(down) == pytest.approx(1 + math.exp(0.5), rel=1e-12)


@pytest.mark.parametrize("rows", [walk(60, Fraction(3, 4)), jumpy(60), jumpy(60, "9/10")], ids=["walk", "jumpy", "fast"])
def test_the_condition_of_hajek_holds_at_the_lambda_that_was_derived(rows):
    """An independent look: E[exp(-lambda step)] <= 1 inside, in floats, at the lambda in the bound."""
    for theorem in BOTH:
        arguments = dict(next(theorem.apply(rows, b=59).derivation.premises()).fact.arguments)
        eps, r = float(arguments["eps"]), float(arguments["r"])
        if theorem is SimplifiedNegativeDrift:
            rate = eps * math.log(1 + float(arguments["delta"]) / 2) ** 2 / r
        else:
            rate = eps / (4 * r * r)
        for x in range(1, 59):
            assert sum(float(p) * math.exp(-rate * (to - x)) for to, p in rows[x].items()) <= 1 + 1e-12


# ---- exact chains


@pytest.mark.parametrize("theorem", BOTH)
@pytest.mark.parametrize("rows", [walk(200, Fraction(3, 4)), jumpy(200, "19/20")], ids=["walk", "jumpy"])
def test_the_chance_of_exact_chains(theorem, rows):
    bound = theorem.apply(rows, b=198)
    assert bound.start == "X_0 >= 198"
    for steps in (1, 60, 400):
        for start in (198, 200):
            assert hit_by(rows, {0}, start, steps) <= bound.evaluate(t=steps)
    assert bound.evaluate(t=1) < 0.01  # it says something


@pytest.mark.parametrize("theorem", BOTH)
@pytest.mark.parametrize("up", ["3/5", "2/3", "3/4"])
def test_the_chance_and_the_time_of_small_chains(theorem, up):
    for rows in (walk(24, Fraction(up)), jumpy(24, up)):
        bound, low = theorem.apply(rows, b=22), theorem.apply(rows, b=22, expected=True)
        for steps in (10, 1000):
            assert hit_by(rows, {0}, 22, steps) <= bound.evaluate(t=steps)
        assert low.direction == "lower" and 0 < low.evaluate() <= expected(rows, {0}, 22)


def test_the_general_forms_are_weaker_than_hajek_with_the_exact_law():
    rows = jumpy(60, "4/5")
    sharp = NegativeDriftHajek.apply(rows, b=59).evaluate(t=1)
    for theorem in BOTH:
        assert theorem.apply(rows, b=59).evaluate(t=1) >= sharp


def test_a_process_is_read_and_its_best_interval_found():
    process, at = EA.on(PartiallyOrderedEA()), {"n": 40, "c": 3}
    matrix = exact.transition_matrix_by_zeros(process, **at)
    for theorem in BOTH:
        bound = theorem.apply(process, **at)
        start = int(str(bound.start).split(">= ")[1])
        law = np.eye(41)[start]
        for steps in range(1, 60):
            law = law @ matrix
            assert law[0] <= bound.evaluate(t=steps, **at)


def test_declared_drifts_give_formulas():
    bound = SimplifiedNegativeDrift.apply("1/2", length=n / 4, r=2, delta=1)
    assert bound.evaluate(n=400, t=5) == pytest.approx(15 * math.exp(-25 * math.log(1.5) ** 2))
    scaled = NegativeDriftScaling.apply(1 / n, length=n**2, r=2, expected=True)
    assert scaled.evaluate(n=160) == pytest.approx(math.exp(10) / (2 * (1 + math.exp(0.5))))
    assert bound.derivation.replay().holds is None  # declared: not vouched for


# ---- each necessary condition is needed


@pytest.mark.parametrize("theorem", BOTH)
def test_drift_towards_a_breaks_it(theorem):
    """Steps of +-1 fulfil the conditions on steps; with eps = 1/2 the chance at t = 600 would be small; it is near 1."""
    rows = walk(200, Fraction(1, 4))
    options = {"r": 9, "delta": 8} if theorem is SimplifiedNegativeDrift else {"r": "101/100"}
    with pytest.raises(PreconditionError, match="drift away from a >= eps > 0 for a < x < b' fails at X_t = 1"):
        theorem.apply(rows, b=199, **options)
    claimed = theorem.apply("1/2", length=199, **options).evaluate(t=600)
    assert hit_by(rows, {0}, 199, 600) > 0.99 and claimed < 0.2


@pytest.mark.parametrize("theorem", BOTH)
def test_long_steps_inside_break_it(theorem):
    """One down with probability 399/400, else far up: the drift is at least 1/2, and 0 is reached by falling."""
    far = Fraction(1, 400)
    rows = [{0: 1}, *({x - 1: 1 - far, x + 800: far} for x in range(1, 100)), *({x: 1} for x in range(100, 900))]
    rows[100] = {99: "1/2", 100: "1/2"}
    options = {"r": 2, "delta": 1} if theorem is SimplifiedNegativeDrift else {"r": "101/100"}
    with pytest.raises(PreconditionError, match=r"P\(\|X_t\+1 - X_t\| >= .* for a < x < b' fails at X_t = "):
        theorem.apply(rows, b=100, **options)
    claimed = theorem.apply("399/400", length=100, **options).evaluate(t=150)
    small = [{0: 1}, *({x - 1: 1 - far, 101: far} for x in range(1, 100)), {99: "1/2", 100: "1/2"}, {101: 1}]
    assert hit_by(small, {0}, 100, 150) > 0.7 > claimed  # the same walk, all that is far up in one state


@pytest.mark.parametrize("theorem", BOTH)
def test_jumps_from_above_the_interval_break_it(theorem):
    """The erratum's point: inside nothing is wrong, but from the top X jumps to 0."""
    rows = walk(200, Fraction(3, 4))
    options = {"r": 2, "delta": 1} if theorem is SimplifiedNegativeDrift else {"r": "101/100"}
    assert theorem.apply(rows, b=199, **options).evaluate(t=10) < 0.1
    rows[200] = {0: "1/2", 199: "1/2"}
    with pytest.raises(PreconditionError, match=r"P\(X_t - X_t\+1 >= .* for x >= b' fails at X_t = 200"):
        theorem.apply(rows, b=199, **options)
    assert hit_by(rows, {0}, 200, 10) > 0.5


@pytest.mark.parametrize("theorem", BOTH)
def test_steps_up_from_above_and_steps_below_a_do_not_matter(theorem):
    """Nothing superfluous is demanded."""
    rows = walk(200, Fraction(3, 4))
    plain = theorem.apply(rows, b=150).expr
    rows[150] = {149: "1/4", 200: "3/4"}  # far up from b
    assert theorem.apply(rows, b=150).expr == plain
    below = theorem.apply(rows, a=20, b=150).expr
    rows[10] = {200: 1}
    assert theorem.apply(rows, a=20, b=150).expr == below


@pytest.mark.parametrize("theorem", BOTH)
def test_technical_conditions_are_refused(theorem):
    more = {"delta": 1} if theorem is SimplifiedNegativeDrift else {}
    with pytest.raises(PreconditionError, match="r > 0"):
        theorem.apply(walk(20, Fraction(3, 4)), b=19, r=-1)
    with pytest.raises(PreconditionError, match="r > 0"):
        theorem.apply("1/2", length=n, r=-1, **more)
    with pytest.raises(PreconditionError, match="eps > 0"):
        theorem.apply(0, length=n, r=1, **more)
    with pytest.raises(InputError, match="b: 1 must be an integer from a \\+ 2"):
        theorem.apply(walk(20, Fraction(3, 4)), b=1)


def test_derivations_replay_survive_json_and_planted_errors_are_found():
    from theory.facts import Computation

    for theorem in BOTH:
        bound = theorem.apply(jumpy(40), b=39)
        again = Derivation.from_json(bound.derivation.to_json())
        assert again == bound.derivation and again.replay().holds is True
        fact = next(bound.derivation.premises()).fact
        for name, factor in (("eps", Fraction(101, 100)), ("r", Fraction(9, 10))):
            wrong = tuple((x, y * factor if x == name else y) for x, y in fact.arguments)
            assert Computation(fact.function, wrong, True).replay().holds is False


@pytest.mark.parametrize("theorem", BOTH)
@pytest.mark.parametrize(
    "options, names",
    [
        ({"start": 4, "b": 19}, "start"),
        ({"a": 19}, "^a: "),
        ({"b": 99}, "^b: "),
        ({"length": n}, "^length: "),
        ({"n": 3}, "^n: "),
    ],
)
def test_wrong_input_is_one_line(theorem, options, names):
    with pytest.raises(InputError, match=names) as error:
        theorem.apply(walk(20, Fraction(3, 4)), **options)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="length"):
        theorem.apply("1/2", r=1)
    with pytest.raises(InputError, match="^n: "):
        theorem.apply(EA.on(OneMax()), n=99, c=1)
