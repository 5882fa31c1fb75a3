"""Synthesised potentials: they reach what they must, they are proved, and where there is none the reason is shown and proved."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb, ctx, fmpq

from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    InputError,
    Jump,
    LeadingOnes,
    Linear,
    Metropolis,
    Needle,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
    c,
    exact,
    k,
    n,
    synthesise,
)
from theory.derivation import Derivation
from theory.drift import AdditiveDriftUpper, MultiplicativeDrift, VariableDrift, tables, witt_potential
from theory.facts import DriftFact, s
from theory.synthesis import Basis, Bits, NoPotential, certify, models, programme
from theory.synthesis.chains import as_fraction
from theory.synthesis.models import kind_of, model

EA = OnePlusOneEA(c / n)
ONEMAX = EA.on(OneMax())
PESSIMIST = EA.on(PartiallyOrderedEA())


# ---- the chains


@pytest.mark.parametrize(
    ("process", "kind", "values"),
    [
        (ONEMAX, "zeros", {"n": 6, "c": 1}),
        (EA.on(Jump(2)), "zeros", {"n": 6, "c": "3/2"}),
        (OnePlusOneEA(1 / (k + 1), strict=True).on(OneMax()), "zeros", {"n": 6}),
        (RLS(2).on(OneMax()), "zeros", {"n": 6}),
        (EA.on(PartiallyOrderedEA("1/3")), "zeros", {"n": 6, "c": 1}),
        (Metropolis("c*n").on(OneMax()), "zeros", {"n": 6, "c": 1}),
        (EA.on(BinVal()), "points", {"n": 5, "c": 1}),
        (OnePlusOneEA(1 / (k + 1)).on(BinVal()), "points", {"n": 5}),
        (OnePlusOneEA(c / n, strict=True).on(LeadingOnes()), "points", {"n": 5, "c": 1}),
        (RLS().on(Linear([3, -1, 2])), "points", {"n": 3}),
    ],
    ids=str,
)
def test_drift_and_its_transpose_agree_with_the_chain_written_out_in_fractions(process, kind, values):
    chain = model(process, kind, values)
    x = [
        fmpq(0) if end else fmpq(7 * int(z) + int(z) ** 2 + i % 3, 1 + i % 5)
        for i, (z, end) in enumerate(zip(chain.zeros, chain.end))
    ]
    _, rows, _, _ = tables._chain(process, values, [0] * len(chain) if kind == "points" else k)
    want = [sum((p * as_fraction(x[i] - x[j]) for j, p in row.items()), Fraction(0)) for i, row in enumerate(rows)]
    drifts = chain.drifts(x)
    assert [as_fraction(d) for d, end in zip(drifts, chain.end) if not end] == [w for w, end in zip(want, chain.end) if not end]
    y = [fmpq(0) if end else fmpq(i % 4 + 1, 3) for i, end in enumerate(chain.end)]
    assert sum(a * b for a, b in zip(chain.flow(y), x)) == sum(a * b for a, b in zip(y, drifts))
    leaving = [sum(row.values(), Fraction(0)) for row in rows]
    assert [as_fraction(p) for p, end in zip(chain.leaving(), chain.end) if not end] == [
        p for p, end in zip(leaving, chain.end) if not end
    ]
    matrix = chain.matrix().toarray()
    for i in np.flatnonzero(~chain.end):
        assert matrix[i] == pytest.approx([float(rows[i].get(j, 0)) for j in range(len(chain))], abs=1e-15)


@pytest.mark.parametrize(
    ("process", "kind"),
    [(ONEMAX, "zeros"), (EA.on(Jump(3)), "zeros"), (PESSIMIST, "zeros"), (EA.on(LeadingOnes()), "levels")],
    ids=str,
)
def test_balls_contain_the_fractions(process, kind, monkeypatch):
    values = {"n": 24, "c": 2}
    exactly = model(process, kind, values)
    monkeypatch.setattr(models, "LARGEST_EXACT", 0)
    monkeypatch.setattr(models, "LARGEST_EXACT_COUNTS", 0)
    monkeypatch.setattr(models, "TAIL", 20)  # so that moves are left out
    balls = model(process, kind, values)
    assert (exactly.level, balls.level) == ("exact", "balls")
    x = [fmpq(0) if end else fmpq(i * i + 3, 7) for i, end in enumerate(exactly.end)]
    pairs = list(zip(exactly.drifts(x), balls.drifts(x)))
    flows = list(zip(exactly.flow(x), balls.flow(x)))
    with ctx.workprec(4000):  # in which the fractions are put
        for i in exactly.inner:
            sure, ball = pairs[i]
            assert ball.contains(arb(sure)) and ball.rad() < 0.1
        assert all(not (ball < sure) for sure, ball in flows)  # an upper bound
        assert not any(ball.contains(arb(sure + fmpq(1, 2))) for sure, ball in pairs[1:-1])


# ---- additive drift


@pytest.mark.parametrize(
    ("process", "start", "values"),
    [
        (ONEMAX, "zeros", {"n": 10, "c": 1}),
        (ONEMAX, "uniform", {"n": 30, "c": 2}),
        (ONEMAX, "worst", {"n": 100, "c": 1}),
        (ONEMAX, "worst", {"n": 1000, "c": 1}),
        (EA.on(Jump(3)), "worst", {"n": 20, "c": 1}),
        (PESSIMIST, "zeros", {"n": 20, "c": 1}),
        (PESSIMIST, "zeros", {"n": 20, "c": 2}),
        (EA.on(DynamicBinVal()), "zeros", {"n": 12, "c": 1}),
        (EA.on(LeadingOnes()), "uniform", {"n": 20, "c": 1}),
        (EA.on(LeadingOnes()), "uniform", {"n": 300, "c": 1}),
        (EA.on(LeadingOnes()), "zeros", {"n": 6, "c": 1}),
        (EA.on(BinVal()), "uniform", {"n": 5, "c": 1}),
        (EA.on(BinVal()), [0, 1, 1, 0, 1], {"n": 5, "c": "1/2"}),
        (RLS().on(OneMax()), 7, {"n": 20}),
    ],
    ids=str,
)
def test_with_a_value_for_every_state_the_additive_bound_is_the_expected_runtime(process, start, values):
    found = synthesise(process, "states", start=start, **values)
    value = exact.expected_runtime(process, start=start, **values)
    bound = found.evaluate(**values)
    assert bound == pytest.approx(value, rel=1e-9)
    assert bound >= value * (1 - 1e-12)  # the exact value is a float
    assert found.status == "derived" and found.direction == "upper"
    assert found.limit == pytest.approx(bound, rel=1e-6) and found.limit <= bound  # nothing is better, says the dual


def test_the_bound_is_certain_where_the_truth_is_known_in_balls():
    ball = exact.expected_runtime_interval(ONEMAX, start="zeros", n=50, c=1)
    found = synthesise(ONEMAX, "states", start="zeros", n=50, c=1)
    value = fmpq(int(found.expr.p), int(found.expr.q))
    assert ball <= value and ball * (1 + fmpq(1, 10**11)) >= value


def test_the_potential_is_the_expected_runtime_from_every_state():
    found = synthesise(ONEMAX, "states", n=30, c=1)
    assert [float(x) for x in found.potential] == pytest.approx(exact.expected_runtimes_by_zeros(ONEMAX, n=30, c=1), rel=1e-11)


def test_simple_answers_come_out_as_simple_fractions():
    found = synthesise(RLS().on(OneMax()), "states", n=4)
    assert found.potential == (0, 4, 6, Fraction(22, 3), Fraction(25, 3))
    walk = synthesise([[1, 0, 0], ["1/2", 0, "1/2"], ["1/5", "4/5", 0]], "states", start=1)
    assert walk.expr == sympy.Rational(5, 2) and walk.start_text == "start in state 1"


def test_a_richer_template_is_at_least_as_good():
    at = {"n": 30, "c": 1}
    found = [
        synthesise(ONEMAX, template, theorem="additive", start="zeros", **at).evaluate(**at)
        for template in (["k"], ["k", "log(k+1)"], ["k", "log(k+1)", "1", "k**2"], "concave", "levels", "states")
    ]
    assert all(b <= a * (1 + 1e-9) for a, b in itertools.pairwise(found)) and found[0] > 2 * found[-1]


def test_the_identity_alone_gives_the_additive_bound_from_the_smallest_drift_and_the_dual_lies_there():
    found = synthesise(ONEMAX, "k", theorem="additive", n=8, c=1)
    drift = ONEMAX.drift(n=8, c=1)
    assert found.evaluate(n=8, c=1) == pytest.approx(8 / min(drift[1:]), rel=1e-12)
    assert list(found.dual) == [1 + int(np.argmin(drift[1:]))]
    assert found.evaluate(n=8, c=1) == pytest.approx(AdditiveDriftUpper.apply(ONEMAX, n=8, c=1).evaluate(n=8, c=1), rel=1e-12)


# ---- multiplicative drift


def test_multiplicative_drift_on_onemax_beats_the_identity():
    at = {"n": 100, "c": 1}
    identity = synthesise(ONEMAX, "k", theorem="multiplicative", **at)
    given = synthesise(ONEMAX, "states", theorem="multiplicative", delta="c/n*(1-c/n)**(n-1)", **at)
    free = synthesise(ONEMAX, "states", theorem="multiplicative", **at)
    assert identity.evaluate(**at) == pytest.approx(1516.01863, abs=1e-5)
    assert given.evaluate(**at) == pytest.approx(1258.9, abs=0.05)
    assert 1154.89 < free.evaluate(**at) <= given.evaluate(**at) * (1 + 1e-10)
    assert min(x for x in free.potential if x) >= 1  # s_min
    assert given.limit == pytest.approx(given.evaluate(**at), rel=1e-9)


@pytest.mark.parametrize("process", [PESSIMIST, EA.on(LeadingOnes())], ids=str)
def test_no_other_delta_gives_a_better_bound(process):
    at = {"n": 16, "c": 1}
    start = {"start": 16} if process is PESSIMIST else {"start": [0] * 16}
    if process is not PESSIMIST:
        at, start = {"n": 5, "c": 1}, {"start": [0] * 5}
    best = synthesise(process, "states", theorem="multiplicative", **start, **at)
    for factor in (0.5, 0.8, 0.95, 0.999, 1.001, 1.05):
        try:
            other = synthesise(process, "states", theorem="multiplicative", delta=float(best.delta) * factor, **start, **at)
        except NoPotential:
            assert factor > 1
            continue
        assert other.evaluate(**at) >= best.evaluate(**at) * (1 - 1e-8)


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
    mine = synthesise(process, "bits", theorem="multiplicative", **at).evaluate(**at)
    assert mine >= exact.worst_start(process, **at)[1]
    for alpha in (Fraction(9, 8), Fraction(3, 2), Fraction(2), Fraction(5)):
        g = witt_potential(weights, Fraction(constant) / size, alpha)
        points = [sum((x for i, x in enumerate(g) if not point >> (size - 1 - i) & 1), Fraction(0)) for point in range(2**size)]
        published = MultiplicativeDrift.apply(process, potential=points, **at).evaluate(**at)
        assert mine <= published * (1 + 1e-12)


@pytest.mark.parametrize("constant", [Fraction(1, 2), Fraction(1), Fraction(2)])
@pytest.mark.parametrize("size", [8, 10])
def test_the_same_on_random_weights_and_more_bits(size, constant):
    rng = np.random.default_rng(10 * size + int(2 * constant))
    weights = [Fraction(int(w), 1000) for w in np.ceil(1000 * rng.lognormal(0, 2, size))]
    process, at = EA.on(Linear(weights)), {"n": size, "c": constant}
    mine = synthesise(process, "bits", theorem="multiplicative", **at)
    given = programme.setting(model(process, "points", at), Bits().on(model(process, "points", at), at), None, False)
    published = []
    for alpha in 1 + np.geomspace(0.02, 20, 60):  # the floats decide by far more than a rounding
        g = np.array([float(x) for x in witt_potential([float(w) for w in weights], float(constant) / size, float(alpha))])
        rate = float(((given.moves @ g) / (given.values @ g)).min())
        published += [(1 + np.log(g.sum())) / rate] if rate > 0 else []
    assert mine.evaluate(**at) <= min(published) * (1 - 1e-3)
    assert mine.limit == pytest.approx(mine.evaluate(**at), rel=1e-7) and mine.limit <= mine.evaluate(**at)


def test_the_better_theorem_is_taken_where_none_is_asked_for():
    at = {"n": 6, "c": 1}
    process = EA.on(BinVal())
    both = [synthesise(process, "bits", theorem=word, **at).evaluate(**at) for word in ("additive", "multiplicative")]
    assert both[1] < both[0]
    assert synthesise(process, "bits", **at).evaluate(**at) == min(both)


# ---- variable drift


def test_variable_drift_of_one_expression_is_the_theorem_with_its_envelope():
    at = {"n": 20, "c": 1}
    found = synthesise(ONEMAX, "k", theorem="variable", **at)
    assert found.evaluate(**at) == pytest.approx(VariableDrift.apply(ONEMAX, envelope=True, **at).evaluate(**at), rel=1e-12)
    assert found.derivation.replay().holds is True


def test_a_concave_potential_lies_between_the_exact_value_and_variable_drift():
    at = {"n": 20, "c": 1}
    for process in (ONEMAX, EA.on(Jump(2))):
        concave = synthesise(process, theorem="variable", start="zeros", **at)
        steps = np.diff([float(x) for x in concave.potential])
        assert (np.diff(steps) <= 1e-9 * steps[:-1]).all()
        assert exact.expected_runtime(process, start="zeros", **at) * (1 - 1e-12) <= concave.evaluate(**at)
    one = synthesise(ONEMAX, "k", theorem="variable", **at)
    assert synthesise(ONEMAX, theorem="variable", **at).evaluate(**at) <= one.evaluate(**at)


# ---- proofs


def test_the_derivation_replays_also_from_json():
    for found in (
        synthesise(ONEMAX, "states", n=8, c=1),
        synthesise(EA.on(BinVal()), "bits", n=4, c=1),
        synthesise(ONEMAX, ["k", "log(k+1)"], n=8, c=1),
        synthesise(EA.on(LeadingOnes()), "states", n=250, c=1),  # in balls
        synthesise([[1, 0], [0.5, 0.5]], "states"),
    ):
        assert len(list(found.derivation.premises())) >= 2
        assert found.derivation.replay().holds is True
        again = Derivation.from_json(found.derivation.to_json())
        assert again == found.derivation and again.replay().holds is True


def test_the_drift_is_seen_by_an_independent_check():
    found = synthesise(EA.on(BinVal()), "bits", theorem="multiplicative", n=5, c=1)
    rate = sympy.Rational(found.delta.numerator, found.delta.denominator)
    fact = DriftFact(EA.on(BinVal()), rate * s, ">=", found.potential, sizes=(5,), constants=(Fraction(1),))
    assert fact.replay().holds is True
    assert (
        DriftFact(EA.on(BinVal()), rate * s * 2, ">=", found.potential, sizes=(5,), constants=(Fraction(1),)).replay().holds
        is False
    )


@pytest.mark.parametrize("place", [1, 5, 8])
def test_a_potential_that_was_tampered_with_is_found_out(place):
    found = synthesise(ONEMAX, "states", n=8, c=1)
    given = (ONEMAX, "zeros", {"n": 8, "c": 1})
    assert certify.drift_is_at_least(*given, found.potential, Fraction(1))
    wrong = list(found.potential)
    wrong[place] *= 1 - Fraction(1, 10**6)
    assert not certify.drift_is_at_least(*given, tuple(wrong), Fraction(1))
    assert not certify.drift_is_at_least(*given, (1, *found.potential[1:]), Fraction(1))  # X > 0 at the end


def test_dual_weights_that_were_tampered_with_are_found_out():
    found = synthesise(ONEMAX, ["k", "log(k+1)"], theorem="additive", n=8, c=1)
    fact = next(check.fact for check in found.derivation.checks if check.condition.startswith("optimality"))
    arguments = dict(fact.arguments)
    assert certify.nothing_is_better(**arguments)
    assert not certify.nothing_is_better(**{**arguments, "limit": arguments["limit"] * Fraction(1001, 1000)})
    assert not certify.nothing_is_better(**{**arguments, "drift": tuple((i, x / 2) for i, x in arguments["drift"])})
    assert not certify.nothing_is_better(**{**arguments, "start": tuple((i, 2 * x) for i, x in arguments["start"])})
    assert not certify.nothing_is_better(**{**arguments, "drift": ((3, Fraction(-1)),)})


def test_a_bad_solver_makes_worse_bounds_but_no_wrong_ones(monkeypatch):
    real, rng = programme._highs, np.random.default_rng(3)

    def noisy(*arguments):
        found = real(*arguments)
        return None if found is None else (found[0] * rng.uniform(0.99, 1.01, len(found[0])), found[1] * 0.97, found[2])

    monkeypatch.setattr(programme, "_highs", noisy)
    monkeypatch.setattr(programme, "ROUNDS", 0)
    for theorem in ("additive", "multiplicative"):
        found = synthesise(ONEMAX, "states", theorem=theorem, n=20, c=1)
        value = exact.expected_runtime(ONEMAX, start="zeros", n=20, c=1)
        assert found.evaluate(n=20, c=1) >= value and found.derivation.replay().holds is True
        assert found.limit is None or found.limit <= found.evaluate(n=20, c=1)


# ---- where nothing works


def test_where_no_potential_works_a_weighting_of_states_shows_it():
    with pytest.raises(NoPotential) as error:
        synthesise(PESSIMIST, "k", n=10, c=2)
    weights = error.value.certificate
    assert error.value.proved and sum(weights.values()) == 1 and error.value.fact.replay().holds is True
    drift = PESSIMIST.drift(n=10, c=2)
    assert sum(float(w) * drift[i] for i, w in weights.items()) <= 0
    assert "k = 1, n = 10, c = 2" in str(error.value)


def test_several_states_are_weighed_where_no_single_one_is_enough():
    template = ["Min(k,2)", "Max(3-k,0)*Min(k,1)"]
    with pytest.raises(NoPotential) as error:
        synthesise(PESSIMIST, template, n=8, c=2)
    weights = error.value.certificate
    assert len(weights) == 2 and error.value.fact.replay().holds is True
    drifts = [PESSIMIST.drift(x, n=8, c=2) for x in template]
    assert all(max(drift[i] for drift in drifts) > 0 for i in weights)
    assert all(sum(float(w) * drift[i] for i, w in weights.items()) <= 1e-12 for drift in drifts)
    wrong = tuple((i, w) for i, w in list(weights.items())[:1])
    assert not certify.nothing_works(PESSIMIST, "zeros", {"n": 8, "c": 2}, Basis(*template).data, wrong)


def test_a_certificate_without_any_slack_is_solved_for_exactly():
    process, size = RLS().on(Needle()), 4  # a walk on k; potentials by their drift at k = 1, 2: (1, -r) and (-2, 2 r)
    down = [sympy.Rational(i, size) for i in range(1, size + 1)]
    step = sympy.Matrix(size, size, lambda i, j: down[i] if j == i - 1 else 1 - down[i] if j == i + 1 else 0)
    ratio = sympy.Rational(1_000_000_007, 998_244_353)
    expressions = []
    for drift in ([1, -ratio, 5, 5], [-2, 2 * ratio, 20, 20]):
        values = (sympy.eye(size) - step).LUsolve(sympy.Matrix(drift))
        assert min(values) >= 0
        expressions.append(sympy.expand(sympy.interpolate([(i + 1, x) for i, x in enumerate(values)], k)))
    with pytest.raises(NoPotential) as error:
        synthesise(process, expressions, n=size)
    weights = error.value.certificate
    assert set(weights) == {1, 2} and weights[1] / weights[2] == Fraction(1_000_000_007, 998_244_353)


def test_a_state_that_is_never_left_has_no_potential():
    with pytest.raises(NoPotential) as error:
        synthesise(RLS().on(Jump(2)), "states", n=6)
    assert list(error.value.certificate) == [2]


def test_a_delta_that_is_too_large_is_refused_with_the_state_that_shows_it():
    with pytest.raises(NoPotential, match="k = 1, n = 20, c = 1 is left with probability 0.018"):
        synthesise(ONEMAX, "states", theorem="multiplicative", delta=0.1, n=20, c=1)


# ---- the border


def test_which_states_a_template_is_put_on():
    levels = EA.on(LeadingOnes())
    assert kind_of(levels, False, False, None) == "levels" and kind_of(levels, False, False, "zeros") == "points"
    assert kind_of(levels, True, False, None) == "points" and kind_of(levels, False, True, None) == "points"
    assert kind_of(ONEMAX, False, True, None) == "zeros" and kind_of(ONEMAX, True, False, None) == "points"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: synthesise(ONEMAX, "sates", n=5, c=1), "template: unknown word 'sates'; did you mean states"),
        (lambda: synthesise(ONEMAX, [], n=5, c=1), "template: a basis needs"),
        (lambda: synthesise(ONEMAX, ["-k"], n=5, c=1), "template: -k is -1 at k = 1, n = 5, c = 1"),
        (lambda: synthesise(ONEMAX, "1/(k-2)", n=5, c=1), "template: 1/"),
        (lambda: synthesise(ONEMAX, 7, n=5, c=1), "template: 7 must be one of"),
        (lambda: synthesise(ONEMAX, theorem="addition", n=5, c=1), "theorem: 'addition' is unknown; did you mean additive"),
        (lambda: synthesise(ONEMAX, theorem="multiplicative", start="uniform", n=5, c=1), "start: multiplicative drift"),
        (lambda: synthesise(ONEMAX, theorem="multiplicative", delta=2, n=5, c=1), "delta: 2 is 2 here"),
        (lambda: synthesise(ONEMAX, theorem="multiplicative", delta="t", n=5, c=1), "delta: t has no number"),
        (lambda: synthesise(ONEMAX, delta="0.1", n=5, c=1), "delta: it belongs to"),
        (lambda: synthesise(ONEMAX, start=9, n=5, c=1), "start: 9 zero-bits"),
        (lambda: synthesise(ONEMAX, start=0, n=5, c=1), "start: 0 is the end of a run already"),
        (lambda: synthesise(ONEMAX, n=5), "c: no value given"),
        (lambda: synthesise(ONEMAX, n=5000, c=1), "n: potentials are synthesised up to n = 2000"),
        (lambda: synthesise(EA.on(BinVal()), "bits", n=20, c=1), "n: the chain over all 2\\^n points"),
        (lambda: synthesise(PESSIMIST, "bits", n=4, c=1), "template: "),
        (lambda: synthesise(ONEMAX, ["k", "k**2"], theorem="variable", n=4, c=1), "template: variable drift needs one"),
        (lambda: synthesise("onemax", n=4), "process: 'onemax' is neither"),
        (lambda: synthesise([[1, 0], [0.5, 0.4]]), "process: row 1 of the matrix adds up to 0.9"),
        (lambda: synthesise([[1, 0], [1.5, -0.5]]), "process: row 1 of the matrix has the entry -0.5"),
        (lambda: synthesise([[1, 0]]), "process: a transition matrix must be square"),
        (lambda: synthesise([[0, 1], [1, 0]]), "process: the matrix has no absorbing state"),
        (lambda: synthesise([[1, 0], [1, 0]], "k"), "template: k has no value here; a matrix has neither"),
        (lambda: synthesise([[1, 0], [1, 0]], n=1), "n: a matrix has no values"),
        (lambda: synthesise([[1, 0], [1, 0]], start=2), "start: 2 must be a row"),
        (lambda: synthesise(OnePlusOneEA("Min(1/2, 1/t)").on(OneMax()), n=5), "rate: "),
    ],
)
def test_wrong_input_is_refused_in_one_line(call, said):
    with pytest.raises(InputError, match=said) as error:
        call()
    assert "\n" not in str(error.value)
