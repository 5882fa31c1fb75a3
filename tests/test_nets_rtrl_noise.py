"""One step of the randomised estimators, all signs enumerated: mean, second moment, zero rules, golden values.

The lanes of a batch are the sign vectors: a mean over lanes is an expectation without error.
"""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from nets.rtrl.cells import LSTM, RHN, RNN
from nets.rtrl.estimators import kf as kf_module
from nets.rtrl.estimators.common import scales
from nets.rtrl.estimators.kf import KFRTRL
from nets.rtrl.estimators.reverse_kf import ReverseKF
from nets.rtrl.estimators.uoro import UORO, PreUORO
from nets.rtrl.protocol import StepJacobian
from theory.errors import InputError

torch.set_num_threads(1)


def make_jac(seed, parts=1, k=1, n=3, m=4, lanes=1, block=0):
    draw = torch.Generator().manual_seed(seed)
    N = parts * n

    def normal(*shape):
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    return StepJacobian(normal(lanes, N), normal(lanes, m), normal(lanes, parts, k, n), normal(lanes, N, N), block)


def repeated(jac, lanes):
    return StepJacobian(*(t.expand(lanes, *t.shape[1:]) for t in (jac.state, jac.features, jac.d, jac.H)), jac.block)


def influence(jac, before):
    """H G + h^ (x) D by dense algebra, for the first lane."""
    D = torch.block_diag  # of one part and gate: diagonal matrices side by side
    parts, k, _ = jac.d.shape[1:]
    dense = torch.cat([torch.cat([D(*jac.d[0, i, g]) for g in range(k)], dim=1) for i in range(parts)])
    return torch.einsum("ac,cmp->amp", jac.H[0], before) + jac.features[0][None, :, None] * dense[:, None]


def all_signs(count):
    return torch.tensor(list(itertools.product((-1.0, 1.0), repeat=count)), dtype=torch.float64)


def fill(estimator, jac, seed=9, same=False):
    """Put a random G~, equal in all lanes, into an estimator that has taken no step."""
    draw = torch.Generator().manual_seed(seed)
    estimator.begin(jac)
    for name in estimator.fields:
        tensor = getattr(estimator, name)
        shape = [size if axis != estimator.lane_axis else 1 for axis, size in enumerate(tensor.shape)]
        if same:
            shape[0] = 1
        tensor.copy_(torch.randn(shape, generator=draw, dtype=torch.float64))


def enumerate_step(estimator, jac, count, prepare=fill):
    """All outcomes of one step, the target, and what the estimator says of its noise."""
    wide = repeated(jac, 2**count)
    estimator.reset(2**count)
    prepare(estimator, wide)
    target = influence(jac, estimator.dense()[0])

    def signs(asked):
        assert asked == count
        return all_signs(count)

    estimator.signs = signs
    estimator.step(wide)
    return estimator.dense(), target


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


