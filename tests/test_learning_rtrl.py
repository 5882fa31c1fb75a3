"""RTRL noise: closed forms against all signs, the sign form of the optimal reduction, whole trajectories."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from theory import InputError
from theory.learning import optimal_reduction, rtrl_noise
from theory.learning.optimal_reduction import dual_value, mix_plan, sampled_noise, sampling_law

PLANS = [
    ([3, 2, 1], 2, (0, 2, 6, 4)), ([3, 1, 1], 2, (1, 1, 2, 2)), ([10, 1, 1], 2, (1, 1, 2, 2)),
    ([1, 1, 1, 1], 3, (0, 3, 4, Fraction(4, 3))), ([5, 4, 3, 2, 1], 4, (2, 2, 6, 4)), ([2, 1], 1, (0, 1, 3, 4)),
    ([4, 2, 1, "1/2"], 2, (1, 1, Fraction(7, 2), 7)), ([1] * 6, 3, (0, 3, 6, 6)), ([10, 1, 1, 1, 1], 3, (1, 2, 4, 4)),
]  # fmt: skip


def angles(u, h, old, new):
    """P, cos_u and cos_A of a step."""
    norms = [np.linalg.norm(x) for x in (u, h, old, new)]
    return {"P": np.prod(norms), "cos_u": u @ h / norms[0] / norms[1], "cos_A": old @ new / norms[2] / norms[3]}


@pytest.fixture(params=range(4))
def step(request):
    rng = np.random.default_rng(request.param)
    return tuple(rng.standard_normal(size) for size in (3, 3, 5, 5))


def kf_estimates(u, h, old, new, factor=1.0):
    p1, p2 = np.sqrt(np.linalg.norm(old) / np.linalg.norm(u)) * factor, np.sqrt(np.linalg.norm(new) / np.linalg.norm(h))
    for a, b in itertools.product((1, -1), repeat=2):
        yield np.outer(a * p1 * u + b * p2 * h, a * old / p1 + b * new / p2)


def test_a_kf_step_has_its_noise_and_no_other_scaling_has_less(step):
    u, h, old, new = step
    goal = np.outer(u, old) + np.outer(h, new)
    wanted = rtrl_noise.kf_noise().evaluate(**angles(*step))
    for factor in (1.0, 0.8, 1.3):
        estimates = list(kf_estimates(*step, factor))
        assert np.mean(estimates, axis=0) == pytest.approx(goal, abs=1e-12)
        noise = np.mean([np.sum((x - goal) ** 2) for x in estimates])
        assert noise == pytest.approx(wanted, rel=1e-12) if factor == 1 else noise > wanted * 1.001


def test_an_ok_step_to_one_product_has_its_noise_which_is_below_that_of_kf(step):
    u, h, old, new = step
    singular = np.linalg.svd(np.outer(u, old) + np.outer(h, new), compute_uv=False)
    wanted = rtrl_noise.ok_noise().evaluate(**angles(*step))
    assert wanted == pytest.approx(2 * singular[0] * singular[1], rel=1e-10)
    assert wanted < rtrl_noise.kf_noise().evaluate(**angles(*step))


def test_ok_and_kf_have_equal_noise_iff_the_angles_sum_up_to_pi():
    for cosine in ("1/3", "-4/5", "1"):
        put = {"P": 2, "cos_u": Fraction(cosine), "cos_A": -Fraction(cosine)}
        assert rtrl_noise.ok_noise().evaluate(**put) == pytest.approx(rtrl_noise.kf_noise().evaluate(**put), abs=1e-12)
    put["cos_A"] = 1  # parallel factors make one product: OK sees it, KF does not
    assert rtrl_noise.ok_noise().evaluate(**put) == 0 and rtrl_noise.kf_noise().evaluate(**put) == 8


def test_the_noise_of_a_small_network_has_the_known_values():
    """Recurrent network with 2 tanh units, inputs 1, -1: noise put in at step 2 from the exact state of step 1."""
    weights = np.array([[0.5, -0.3], [0.2, 0.4], [-0.6, 0.1], [0.1, -0.2]])
    first = np.array([1.0, 0, 0, 1])
    h1 = np.tanh(first @ weights)
    second = np.array([-1.0, *h1, 1])
    h2 = np.tanh(second @ weights)
    d1, d2 = np.diag(1 - h1**2), np.diag(1 - h2**2)
    put = angles(first, second, (d2 @ weights[1:3].T @ d1).ravel(), d2.ravel())
    assert put["P"] == pytest.approx(1.7245664785588073) and put["cos_A"] == pytest.approx(0.27296603155005184)
    assert rtrl_noise.kf_noise().evaluate(**put) == pytest.approx(3.4491329571176146, rel=1e-12)
    assert rtrl_noise.ok_noise().evaluate(**put) == pytest.approx(3.3181475528581537, rel=1e-12)
    uoro = rtrl_noise.uoro_noise().evaluate(N=2, h=np.linalg.norm(first), D=np.linalg.norm(d1))
    assert uoro == pytest.approx(2.2496858977917698, rel=1e-12)


@pytest.mark.parametrize("states", [1, 2, 4])
def test_a_uoro_step_has_at_least_its_injected_noise_and_exactly_that_from_the_zero_state(states):
    rng = np.random.default_rng(states)
    h, jacobian, old = rng.standard_normal(3), rng.standard_normal((states, 2)), rng.standard_normal(states)
    weights = rng.standard_normal(6)
    new = np.stack([np.outer(h, row).ravel() for row in jacobian])
    wanted = rtrl_noise.uoro_noise().evaluate(N=states, h=np.linalg.norm(h), D=np.linalg.norm(jacobian))
    for scale in (0.0, 1.0):
        goal, errors = scale * np.outer(old, weights) + new, []
        for signs in itertools.product((1, -1), repeat=states):
            nu, v = np.array(signs), np.array(signs) @ new
            r0, r1 = np.sqrt(np.linalg.norm(weights) / np.linalg.norm(old)), np.sqrt(np.linalg.norm(v) / np.sqrt(states))
            estimate = np.outer(nu, v)
            if scale and np.linalg.norm(v) > 0:
                estimate = np.outer(r0 * old + r1 * nu, weights / r0 + v / r1)
            errors.append(estimate - goal)
        noise = np.mean([np.sum(x**2) for x in errors])
        assert np.mean(errors, axis=0) == pytest.approx(np.zeros_like(goal), abs=1e-12)
        assert noise == pytest.approx(wanted, rel=1e-12, abs=1e-15) if not scale else noise > wanted


@pytest.mark.parametrize("values, rank, wanted", PLANS)
def test_plans_have_the_known_values(values, rank, wanted):
    plan = mix_plan(values, rank)
    assert (plan.kept, plan.mixed, plan.total, plan.noise) == wanted
    assert dual_value(values, rank) == sampled_noise(values, rank) == wanted[3]


@pytest.mark.parametrize("values, rank, wanted", PLANS)
def test_the_formula_gives_the_noise_of_each_plan(values, rank, wanted):
    plan = mix_plan(values, rank)
    put = {"s_1": plan.total, "s_2": plan.squares, "k_mixed": plan.mixed}
    assert rtrl_noise.least_noise().evaluate(**put) == pytest.approx(float(wanted[3]))


@pytest.mark.parametrize("kind", ["random", "fast", "flat", "one"])
@pytest.mark.parametrize("rank", [1, 2, 3, 5])
def test_mixing_by_signs_is_unbiased_and_has_the_least_noise_at_every_sign(kind, rank):
    """The other construction: Householder's reflection and random signs, for one rank less than singular values."""
    size = rank + 1
    d = {"random": np.sort(np.random.default_rng(rank).random(size))[::-1], "fast": 0.3 ** np.arange(size),
         "flat": np.ones(size), "one": np.eye(size)[0]}[kind]  # fmt: skip
    plan = mix_plan(list(d), rank)
    total = float(plan.total)
    mixed = np.arange(size) >= plan.kept
    z = np.where(mixed, np.sqrt(np.maximum(0, 1 - plan.mixed * d / total)), 0) if total else np.eye(size)[-1]
    z /= np.linalg.norm(z)
    v = z + np.eye(size)[-1]
    basis = (np.eye(size) - 2 * np.outer(v, v) / (v @ v))[:, :rank]
    errors = []
    for signs in itertools.product((1, -1), repeat=size):
        scale = np.where(mixed, np.array(signs) * np.sqrt(total / plan.mixed), np.sqrt(d))
        x = scale[:, None] * basis
        errors.append(x @ x.T - np.diag(d))
    assert np.mean(errors, axis=0) == pytest.approx(np.zeros((size, size)), abs=1e-12)
    for error in errors:
        assert np.sum(error**2) == pytest.approx(float(plan.noise), rel=1e-9, abs=1e-12)


