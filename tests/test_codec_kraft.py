"""What the codec proves: Kraft sums, powers of the saving and their tails, the pair lemma, and gains along runs."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.codec import (
    averages,
    exact_gain,
    kraft_sum,
    largest_tail,
    measure,
    pair_fractions,
    random_monotone,
    rate_figure,
    record,
    saving_law,
    violations,
)  # fmt: skip
from proofs_check.codec.coders import Integers
from proofs_check.codec.codes import push_run
from proofs_check.codec.functions import Oracle, Weighted, exact_rate, oracle
from proofs_check.codec.hot import HotOracle
from proofs_check.codec.kraft import every_run, exact_code, telescoped, transfer
from proofs_check.codec.measuring import class_weights, laws, look
from proofs_check.codec.pair_code import PairCode
from proofs_check.codec.recording import Run
from theory import BinVal, HotTopic, OneMax
from theory.errors import InputError
from theory.monotone.certificate import certificate


def literal_kraft(values, n, p, tau, rounds, strict, over_z=True):
    """The sum over all runs from the definitions alone: values is a table of f, sets are tuples, nothing is shared."""
    points, sets = range(2**n), range(2**n)
    top = 2**n - 1

    def zeros(x):
        return n - bin(x).count("1")

    def chance(F):
        return p ** bin(F).count("1") * (1 - p) ** (n - bin(F).count("1"))

    def g(x):
        return 1 / (tau ** zeros(x) * (zeros(x) if over_z else 1) * math.comb(n, zeros(x)))

    def accepts(x, y):
        return values[y] > values[x] if strict else values[y] >= values[x]

    def length_factor(y, changed, F):
        if not changed:
            return chance(F)
        rho = sum(chance(E) for E in sets if E and accepts(y, y ^ E))
        arrivals = sum(chance(E) * g(y ^ E) for E in sets if E and y ^ E != top and accepts(y ^ E, y))
        return rho * chance(F) * g(y ^ F) / arrivals

    table = {
        (y, c, F): length_factor(y, c, F)
        for y in points
        if y != top
        for F in sets
        for c in (0, 1)
        if not c or _come(y, F, accepts)
    }
    total = Fraction(0)
    for start in points:
        for choice in itertools.product(sets, repeat=rounds):
            x, weight = start, Fraction(1)
            for F in choice:
                changed = F != 0 and accepts(x, x ^ F)
                x = x ^ F if changed else x
                if x == top:
                    break
                weight *= table[x, int(changed), F]
            if x != top:
                total += weight / ((n + 1) * math.comb(n, zeros(x)))
    return total


def _come(y, F, accepts):
    return F and accepts(y ^ F, y)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("tau,over_z", [(Fraction(1), True), (Fraction(3, 2), False)])
def test_kraft_sums_are_those_of_the_definition(tau, over_z, strict):
    for f, values in (
        (OneMax(), [bin(x).count("1") for x in range(8)]),
        (BinVal(), [4 * (x & 1) + (x & 2) + x // 4 for x in range(8)]),
    ):
        found = kraft_sum(f, n=3, rounds=2, c="1.2", tau=tau, strict=strict, over_z=over_z)
        assert found == literal_kraft(values, 3, Fraction(2, 5), tau, 2, strict, over_z)
        assert 0 < found < 1


def test_kraft_sums_by_another_program():
    """n = 3, K = 3; the first four without the factor 1/z, computed with floats elsewhere."""
    cases = [
        (OneMax(), "0.6", False, 0.4336464187), (OneMax(), 1, False, 0.3244849031), (BinVal(), "0.6", False, 0.4363738049),
        (BinVal(), 1, False, 0.3294313135), (OneMax(), "0.6", True, 0.4437), (OneMax(), 1, True, 0.3518),
    ]  # fmt: skip
    for f, c, over_z, value in cases:
        digits = 4 if over_z else 10
        assert round(float(kraft_sum(f, n=3, rounds=3, c=c, over_z=over_z)), digits) == value
        runs = list(every_run(exact_code(f, 3, c, over_z=over_z), 3))
        assert sum(run.weight for run in runs) == kraft_sum(f, n=3, rounds=3, c=c, over_z=over_z)
    assert float(sum(run.probability for run in every_run(exact_code(OneMax(), 3, "0.6"), 3))) / 8 == pytest.approx(0.6791453440)


@pytest.mark.parametrize("wrong,word", [({"start": 7}, "start: 7"), ({"rounds": -1}, "rounds: -1"), ({"tau": 0}, "tau: 0")])
def test_kraft_sums_of_nothing_are_refused(wrong, word):
    with pytest.raises(InputError, match=word):
        kraft_sum(OneMax(), **{"n": 3, "rounds": 2, **wrong})


def test_the_law_at_a_point_is_a_law_unless_nothing_can_have_led_there():
    for f in (OneMax(), BinVal(), random_monotone(4, seed=1), random_monotone(4, seed=2, ties=2)):
        for strict in (False, True):
            code = exact_code(f, 4, "1.1", "1.5", strict)
            for y in range(1, 15):
                assert sum(code.law(y).values()) == 1
            assert sum(code.law(0).values()) == 1 - code.rho(0)
            assert code.rho(15) == 0


def test_the_shares_on_the_stack_are_the_law_up_to_rounding():
    code = exact_code(random_monotone(5, seed=3, ties=2), 5, "1.4", "1.5")
    for y in range(31):
        still, before, bounds = code.shares(y)
        law = code.law(y)
        symbols = [(0, int(F)) for F in still] + [(1, int(F)) for F in before]
        assert set(symbols) == set(law)
        for symbol, low, high in zip(symbols, bounds, bounds[1:]):
            assert abs(Fraction(high - low, 2**32) - law[symbol]) <= Fraction(len(law) + 2, 2**32)


def test_leaving_rejected_rounds_out_of_the_code_breaks_krafts_inequality():
    code = exact_code(OneMax(), 3)
    rows = transfer(code)
    weights = [code.final(y) if y != 7 else Fraction(0) for y in range(8)]
    for _ in range(4):
        weights = [
            sum((row[y] if y != x else 1) * weights[y] for y in row) if x != 7 else Fraction(0) for x, row in enumerate(rows)
        ]
    assert sum(weights) > 1


def test_pair_mode_keeps_krafts_inequality_over_all_runs():
    """All runs of n = 3, K = 2 by the lengths that the coder really charges: what can be decoded can't sum to more than 1."""
    p = exact_rate("1.2", 3)
    for f in (OneMax(), BinVal()):
        judge, total, count = oracle(f, 3), 0.0, 0
        law = PairCode(judge, p, Fraction(1), strict=False)
        subsets = [np.flatnonzero((m >> np.arange(3)) & 1) for m in range(8)]
        for start in range(7):
            x = ((start >> np.arange(3)) & 1).astype(np.uint8)
            for pair in itertools.product(subsets, repeat=2):
                offsets = np.cumsum([0, pair[0].size, pair[1].size])
                run = Run(3, Fraction(6, 5), False, x, False, offsets, np.concatenate(pair))
                if not run.points(judge)[-1].all():
                    stack = Integers()
                    push_run(stack, law, judge, run)
                    total, count = total + 2.0**-stack.ideal, count + 1
        assert count > 200 and 0.05 < total <= 1