def steps_of(cell, T, lanes=1, seed=2):
    x = torch.randn(T, cell.n_in, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    s = cell.init_state(1)
    for row in x:
        jacs = cell.linearize(row[None], s)
        s = jacs[-1].state
        yield [repeated(jac, lanes) for jac in jacs]


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


# -- lanes, forgetting, storing -------------------------------------------------------------------------------------------

MAKERS = [KFRTRL, lambda **options: KFRTRL(copies=3, **options), UORO, PreUORO, ReverseKF]


def run(estimator, jacs, lanes=slice(None)):
    for jac in jacs:
        estimator.step(StepJacobian(jac.state[lanes], jac.features[lanes], jac.d[lanes], jac.H[lanes], jac.block))
    return estimator


def sequence(T, lanes):
    return [make_jac(200 + t, k=2, lanes=lanes, block=int(t % 3 == 1)) for t in range(T)]


@pytest.mark.parametrize("make", MAKERS)
def test_some_of_the_lanes_alone_do_what_they_do_among_all(make):
    jacs = sequence(8, 6)
    whole, part = make(seed=5, lanes=range(6)), make(seed=5, lanes=[2, 4])
    whole.reset(6)
    part.reset(2)
    assert torch.equal(run(whole, jacs).dense()[[2, 4]], run(part, jacs, [2, 4]).dense())
    assert not torch.equal(whole.dense()[0], whole.dense()[1])
    other = make(seed=6)
    other.reset(6)
    assert not torch.allclose(run(other, jacs).dense(), whole.dense())


@pytest.mark.parametrize("make", MAKERS)
def test_blocks_steps_and_lanes_have_their_own_signs(make):
    estimator, other = make(seed=5), make(seed=5, block=1)
    estimator.reset(4)
    other.reset(4)
    first = estimator.signs(40)
    assert not torch.equal(first, other.signs(40))
    assert len({tuple(row) for row in first.tolist()}) == 4
    estimator.steps += 1
    assert not torch.equal(first, estimator.signs(40))


@pytest.mark.parametrize("make", MAKERS)
def test_lanes_that_forget_start_from_zero_and_the_others_go_on(make):
    jacs = sequence(9, 4)
    mask = torch.tensor([True, False, True, False])
    kept, cut = make(seed=5), make(seed=5)
    kept.reset(4)
    cut.reset(4)
    cut.reset(4, mask)  # nothing to forget yet
    run(kept, jacs[:6])
    run(cut, jacs[:6])
    cut.reset(4, mask)
    assert (cut.dense()[mask] == 0).all() and (cut.grad(torch.ones(4, 3))[mask] == 0).all()
    fresh = make(seed=5)
    fresh.reset(4)
    fresh.steps = cut.steps
    for estimator in (kept, cut, fresh):
        run(estimator, jacs[6:])
    torch.testing.assert_close(cut.dense()[mask], fresh.dense()[mask], rtol=1e-14, atol=1e-14)
    torch.testing.assert_close(cut.noise[mask], fresh.noise[mask], rtol=1e-12, atol=0)
    assert torch.equal(cut.dense()[~mask], kept.dense()[~mask])


@pytest.mark.parametrize("make", MAKERS)
def test_a_stored_state_goes_on_bit_for_bit(make, tmp_path):
    jacs = sequence(10, 3)
    straight = make(seed=5)
    straight.reset(3)
    run(straight, jacs[:5])
    torch.save(straight.state_dict(), tmp_path / "state.pt")
    run(straight, jacs[5:])
    resumed = make(seed=5)
    resumed.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert torch.equal(run(resumed, jacs[5:]).dense(), straight.dense())
    assert torch.equal(resumed.noise, straight.noise)
    unused = make(seed=5)
    unused.load_state_dict(make(seed=5).state_dict())  # before the first step
    assert unused.memory_floats() == 0


@pytest.mark.parametrize("make", MAKERS)
def test_a_stored_state_is_a_copy(make):
    jacs = sequence(6, 3)
    estimator = make(seed=5)
    estimator.reset(3)
    state = run(estimator, jacs[:3]).state_dict()
    before = estimator.dense()
    run(estimator, jacs[3:])
    estimator.load_state_dict(state)
    assert torch.equal(estimator.dense(), before)
    run(estimator, jacs[3:])
    estimator.load_state_dict(state)
    assert torch.equal(estimator.dense(), before)


@pytest.mark.parametrize("make", MAKERS)
def test_autocast_changes_nothing(make):
    cell = RHN(2, 4, std=0.5, generator=torch.Generator().manual_seed(0))
    plain, cast = make(seed=5), make(seed=5)
    for estimator in (plain, cast):
        estimator.reset(3)
        s = cell.init_state(3)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=estimator is cast):
            for _ in range(4):
                (jac,) = cell.linearize(torch.ones(3, 2), s)
                s = jac.state
                estimator.step(jac)
            estimator.gradient = estimator.grad_sum(torch.ones(3, 4))
    assert cast.gradient.dtype == torch.float32 and torch.equal(cast.gradient, plain.gradient)


def test_factors_of_very_different_length_neither_overflow_nor_lose_the_mean():
    for left, right in ((1e-38, 1e3), (1e30, 1e-30), (2.0, 8.0)):
        p, inverse = scales(torch.tensor([left]), torch.tensor([right]))
        assert p.item() == pytest.approx(math.sqrt(right / left), rel=1e-5) and (p * inverse).item() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("make", MAKERS)
def test_hundreds_of_steps_in_single_precision_stay_balanced(make):
    cell = RNN(1, 6, std=0.3, generator=torch.Generator().manual_seed(0))
    estimator = make(seed=1)
    estimator.reset(2)
    s = cell.init_state(2)
    for t in range(400):
        (jac,) = cell.linearize(torch.full((2, 1), (-1.0) ** t), s)
        s = jac.state
        estimator.step(jac)
    left, right = (getattr(estimator, name).norm() for name in estimator.fields)
    assert 0.1 < left / right < 10 and 1e-3 < left < 1e3


@pytest.mark.parametrize("make", MAKERS)
def test_a_step_is_traced_without_memory_for_it(make):
    cell = RHN(2, 4, std=0.5, device="meta")
    estimator = make(seed=5)
    estimator.reset(3)
    for _ in range(2):
        (jac,) = cell.linearize(torch.ones(3, 2, device="meta"), cell.init_state(3))
        estimator.step(jac)
    assert estimator.grad_sum(torch.ones(3, 4, device="meta")).shape == (7, 8)


def test_the_lanes_are_those_that_the_estimator_was_made_for():
    with pytest.raises(InputError, match=r"batch=4: the estimator was made for 3 lanes"):
        KFRTRL(lanes=range(3)).reset(4)
    with pytest.raises(InputError, match=r"copies=0: give a whole number, at least 1"):
        KFRTRL(copies=0)


def test_an_lstm_steps_through_all_estimators():
    cell = LSTM(2, 3, std=0.5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for make in MAKERS:
        estimator = make(seed=1)
        estimator.reset(5)
        for (jac,) in steps_of(cell, 3, lanes=5):
            estimator.step(jac)
        assert estimator.dense().shape == (5, 6, 6, 12) and estimator.dense().isfinite().all()


def test_an_estimator_can_be_used_again_with_other_sizes_and_types():
    kf = KFRTRL(seed=1)
    for lanes, n, dtype in ((3, 2, torch.float64), (3, 2, torch.float32), (2, 4, torch.float64)):
        kf.reset(lanes)
        for t in range(3):
            jac = make_jac(t, n=n, lanes=lanes)
            kf.step(StepJacobian(jac.state.to(dtype), jac.features.to(dtype), jac.d.to(dtype), jac.H.to(dtype)))
        assert kf.dense().shape == (lanes, n, 4, n) and kf.dense().dtype == dtype
