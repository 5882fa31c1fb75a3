"""RTRL over time: the ratio to OK, the certificate, the drift of the error and the scalar chain, against enumeration."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest

from proofs_check.certificate import document
from proofs_check.link import link
from proofs_check.mutants import found_out, mutants
from proofs_check.replay import check
from theory import InputError
from theory.learning import rtrl_optimality, rtrl_variance
from theory.learning.optimal_reduction import dual_value, mix_plan
from theory.learning.rtrl_optimality import certificate_level, cost_of_keeping_more, multipliers, ok_against_kf
from theory.learning.rtrl_variance import error_over_time, scalar_chain, steps_until_noise

BOUNDS = [bound for file in (rtrl_optimality, rtrl_variance) for _, bound in file.bounds()]


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: f"{bound.quantity} {bound.relation}")
def test_each_bound_follows_from_its_last_step_and_an_altered_one_does_not(bound):
    assert link(bound).holds is True, link(bound).how
    assert link(bound.with_(expr=2 * bound.expr + 1)).holds is False


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: f"{bound.quantity} {bound.relation}")
def test_the_independent_checker_agrees_and_changes_in_one_place_are_found_out(bound):
    assert all(holds is not False for holds, _, _ in check(json.loads(json.dumps(document(bound)))))
    assert all(found_out(mutant) for mutant in list(mutants(bound))[:12])


# ---- OK(1) against KF-RTRL


def noises(u, h, old, new):
    """The noise of KF-RTRL over its four signs, and the least one by singular values."""
    goal, errors = np.outer(u, old) + np.outer(h, new), []
    norm = np.linalg.norm
    p1, p2 = np.sqrt(norm(old) / norm(u)), np.sqrt(norm(new) / norm(h))
    for a, b in itertools.product((1, -1), repeat=2):
        errors.append(np.outer(a * p1 * u + b * p2 * h, a * old / p1 + b * new / p2) - goal)
    d = np.linalg.svd(goal, compute_uv=False)
    return np.mean([np.sum(x**2) for x in errors]), 2 * d[0] * d[1]


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@pytest.mark.parametrize("seed", range(5))
def test_the_ratio_of_ok_to_kf_is_that_of_enumerated_noises_and_at_most_1(seed):
    rng = np.random.default_rng(seed)
    u, h, old, new = (rng.standard_normal(size) for size in (3, 3, 4, 4))
    kf, ok = noises(u, h, old, new)
    exact, most = ok_against_kf()
    put = {"cos_u": cosine(u, h), "cos_A": cosine(old, new)}
    assert exact.evaluate(**put) == pytest.approx(ok / kf, rel=1e-9)
    assert ok / kf < most.evaluate(**put) == 1


def test_ok_and_kf_are_equal_exactly_where_one_cosine_is_minus_the_other():
    u, h = np.array([1.0, 0]), np.array([0.6, 0.8])
    for turn, equal in ((-0.6, True), (0.6, False), (-0.5, False)):
        kf, ok = noises(u, h, np.array([2.0, 0, 0]), np.array([turn, np.sqrt(1 - turn**2), 0]))
        ratio = ok_against_kf()[0].evaluate(cos_u="3/5", cos_A=Fraction(str(turn)))
        assert ratio == pytest.approx(ok / kf, rel=1e-9) and (abs(ratio - 1) < 1e-12) == equal


def test_where_kf_has_no_noise_there_is_no_ratio():
    with pytest.raises(InputError, match="cos"):
        ok_against_kf()[0].evaluate(cos_u=1, cos_A=-1)


# ---- the certificate


def dual(values, b, rank):
    """The dual function itself: a lower bound on the noise for every choice of b."""
    largest = sorted((x * x for x in b), reverse=True)[:rank]
    return sum(2 * x * y for x, y in zip(values, b)) - sum(largest) - sum(x * x for x in values)


@pytest.fixture(params=range(12))
def case(request):
    rng = np.random.default_rng(request.param)
    values = sorted((Fraction(int(x), 7) for x in rng.integers(1, 60, size=rng.integers(3, 7))), reverse=True)
    return values, int(rng.integers(1, len(values)))


def test_the_level_lies_between_what_is_kept_and_what_is_mixed(case):
    values, rank = case
    plan = mix_plan(values, rank)
    below, above = certificate_level()
    level = plan.total / plan.mixed
    put = {"s_1": plan.total, "k_mixed": plan.mixed}
    if plan.kept:
        kept = values[plan.kept - 1]
        assert below.holds_for(d_kept=kept, **put) and below.evaluate(d_kept=kept, **put) == float(kept) > level
    mixed = values[plan.kept]
    assert above.holds_for(d_mixed=mixed, **put) and above.evaluate(d_mixed=mixed, **put) == float(mixed) <= level


def test_no_other_matrix_certifies_more(case):
    values, rank = case
    plan, best = mix_plan(values, rank), dual_value(values, rank)
    b = values[: plan.kept] + [plan.total / plan.mixed] * (len(values) - plan.kept)
    assert dual(values, b, rank) == best
    rng = np.random.default_rng(1)
    for size in (1000, 10, 1):
        for _ in range(30):
            assert dual(values, [x + Fraction(int(y), size) for x, y in zip(b, rng.integers(-9, 10, len(b)))], rank) <= best
    assert sum(multipliers(values, rank)) == rank


def test_a_plan_that_keeps_more_has_the_stated_noise_more(case):
    values, rank = case

    def noise(kept):
        rest = values[kept:]
        return sum(rest) ** 2 / Fraction(rank - kept) - sum(x * x for x in rest)

    for kept in range(rank - 1):
        left = {"s_1": sum(values[kept + 1 :]), "k_mixed": rank - kept - 1, "d_next": values[kept]}
        assert cost_of_keeping_more().evaluate(**left) == pytest.approx(float(noise(kept + 1) - noise(kept)), abs=1e-12)


def test_a_wrong_multiplier_is_found_out(monkeypatch):
    cases = rtrl_optimality.CASES
    assert rtrl_optimality.certificate_is_optimal(cases) and rtrl_optimality.keeping_more_costs(cases)
    right = rtrl_optimality.multipliers
    monkeypatch.setattr(rtrl_optimality, "multipliers", lambda d, r: [p * Fraction(9, 10) for p in right(d, r)])
    assert not rtrl_optimality.certificate_is_optimal(cases)


# ---- the drift of the error


def test_the_error_over_time_is_attained_by_a_rotation_with_signs():
    """error' = rho R error +- sigma e_1 with R a rotation by a Pythagorean angle, over all signs, in fractions."""
    rho, sigma, start = Fraction(3, 4), Fraction(2), (Fraction(5), Fraction(-1))
    states = [start]
    for t in range(1, 8):
        turned = [(rho * (3 * x - 4 * y) / 5, rho * (4 * x + 3 * y) / 5) for x, y in states]
        states = [(x + sign * sigma, y) for x, y in turned for sign in (1, -1)]
        mean = sum(x * x + y * y for x, y in states) / len(states)
        assert error_over_time().evaluate(rho=rho, sigma=sigma, V_0=26, t=t) == pytest.approx(float(mean), rel=1e-12)