def test_mixing_the_two_smallest_alone_is_worse():
    assert mix_plan([1, 1, 1, 1], 3).noise == Fraction(4, 3) < mix_plan([1, 1], 1).noise == 2


def test_no_unbiased_estimate_that_was_tried_beats_the_dual_value():
    """Independent sampling with other shares, for rank 1 of diag(d): sum d_i^2 (1/q_i - 1) over q."""
    d = [Fraction(x) for x in (5, 2, 1)]
    rng = np.random.default_rng(0)
    least = dual_value(d, 1)
    for _ in range(200):
        shares = [Fraction(int(x), 100) for x in rng.multinomial(97, [0.6, 0.25, 0.15]) + 1]
        assert sum(x * x * (1 / q - 1) for x, q in zip(d, shares)) >= least


def test_systematic_sampling_includes_each_with_its_share_and_as_many_as_it_must():
    shares = [Fraction(1, 2), Fraction(5, 6), Fraction(1, 3), Fraction(1), Fraction(1, 3)]
    law = sampling_law(shares)
    assert sum(law.values()) == 1 and {len(chosen) for chosen in law} == {3}
    assert [sum(x for chosen, x in law.items() if i in chosen) for i in range(5)] == shares


def test_enough_ranks_have_no_noise():
    assert (
        mix_plan([3, 2], 2).noise == mix_plan([3, 2], 9).noise == mix_plan([3, 2, 0], 2).noise == mix_plan([0, 0], 1).noise == 0
    )
    assert sampled_noise([0, 0], 1) == dual_value([3, 2], 5) == 0


