"""The level-based theorem: the paper's example, exact chains of small populations, each condition with a counter-example."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from scipy.stats import binom
from test_negative_drift import expected

from theory import InputError, PreconditionError, k, n
from theory.derivation import Derivation
from theory.drift import LevelBased

SPLIT = {"gamma": "1/2", "delta": "1/3"}


def walk(m: int) -> list[dict]:
    """The paper's example: up, stay or down by one level with probability 1/3 each; state j has j levels to go."""
    middle = [{j - 1: "1/3", j: "1/3", j + 1: "1/3"} for j in range(1, m - 1)]
    return [{0: 1}, *middle, {m - 2: "1/3", m - 1: "2/3"}]


def value(z: list[float], size: int, delta: float) -> float:
    """The bound, written from the theorem alone."""
    return 8 / delta**2 * sum(size * math.log(6 * delta * size / (4 + x * delta * size)) + 1 / x for x in z)


def exact_time(rows: list[dict], size: int, parents: int) -> float:
    """E[T] of a population on two levels below the target, all at the lowest: by the chain on the number at level 1."""
    mutate = np.array([[float(Fraction(row.get(j, 0))) for j in range(3)] for row in rows])
    leave = np.zeros((size + 1, size + 1))
    for many in range(size + 1):
        best = min(many, parents)
        q = (best * mutate[1] + (parents - best) * mutate[2]) / parents
        nobody = (1 - q[0]) ** size  # no individual of the next generation is at the target
        leave[many] = nobody * binom.pmf(np.arange(size + 1), size, q[1] / (1 - q[0]))
    return size * float(np.linalg.solve(np.eye(size + 1) - leave, np.ones(size + 1))[0])