@pytest.mark.parametrize("a", [2, 5])
def test_the_noise_is_reached_within_the_expected_steps(a):
    """error' = error/2 +- 1 from 40, stopped once its square is at most a 4/3: E[T] over all signs."""
    level, law, expected = Fraction(4 * a, 3), {Fraction(40): Fraction(1)}, Fraction(0)
    for _ in range(60):
        law_later: dict[Fraction, Fraction] = {}
        going = {x: q for x, q in law.items() if x * x > level}
        expected += sum(going.values())
        if not going:
            break
        for x, q in going.items():
            for sign in (1, -1):
                law_later[x / 2 + sign] = law_later.get(x / 2 + sign, Fraction(0)) + q / 2
        law = law_later
        if len(law) > 4000:
            break
    rest = sum(q for x, q in law.items() if x * x > level)
    assert rest < Fraction(1, 100)
    bound = steps_until_noise().evaluate(rho="1/2", sigma=1, V_0=1600, a=a)
    assert 0.2 * bound < expected < bound


# ---- per entry


def network(units, steps, rho, seed):
    """Jacobians, features and diagonals of a contracting network: |h|^2 = |D|^2 = n at every step."""
    rng = np.random.default_rng(seed)
    H = [x * rho / np.linalg.norm(x, 2) for x in rng.standard_normal((steps, units, units))]
    h = [x * np.sqrt(units) / np.linalg.norm(x) for x in rng.standard_normal((steps, units + 1))]
    D = [np.diag(x * np.sqrt(units) / np.linalg.norm(x)) for x in rng.standard_normal((steps, units))]
    return H, h, D