def kf_error(rng, hs, jacobians, hat, fresh):
    """E|estimate - G_t|^2 of KF-RTRL after each step, over all signs."""
    states = [(1.0, None, None)]
    exact, found = 0.0, []
    for jacobian, h, d in zip(hs, hat, fresh):
        exact = np.einsum("ab,ibq->iaq", jacobian, exact) if found else 0.0
        exact = exact + np.einsum("i,aq->iaq", h, d)
        later = []
        for chance, u, a in states:
            old = None if u is None else jacobian @ a
            for sign in (1, -1) if u is not None else (1,):
                p2 = np.sqrt(np.linalg.norm(d) / np.linalg.norm(h))
                if u is None:
                    later.append((chance, p2 * h, d / p2))
                else:
                    p1 = np.sqrt(np.linalg.norm(old) / np.linalg.norm(u))
                    later.append((chance / 2, p1 * u + sign * p2 * h, old / p1 + sign * d / p2))
        states = later
        found.append(sum(chance * np.sum((np.einsum("i,aq->iaq", u, a) - exact) ** 2) for chance, u, a in states))
    return found


@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_the_variance_of_kf_stays_below_its_bounds_over_all_signs(rho):
    rng = np.random.default_rng(7)
    jacobians = [x * rho / np.linalg.norm(x, 2) for x in rng.standard_normal((7, 2, 2))]
    hat = [x / np.linalg.norm(x) for x in rng.standard_normal((7, 3))]
    fresh = [2 * x / np.linalg.norm(x) for x in rng.standard_normal((7, 2, 2))]
    found = kf_error(rng, jacobians, jacobians, hat, fresh)
    over_time, for_ever = rtrl_noise.kf_variance()
    put = {"rho": rho, "C_1": 1, "C_2": 2}
    assert found[0] == pytest.approx(0, abs=1e-20) == over_time.evaluate(t=1, **put)
    for t, variance in enumerate(found, 1):
        assert variance <= over_time.evaluate(t=t, **put) + 1e-20 < for_ever.evaluate(**put)
    assert found[-1] > 0.001 * for_ever.evaluate(**put)  # far from tight, and not vacuous


def test_a_wrong_plan_is_found_out(monkeypatch):
    assert optimal_reduction.reductions_are_optimal(optimal_reduction.CASES)
    right = optimal_reduction.mix_plan

    def keeps_too_many(values, rank):
        kept = rank - 1
        rest = sorted(map(Fraction, values), reverse=True)[kept:]
        total, squares = sum(rest), sum(x * x for x in rest)
        return optimal_reduction.Plan(kept, 1, total, squares, total**2 - squares)

    bound = rtrl_noise.least_noise()
    assert bound.derivation.replay().holds
    monkeypatch.setattr(optimal_reduction, "mix_plan", keeps_too_many)
    assert right([1, 1, 1, 1], 3).noise < keeps_too_many([1, 1, 1, 1], 3).noise
    assert bound.derivation.replay().holds is False


def test_a_kf_step_without_balance_of_its_factors_is_found_out(monkeypatch):
    assert rtrl_noise.kf_step_holds()
    monkeypatch.setattr(rtrl_noise, "_dot", lambda a, b: abs(sum(x * y for x, y in zip(a, b))))  # loses the angle's sign
    assert not all(rtrl_noise.kf_step_holds(3, seed) for seed in range(8))


def test_an_optimal_reduction_carries_both_halves_of_its_proof():
    bound = optimal_reduction.optimal_reduction([5, 4, "3", 2.5, 1], 3)
    levels = [outcome.level for _, outcome in bound.derivation.replay().outcomes]
    assert levels == ["exact", "exact"] and bound.derivation.replay().holds
    assert bound.evaluate() == float(mix_plan([5, 4, 3, "5/2", 1], 3).noise)


@pytest.mark.parametrize(
    "call, names",
    [
        (lambda: mix_plan([], 1), "singular_values"),
        (lambda: mix_plan([1, -1], 1), "singular_values"),
        (lambda: mix_plan([1, "x"], 1), "singular_values"),
        (lambda: mix_plan([2, 1], 0), "rank"),
        (lambda: rtrl_noise.kf_noise().evaluate(P=1, cos_u=2, cos_A=0), "cos_u <= 1"),
        (lambda: rtrl_noise.kf_variance()[1].evaluate(rho=1, C_1=1, C_2=1), "rho < 1"),
        (lambda: rtrl_noise.kf_noise().evaluate(P=-1, cos_u=0, cos_A=0), "P: -1 must be at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, names):
    with pytest.raises(InputError, match=names):
        call()