def test_the_example_of_the_paper():
    """Corollary 1 there: for lambda >= 72 (ln m + 9), less than 216 (m - 1)(lambda + 1) individuals."""
    for m in (2, 5, 40):
        size = 2 * math.ceil(36 * (math.log(m) + 9))
        bound = LevelBased.apply(walk(m) if m > 2 else [{0: 1}, {0: "1/3", 1: "2/3"}], size=size, parents=size // 2, **SPLIT)
        assert bound.status == "cited" and bound.direction == "upper" and bound.start == "any"
        assert bound.evaluate() < 216 * (m - 1) * (size + 1)
        assert bound.evaluate() == pytest.approx(value([1 / 3] * (m - 1), size, 1 / 3), rel=1e-12)
        declared = LevelBased.apply("1/3", levels=m - 1, size=size, **SPLIT)
        listed = LevelBased.apply(["1/3"] * (m - 1), size=size, **SPLIT)
        assert declared.evaluate() == pytest.approx(bound.evaluate(), rel=1e-12) and listed.expr == bound.expr


def test_one_level_has_a_closed_form():
    """All individuals at level 1: a generation succeeds with probability 1 - (1 - z)^lambda."""
    for z in (Fraction(1, 3), Fraction(1, 1000), Fraction(1, 10**6)):
        size = math.ceil(72 * math.log(128 * 2 * 9 / z)) + 1
        bound = LevelBased.apply([{0: 1}, {0: z, 1: 1 - z}], size=size, parents=size // 2, **SPLIT)
        assert size / (1 - (1 - float(z)) ** size) <= bound.evaluate()


@pytest.mark.parametrize("up, fall", [("1/3", "1/3"), ("1/1000", "1/4")])
def test_a_population_on_two_levels_is_below_the_bound(up, fall):
    rows = [{0: 1}, {0: up, 1: 1 - Fraction(up) - Fraction(fall), 2: fall}, {1: up, 2: 1 - Fraction(up)}]
    size = 2 * math.ceil(36 * math.log(128 * 3 * 9 / Fraction(up)) + 1)
    bound = LevelBased.apply(rows, size=size, parents=size // 2, **SPLIT)
    assert exact_time(rows, size, size // 2) <= bound.evaluate()


def test_a_formula_in_n():
    """Fitness levels of n steps with z_k = k/(6 n), lambda = 800 ceil(1 + ln n), checked at n = 20."""
    size = 800 * sympy.ceiling(1 + sympy.log(n))
    bound = LevelBased.apply(k / (6 * n), levels=n, size=size, **SPLIT, n=20)
    lam = 800 * math.ceil(1 + math.log(20))
    assert bound.evaluate(n=20) == pytest.approx(value([j / 120 for j in range(1, 21)], lam, 1 / 3), rel=1e-12)
    assert not bound.holds_for(n=21)
    with pytest.raises(PreconditionError, match=r"\(G3\).* can't be decided; give values: n=..."):
        LevelBased.apply(k / (6 * n), levels=n, size=size, **SPLIT)


# ---- each condition is needed


def test_without_selection_the_better_ones_die_out_and_the_bound_is_false():
    """(G2) alone fails: with all as parents a level-1 individual has half a level-1 offspring."""
    rows = [{0: 1}, {0: "1/5000", 1: "2499/5000", 2: "1/2"}, {1: "1/10000", 2: "9999/10000"}]
    z, size = [Fraction(1, 10000)] * 2, 1300
    with pytest.raises(PreconditionError, match=r"\(G2\)' fails at level 2, 1 of 1300 above it"):
        LevelBased.apply(rows, size=size, parents=size, z=z, **SPLIT)
    claimed = LevelBased.apply(["1/10000"] * 2, size=size, **SPLIT).evaluate()  # (G1) and (G3) hold
    assert exact_time(rows, size, size) > 2 * claimed


def test_a_level_that_is_hard_to_leave_breaks_it():
    """(G1) alone fails: z_1 = 1/3 is said, 10^-9 is true."""
    rows = [{0: 1}, {0: Fraction(1, 10**9), 1: 1 - Fraction(1, 10**9)}]
    with pytest.raises(PreconditionError, match=r"\(G1\)' fails at level 1"):
        LevelBased.apply(rows, size=700, parents=350, z=["1/3"], **SPLIT)
    assert 700 / -math.expm1(700 * math.log1p(-1e-9)) > LevelBased.apply(["1/3"], size=700, **SPLIT).evaluate()
    with pytest.raises(PreconditionError, match=r"\(G1\)' fails at level 1: one above it with probability 0"):
        LevelBased.apply([{0: 1}, {1: 1}], size=700, parents=350, **SPLIT)


def test_a_small_population_breaks_it():
    """(G3) alone fails: one individual that falls to the lowest level with probability 1/3 needs a time exponential in m."""
    depth = 10
    rows = [{0: 1}, *({j - 1: "1/10", j: "17/30", depth: "1/3"} for j in range(1, depth)), {depth - 1: "1/10", depth: "9/10"}]
    with pytest.raises(PreconditionError, match=r"\(G3\) lambda >= .* fails at"):
        LevelBased.apply(rows, size=1, parents=1, **SPLIT)
    assert expected(rows, {0}, depth) > 10**5 > 10 * value([1 / 10] * depth, 1, 1 / 3)


def test_the_size_that_is_demanded_is_the_smallest_with_g3():
    needed = 72 * math.log(128 * 2 * 9 * 3)
    assert LevelBased.apply(["1/3"], size=math.ceil(needed), **SPLIT).evaluate() > 0
    with pytest.raises(PreconditionError, match=r"\(G3\)"):
        LevelBased.apply(["1/3"], size=math.floor(needed), **SPLIT)


def test_technical_conditions_are_refused():
    big = {"size": 10**6}
    for options, names in (
        ({"gamma": 1, "delta": "1/3"}, "gamma < 1"),
        ({"gamma": 0, "delta": "1/3"}, "gamma > 0"),
        ({"gamma": "1/2", "delta": 2}, "delta <= 1"),
        ({"gamma": "1/2", "delta": 0}, "delta > 0"),
    ):
        with pytest.raises(PreconditionError, match=names):
            LevelBased.apply(["1/3"], **big, **options)
    with pytest.raises(PreconditionError, match="z_k > 0"):
        LevelBased.apply((k - 1) / n, levels=n, **big, **SPLIT, n=5)
    with pytest.raises(PreconditionError, match="z_k <= 1"):
        LevelBased.apply(["3/2"], **big, **SPLIT)
    with pytest.raises(PreconditionError, match="0 < delta <= 1 and 0 < gamma < 1"):
        LevelBased.apply(walk(3), size=700, parents=350, gamma=1, delta="1/3")
    odd = [{0: 1}, {0: "1/10", 1: "9/10"}, {0: "1/2", 2: "1/2"}]  # worse parents jump further
    with pytest.raises(PreconditionError, match="the worst population isn't known"):
        LevelBased.apply(odd, size=900, parents=450, **SPLIT)


def test_the_derivation_cites_the_theorem_and_its_data_replay():
    bound = LevelBased.apply(walk(4), size=750, parents=375, **SPLIT)
    again = Derivation.from_json(bound.derivation.to_json())
    assert again == bound.derivation
    outcomes = [outcome for _, outcome in again.replay().outcomes]
    assert [outcome.level for outcome in outcomes].count("cited") == 1  # not vouched for
    assert all(outcome.holds for outcome in outcomes if outcome.level != "cited") and len(outcomes) == 3


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: LevelBased.apply(["1/3"], 4, size=700, **SPLIT), "^start"),
        (lambda: LevelBased.apply(["1/3"], size=700), "^size"),
        (lambda: LevelBased.apply("1/3", size=700, **SPLIT), "^levels"),
        (lambda: LevelBased.apply(["1/3"], levels=1, size=700, **SPLIT), "^levels"),
        (lambda: LevelBased.apply(["1/3"], parents=3, size=700, **SPLIT), "^parents"),
        (lambda: LevelBased.apply(walk(3), size=700, **SPLIT), "^parents"),
        (lambda: LevelBased.apply(walk(3), size=700, parents=701, **SPLIT), "^parents"),
        (lambda: LevelBased.apply(walk(3), size=700, parents=350, z=["1/3"], **SPLIT), "^z: "),
        (lambda: LevelBased.apply(walk(3), size=700, parents=350, levels=2, **SPLIT), "^levels"),
        (lambda: LevelBased.apply(sympy.Abs(k - 3) + 1, levels=n, size=700, **SPLIT, n=9), "drift|z_k"),
    ],
)
def test_wrong_input_is_one_line(call, names):
    with pytest.raises((InputError, PreconditionError), match=names) as error:
        call()
    assert "\n" not in str(error.value)