def test_expected_powers_of_the_saving_and_tails_are_exact():
    for f in (OneMax(), BinVal(), random_monotone(3, seed=4)):
        code = exact_code(f, 3, "1.5")
        for start in (0b001, 0b000):
            law: dict = {}
            for run in every_run(code, 3):
                if run.points[0] == start:
                    law[run.power] = law.get(run.power, 0) + run.probability
            assert law == saving_law(code, 3, start)
            assert sum(v * q for v, q in law.items()) == kraft_sum(f, n=3, rounds=3, c="1.5", start=start)
            assert largest_tail(law)[1] <= 1


def test_the_saving_telescopes():
    for f in (OneMax(), BinVal()):
        code = exact_code(f, 3, "1.5")
        assert max(abs(telescoped(code, run) - math.log2(run.power)) for run in every_run(code, 3)) < 1e-9
    wrong = exact_code(OneMax(), 3, "1.5", over_z=False)  # then there is no z_K/z_0
    assert max(abs(telescoped(wrong, run) - math.log2(run.power)) for run in every_run(wrong, 3)) > 0.1


# the pair lemma


def test_the_pair_lemma_holds_at_every_point_of_strictly_monotone_functions():
    for n in (3, 4, 5):
        for seed in range(3):
            assert violations(random_monotone(n, seed).sign, n) == []
    assert violations(oracle(BinVal(), 5).sign, 5) == []
    assert violations(Weighted([5, 3, 3, 2, 1]).sign, 5) == []


def test_the_pair_lemma_fails_for_functions_that_change():
    def partially_ordered(x, flips):
        """The pessimistic rule: incomparable offspring are welcome if they have no more one-bits."""
        ups = int((x[flips] == 0).sum())
        downs = len(flips) - ups
        return 1 if downs == 0 or (ups and downs >= ups) else -1

    found = violations(partially_ordered, 4)
    assert any("(iii) beta_1 = 1, but 1 - phi = 0" in text for text in found)
    rng = np.random.default_rng(1)

    def dynamic_binval(x, flips):
        return 1 if x[rng.permutation(np.array(flips))[0]] == 0 else -1

    assert any("(iii)" in text for text in violations(dynamic_binval, 4))


def test_ties_count_against_phi_on_both_sides():
    y = np.array([0, 1, 1, 1], dtype=np.uint8)
    found = pair_fractions(Weighted([1] * 4).sign, y)
    assert (found.phi, found.alpha[:3], found.beta) == (0, (1, 1, 0), (1, 1))


# gains along runs