def kf_and_uoro(H, h, D):
    """Variance of both estimates after the last step, over all signs."""
    units, exact = len(D[0]), 0.0
    kf, uoro = [(np.zeros(len(h[0])), np.zeros_like(D[0]))], [(np.zeros(units), np.zeros(len(h[0]) * units))]
    norm = np.linalg.norm
    for jacobian, feature, fresh in zip(H, h, D):
        F = np.einsum("i,aq->aiq", feature, fresh).reshape(units, -1)
        exact = jacobian @ exact + F if np.ndim(exact) else F
        later = []
        for u, A in kf:
            old = jacobian @ A
            p2 = np.sqrt(norm(fresh) / norm(feature))
            p1 = np.sqrt(norm(old) / norm(u)) if norm(u) * norm(old) else None
            for sign in (1, -1):
                pair = (p2 * feature, fresh / p2)
                later.append(pair if p1 is None else (p1 * u + sign * pair[0], old / p1 + sign * pair[1]))
        kf, later = later, []
        for s, row in uoro:
            old = jacobian @ s
            for signs in itertools.product((1.0, -1.0), repeat=units):
                nu, new = np.array(signs), np.array(signs) @ F
                r1 = np.sqrt(norm(new) / np.sqrt(units))
                r0 = np.sqrt(norm(row) / norm(old)) if norm(old) * norm(row) else None
                pair = (r1 * nu, new / r1)
                later.append(pair if r0 is None else (r0 * old + pair[0], row / r0 + pair[1]))
        uoro = later
    kf_errors = [np.sum((np.einsum("i,aq->aiq", u, A).reshape(units, -1) - exact) ** 2) for u, A in kf]
    uoro_errors = [np.sum((np.outer(s, row) - exact) ** 2) for s, row in uoro]
    return np.mean(kf_errors), np.mean(uoro_errors)


@pytest.mark.parametrize("units, steps", [(2, 4), (3, 3), (4, 3)])
def test_the_mean_variances_of_literal_chains_lie_on_their_sides_of_the_bounds(units, steps):
    rho = 0.25
    kf, uoro = kf_and_uoro(*network(units, steps, rho, units))
    entries = units * (units + 1) * units
    put = {"n": units, "gates": 1}
    upper = rtrl_variance.kf_per_entry().evaluate(rho=rho, A=1, B=1, **put)
    lower = rtrl_variance.uoro_per_entry().evaluate(alpha=1, beta=1, mu=1 + Fraction(1, units), **put)
    ratio = rtrl_variance.uoro_against_kf().evaluate(rho=rho, A=1, B=1, alpha=1, beta=1, n=units)
    assert 1e-4 * upper < kf / entries < upper
    assert lower * (1 - 1e-12) < uoro / entries < 100 * lower
    assert ratio < uoro / kf


def test_the_ratio_of_uoro_to_kf_grows_like_the_number_of_units():
    values = dict(rho=0.5, A=2, B=1, alpha=1, beta=1)
    one, other = (rtrl_variance.uoro_against_kf().evaluate(n=n, **values) for n in (1001, 2001))
    assert other / one == pytest.approx(2)


