"""One step of the randomised estimators, all signs enumerated: mean, second moment, zero rules, golden values."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from rtrl_steps import enumerate_step, fill, make_jac, repeated, steps_of

from nets.rtrl.cells import RNN
from nets.rtrl.estimators import kf as kf_module
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.reverse_kf import ReverseKF
from nets.rtrl.estimators.uoro import UORO, PreUORO
from nets.rtrl.protocol import StepJacobian

torch.set_num_threads(1)


CASES = [
    pytest.param(KFRTRL(), 2, dict(n=3), id="KF"),
    pytest.param(KFRTRL(), 2, dict(k=2, n=3), id="KF two gates"),
    pytest.param(KFRTRL(), 2, dict(parts=2, k=4, n=2), id="KF LSTM"),
    pytest.param(KFRTRL(copies=3), 6, dict(k=2, n=3), id="KF mean of 3"),
    pytest.param(UORO(), 5, dict(n=5), id="UORO"),
    pytest.param(UORO(), 4, dict(k=3, n=4), id="UORO three gates"),
    pytest.param(PreUORO(), 5, dict(n=5), id="PreUORO"),
    pytest.param(PreUORO(), 3, dict(parts=2, n=3), id="PreUORO two parts"),
    pytest.param(ReverseKF(), 5, dict(n=5), id="ReverseKF"),
    pytest.param(ReverseKF(), 3, dict(parts=2, n=3), id="ReverseKF two parts"),
]
OPEN = [
    pytest.param(UORO(), 6, dict(parts=2, k=2, n=3), id="UORO LSTM"),
    pytest.param(PreUORO(), 6, dict(k=2, n=3), id="PreUORO two gates"),
    pytest.param(ReverseKF(), 6, dict(k=2, n=3), id="ReverseKF two gates"),
    pytest.param(ReverseKF(), 8, dict(parts=2, k=4, n=2), id="ReverseKF LSTM"),
]


@pytest.mark.parametrize("estimator, count, sizes", CASES + OPEN)
def test_the_mean_over_all_signs_is_the_exact_step(estimator, count, sizes):
    outcomes, target = enumerate_step(estimator, make_jac(3, **sizes), count)
    assert (outcomes.mean(0) - target).abs().max() < 1e-12 * max(1, target.abs().max())
    assert (outcomes - target).abs().max() > 0.1


@pytest.mark.parametrize("estimator, count, sizes", CASES)
def test_the_second_moment_over_all_signs_is_the_closed_form(estimator, count, sizes):
    outcomes, target = enumerate_step(estimator, make_jac(4, **sizes), count)
    second = (outcomes - target).square().sum((1, 2, 3)).mean()
    torch.testing.assert_close(estimator.step_noise(), second.expand(2**count), rtol=1e-12, atol=0)


@pytest.mark.parametrize("estimator, count, sizes", OPEN)
def test_noise_without_a_closed_form_is_refused(estimator, count, sizes):
    enumerate_step(estimator, make_jac(4, **sizes), count)
    with pytest.raises(NotImplementedError, match=r"no closed form"):
        estimator.step_noise()
    estimator.reset(1)
    assert estimator.step_noise().tolist() == [0]


@pytest.mark.parametrize("estimator, count, sizes", CASES + OPEN)
def test_from_zero_the_mean_is_f_and_only_kf_is_exact(estimator, count, sizes):
    jac = make_jac(5, **sizes)
    outcomes, target = enumerate_step(estimator, jac, count, prepare=lambda e, wide: e.begin(wide))
    assert (outcomes.mean(0) - target).abs().max() < 1e-13
    error = (outcomes - target).square().sum((1, 2, 3))
    if isinstance(estimator, KFRTRL):
        assert error.max() < 1e-28
        assert (estimator.step_noise() == 0).all()
    else:  # whatever q signs: (q - 1) |h^|^2 |D|^2, with a closed form or without
        expected = (count - 1) * jac.features.square().sum() * jac.d.square().sum()
        torch.testing.assert_close(error.mean(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("estimator, count, sizes", CASES + OPEN)
def test_a_step_of_another_matrix_is_h_g_without_noise(estimator, count, sizes):
    outcomes, _ = enumerate_step(estimator, make_jac(5, **sizes), count)
    foreign = make_jac(6, parts=sizes.get("parts", 1), k=3, n=sizes["n"], m=2, block=1)  # of its own sizes m and p
    draws = estimator.steps
    estimator.step(repeated(foreign, 2**count))
    torch.testing.assert_close(estimator.dense(), torch.einsum("ac,bcmp->bamp", foreign.H[0], outcomes), rtol=1e-12, atol=1e-12)
    assert estimator.steps == draws
    assert (estimator.step_noise() == 0).all()


@pytest.mark.parametrize("estimator, count, sizes", CASES + OPEN)
def test_the_gradient_is_delta_times_the_dense_estimate(estimator, count, sizes):
    outcomes, _ = enumerate_step(estimator, make_jac(7, **sizes), count)
    delta = torch.randn(outcomes.shape[:2], generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = torch.einsum("ba,bamp->bmp", delta, outcomes)
    torch.testing.assert_close(estimator.grad(delta), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(estimator.grad_sum(delta), expected.sum(0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("estimator, count, sizes", CASES)
def test_memory_is_what_the_formula_says(estimator, count, sizes):
    jac = make_jac(7, **sizes)
    estimator.reset(1)
    assert estimator.memory_floats() == 0
    estimator.begin(jac)
    _, N, m, p = jac.shape
    of = {KFRTRL: getattr(estimator, "copies", 1) * (m + N * p), UORO: N + m * p, PreUORO: N + m * p, ReverseKF: p + N * m}
    assert estimator.memory_floats() == of[type(estimator)]


def test_the_mean_of_r_copies_has_the_noise_of_one_divided_by_r():
    jac = make_jac(8, k=2)

    def noise(copies):
        kf = KFRTRL(copies=copies)
        enumerate_step(kf, jac, 2 * copies, prepare=lambda e, wide: fill(e, wide, same=True))
        return kf.step_noise()[0]

    for r in (2, 3):
        torch.testing.assert_close(noise(r), noise(1) / r, rtol=1e-14, atol=0)


def test_no_other_scaling_of_kf_has_less_noise(monkeypatch):
    jac = make_jac(8, k=2)

    def second():
        outcomes, target = enumerate_step(KFRTRL(), jac, 2)
        assert (outcomes.mean(0) - target).abs().max() < 1e-12
        return (outcomes - target).square().sum((1, 2, 3)).mean()

    least, original = second(), kf_module.scales
    for factor in (0.5, 0.9, 1.1, 2.0):
        calls = itertools.count()

        def other(left, right):
            p, inverse = original(left, right)
            return (p, inverse) if next(calls) % 2 else (p * factor, inverse / factor)

        monkeypatch.setattr(kf_module, "scales", other)
        assert second() > least * 1.001


@pytest.mark.parametrize("bug", ["1e-7 in one factor", "p in both factors", "p squared"])
def test_enumeration_finds_scales_that_do_not_cancel(bug, monkeypatch):
    original = kf_module.scales

    def wrong(left, right):
        p, inverse = original(left, right)
        return {"1e-7 in one factor": (p + 1e-7, inverse), "p in both factors": (p, p), "p squared": (p * p, inverse)}[bug]

    monkeypatch.setattr(kf_module, "scales", wrong)
    outcomes, target = enumerate_step(KFRTRL(), make_jac(3), 2)
    assert (outcomes.mean(0) - target).abs().max() > 1e-8


def test_keeping_u_where_h_is_zero_is_unbiased_but_adds_u_times_d(monkeypatch):
    jac = make_jac(3)
    jac = StepJacobian(jac.state, jac.features, jac.d, torch.zeros_like(jac.H))
    outcomes, target = enumerate_step(KFRTRL(), jac, 2)
    assert (outcomes - target).abs().max() < 1e-14

    original = kf_module.scales

    def kept(left, right):
        p, inverse = original(left, right)
        return torch.where(p == 0, 1.0, p), torch.where(p == 0, 1.0, inverse)

    monkeypatch.setattr(kf_module, "scales", kept)
    kf = KFRTRL()
    outcomes, target = enumerate_step(kf, jac, 2)
    assert (outcomes.mean(0) - target).abs().max() < 1e-12
    fill(kf, repeated(jac, 4))
    u, scale = kf.u[0, 0], (jac.features.norm() / jac.norm_D()).item()
    expected = u.square().sum() * jac.d.square().sum() * scale  # |u (x) D / p_2|^2
    torch.testing.assert_close((outcomes - target).square().sum((1, 2, 3)).mean(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("make", [KFRTRL, UORO, PreUORO, ReverseKF])
@pytest.mark.parametrize("nothing", ["H", "D", "features"])
def test_a_product_that_is_zero_adds_no_noise(make, nothing):
    jac = make_jac(3, lanes=5)
    zero = {"H": dict(H=torch.zeros_like(jac.H)), "D": dict(d=torch.zeros_like(jac.d)), "features": {}}[nothing]
    if nothing == "features":
        zero = dict(features=torch.zeros_like(jac.features))
    jac = StepJacobian(**{**dict(state=jac.state, features=jac.features, d=jac.d, H=jac.H), **zero})
    estimator = make(seed=1)
    estimator.reset(5)
    fill(estimator, jac)
    before = estimator.dense()
    estimator.step(jac)
    if nothing == "H":  # what was before leaves no trace
        fresh = make(seed=1)
        fresh.reset(5)
        fresh.step(jac)
        torch.testing.assert_close(estimator.dense(), fresh.dense(), rtol=1e-14, atol=1e-14)
    else:
        torch.testing.assert_close(estimator.dense(), torch.einsum("bac,bcmp->bamp", jac.H, before), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("make", [KFRTRL, UORO, PreUORO, ReverseKF])
def test_how_g_is_shared_between_its_factors_does_not_matter(make):
    jac = make_jac(3, lanes=6)
    results = []
    for c in (1.0, 7.0, 1e-3):
        estimator = make(seed=1)
        estimator.reset(6)
        fill(estimator, jac)
        left, right = (getattr(estimator, name) for name in estimator.fields)
        left *= c
        right /= c
        estimator.step(jac)
        results.append(estimator.dense())
    for other in results[1:]:
        torch.testing.assert_close(other, results[0], rtol=1e-12, atol=1e-12)


GOLDEN = [[0.5, -0.3], [0.2, 0.4], [-0.6, 0.1], [0.1, -0.2]]


def golden_steps(inputs):
    cell = RNN(1, 2, dtype=torch.float64)
    with torch.no_grad():
        cell.weights[0].copy_(torch.tensor(GOLDEN, dtype=torch.float64))
    s = cell.init_state(1)
    for x in inputs:
        (jac,) = cell.linearize(torch.tensor([[x]], dtype=torch.float64), s)
        s = jac.state
        yield jac


def test_golden_noise_of_a_network_with_two_units():
    # the same figures were computed by other code, by enumerating the signs
    kf, uoro = KFRTRL(), UORO()
    kf.reset(1)
    uoro.reset(1)
    first, second = golden_steps([1.0, -1.0])
    kf.step(first)
    uoro.step(first)
    assert uoro.step_noise().item() == pytest.approx(2.2496858977917698, rel=1e-14)
    kf.step(second)
    assert kf.step_noise().item() == pytest.approx(3.4491329571176146, rel=1e-14)


def test_without_recurrent_weights_kf_is_exact_at_every_step_and_uoro_is_not():
    cell = RNN(2, 3, std=0.5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    with torch.no_grad():
        cell.weights[0][2:5] = 0
    kf, uoro = KFRTRL(copies=2), UORO()
    kf.reset(4)
    uoro.reset(4)
    for (jac,) in steps_of(cell, 6, lanes=4):
        assert (jac.H == 0).all()
        kf.step(jac)
        uoro.step(jac)
        F = jac.features[:, None, :, None] * jac.dense_D()[:, :, None]
        torch.testing.assert_close(kf.dense(), F, rtol=1e-13, atol=1e-14)
        assert (kf.step_noise() == 0).all()
        torch.testing.assert_close(uoro.step_noise(), 2 * F.square().sum((1, 2, 3)), rtol=1e-13, atol=0)  # (N - 1) |F|^2


def test_uoro_with_one_unit_injects_nothing():
    jac = make_jac(1, n=1)
    outcomes, target = enumerate_step(UORO(), jac, 1, prepare=lambda e, wide: e.begin(wide))
    assert (outcomes - target).abs().max() < 1e-15
    outcomes, target = enumerate_step(UORO(), jac, 1)  # its cross terms remain
    assert (outcomes - target).abs().max() > 0.1


def test_factors_stay_within_the_deterministic_bound():
    rho, lanes, largest = 0.8, 64, 0.0
    kf = KFRTRL(seed=1)
    kf.reset(lanes)
    for t in range(60):
        jac = make_jac(100 + t, n=3, m=5, lanes=lanes)
        H = jac.H * (rho / torch.linalg.matrix_norm(jac.H, ord=2))[:, None, None]
        features = jac.features / jac.features.norm(dim=1, keepdim=True)
        kf.step(StepJacobian(jac.state, features, jac.d / jac.norm_D()[:, None, None, None], H))
        largest = max(largest, kf.u.norm(dim=2).max().item(), kf.A.flatten(2).norm(dim=2).max().item())
    bound = 1 / (1 - math.sqrt(rho))
    assert bound == pytest.approx(9.4721, abs=1e-4)
    assert 1.5 < largest < bound