def literal_one_up(f, y, p):
    """theta and ln R for changes with one up, by going through all of them."""
    n, zeros, ones = f.n, np.flatnonzero(y == 0).tolist(), np.flatnonzero(y).tolist()
    z = len(zeros)

    def g(k):
        return 1 / (k * math.comb(n, k))

    accepted = arrive = 0.0
    for j in zeros:
        for b in range(len(ones) + 1):
            for B in itertools.combinations(ones, b):
                accepted += p**b * (1 - p) ** (len(ones) - b) * (f.sign(y, [j, *B]) >= 0) / z
    for i in ones:
        for b in range(z + 1):
            for B in itertools.combinations(zeros, b):
                arrive += p ** (1 + b) * (1 - p) ** (n - 1 - b) * (f.sign(y, [i, *B]) <= 0) * g(z + 1 - b) / g(z)
    return 1 - accepted, math.log(accepted * z * p * (1 - p) ** (z - 1) / arrive)


@pytest.mark.parametrize("weights", [[1] * 9, [2**i for i in range(9)], [3, 1, 4, 1, 5, 9, 2, 6, 5]])
def test_looking_at_a_point_finds_theta_and_ln_r(weights):
    f, rng = Weighted(weights), np.random.default_rng(3)
    y = np.array([0, 1, 1, 0, 1, 1, 0, 1, 1], dtype=np.uint8)
    theta, gain = literal_one_up(f, y, 1.3 / 9)
    found = look(f, y, 1.3, 1.0, 20_000, rng)
    assert f.pairs_decide == (len(set(weights)) in (1, 9))
    width = 1e-9 if f.pairs_decide else 0.05  # drawn: five standard errors at most
    assert found.theta == pytest.approx(theta, abs=width)
    assert found.gain == pytest.approx(gain, abs=width)
    assert found.gain >= laws(9, 3, 1.3).gamma(theta) - width


def test_drawn_sets_find_what_the_closed_form_finds():
    class Plain(Oracle):
        """BinVal without its weights, so that sets are drawn."""

    rng = np.random.default_rng(3)
    y = np.ones(60, dtype=np.uint8)
    y[rng.permutation(60)[:6]] = 0
    plain = Plain(60, lambda x: int("".join(map(str, x.tolist())), 2))
    drawn, exact = look(plain, y, 1.1, 1.0, 4000, rng), look(oracle(BinVal(), 60), y, 1.1, 1.0, 1, rng)
    assert drawn.theta == pytest.approx(exact.theta, abs=0.04) and drawn.gain == pytest.approx(exact.gain, abs=0.12)


def test_the_lines_are_those_of_the_certificate():
    for c in ("1", "1.1"):
        Lambda, eta, proved = certificate(c)
        assert proved
        limit = laws(1000, 10, float(c), poisson=True)
        theta = np.linspace(0, 1 - limit.none, 500, endpoint=False)
        room = [limit.gamma(t) - float(Lambda) * limit.d(t) - float(eta) for t in theta]
        assert -1e-9 <= min(room) < 0.01
    weights = class_weights(10**6, 3, 1.1e-6)
    assert weights[:3] == pytest.approx([math.exp(-1.1), 1.1 * math.exp(-1.1), 1.1**2 / 2 * math.exp(-1.1)], rel=1e-4)


def test_gains_of_onemax_are_nothing_at_one_flip_a_step_and_the_lemmas_bounds_hold_along_a_run():
    run = record(OneMax(), n=400, rounds=4000, c=1, start=20, seed=5)
    assert np.abs(measure(OneMax(), run).gain).max() < 1e-9
    for f in (BinVal(), OneMax()):
        found = measure(f, record(f, n=400, rounds=4000, c="1.4", start=20, seed=5))
        assert (found.gain >= found.gamma - 1e-9).all() and (found.theta > 0).all()


def test_the_exact_gain_is_that_of_one_up_but_for_changes_with_more():
    """With a single zero-bit the changes with more ups are predecessors only: they lower the exact gain, by O(z/n)."""
    for zero in (0, 5, 9):
        y = np.ones(10, dtype=np.uint8)
        y[zero] = 0
        exact = math.log(exact_gain(BinVal(), y, c="0.5"))
        first = look(oracle(BinVal(), 10), y, 0.5, 1.0, 1, np.random.default_rng(0))
        assert first.gain - 0.1 < exact < first.gain


def test_hottopic_is_compared_by_counts_as_by_values():
    f, rng = HotTopic(alpha="1/2", beta="1/5", eps="1/4", levels=5, seed=2), np.random.default_rng(1)
    fast, plain = HotOracle(f, 40), Oracle(40, f.value)
    levels = set()
    for _ in range(25):
        x = (rng.random(40) < rng.random() ** 0.3).astype(np.uint8)
        sets = [rng.choice(40, rng.integers(1, 6), replace=False) for _ in range(20)]
        assert fast.signs(x, sets).tolist() == [plain.sign(x, flips) for flips in sets]
        assert fast.level(x) == f.level(x)
        levels.add(f.level(x))
    assert len(levels) > 3


def test_the_picture_has_measurement_and_line_at_the_same_rates():
    found = [averages(OneMax(), "OneMax", c=c, n=300, start=10, runs=2, rounds=1500) for c in ("1.1", "1.05")]
    ln_r, growth, line = rate_figure(found).series
    assert ln_r.x == growth.x == line.x == (1.05, 1.1)
    assert all(y >= bound for y, bound in zip(ln_r.y, line.y)) and line.kind == "lower"