# ---- the scalar chain


def literal_kf(w, inputs):
    """KF-RTRL on h_t = w h_{t-1} + x_t, factor by factor, over all signs: G_t, mean, noise and variance in each step."""
    h, G, states, rows = 0.0, 0.0, [(0.0, 0.0)], []
    for x in inputs:
        later, noise = [], []
        for u, a in states:
            old, target = w * a, w * u * a + h
            for c1, c2 in itertools.product((1, -1), repeat=2):
                p1, p2 = (np.sqrt(abs(old / u)) if u and old else None), (np.sqrt(1 / abs(h)) if h else None)
                new_u = (c1 * p1 * u if p1 else 0) + (c2 * p2 * h if p2 else 0)
                new_a = (c1 * old / p1 if p1 else 0) + (c2 / p2 if p2 else 0)
                later.append((new_u, new_a))
                noise.append((new_u * new_a - target) ** 2)
        states, G, h = later, w * G + h, w * h + x
        estimates = np.array([u * a for u, a in states])
        rows.append((G, estimates.mean(), np.mean(noise), np.mean((estimates - G) ** 2)))
    return rows


@pytest.mark.parametrize("w, x", [("1/2", 1), ("4/5", 2), ("1/10", "1/3")])
def test_the_scalar_chain_has_its_closed_forms(w, x):
    influence, noise, variance, limit, ok = scalar_chain()
    for t, (G, mean, step, total) in enumerate(literal_kf(float(Fraction(w)), [float(Fraction(x))] * 6), 1):
        put = {"w": w, "x": x, "t": t}
        assert influence.evaluate(**put) == pytest.approx(G, rel=1e-12, abs=1e-12) == pytest.approx(mean, rel=1e-12, abs=1e-12)
        assert noise.evaluate(**put) == pytest.approx(step, rel=1e-11, abs=1e-12)
        assert variance.evaluate(**put) == pytest.approx(total, rel=1e-11, abs=1e-12)
    assert variance.evaluate(w=w, x=x, t=400) == pytest.approx(limit.evaluate(w=w, x=x), rel=1e-9)
    assert ok.evaluate() == 0


def test_the_influence_of_the_scalar_chain_is_its_derivative_in_fractions():
    w, x, step = Fraction(2, 3), Fraction(5), Fraction(1, 10**9)

    def state(weight, t):
        return sum(x * weight**i for i in range(t))

    for t in range(1, 9):
        derivative = (state(w + step, t) - state(w - step, t)) / (2 * step)
        assert scalar_chain()[0].evaluate(w=w, x=x, t=t) == pytest.approx(float(derivative), abs=1e-9)


def test_ok_is_exact_on_the_scalar_chain_where_kf_is_not():
    """The sum of two products with parallel factors has one singular value."""
    u, h, a, d = np.array([0.3, -1.2]), np.array([1.0, 0.4]), np.array([0.7]), np.array([1.0])
    kf, ok = noises(u, h, np.append(0.5 * a, 0.0), np.append(d, 0.0))
    assert ok == pytest.approx(0, abs=1e-12) and kf > 0.1


def test_a_scalar_chain_with_another_noise_is_found_out(monkeypatch):
    roots = (Fraction(1), Fraction(2), Fraction(1, 2))
    assert rtrl_variance.scalar_chain_holds(roots, Fraction(1, 3))
    monkeypatch.setattr(rtrl_variance, "abs", lambda q: q + Fraction(1, 100), raising=False)  # another state after each step
    assert not rtrl_variance.scalar_chain_holds(roots, Fraction(1, 3))


def test_the_scalar_variance_stays_below_the_bound_for_all_networks():
    from theory.learning.rtrl_noise import kf_variance

    for w in ("1/10", "1/2", "9/10"):
        exact = scalar_chain()[3].evaluate(w=w, x=1)
        bound = kf_variance()[1].evaluate(rho=w, C_1=1 / (1 - Fraction(w)), C_2=1)
        assert exact < bound
