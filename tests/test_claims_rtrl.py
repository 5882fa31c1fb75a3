"""Claims of KF-RTRL and OK: planted errors are refuted, what can't be decided says why, torch is asked for late."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest

from proofs_check import claims
from proofs_check.claim import Setting
from proofs_check.claims import rtrl
from proofs_check.claims.rtrl import exact, measured

SETTING = Setting("quick", 1, 1e-4, 0.3)


def test_each_paper_has_claims_with_and_without_networks():
    assert {claim.paper for claim in exact.CLAIMS} == {claim.paper for claim in measured.CLAIMS} == {"kf-rtrl", "ok-rtrl"}
    assert {*claims("kf-rtrl"), *claims("ok-rtrl")} == set(rtrl.CLAIMS) > {*exact.CLAIMS, *measured.CLAIMS}


def test_listing_and_exact_claims_need_no_torch():
    code = (
        "import sys; from proofs_check.claims.rtrl import exact, measured; from proofs_check import claims; claims('ok-rtrl')\n"
        "assert exact.CLAIMS[1].run().verdict == 'proved' and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_torch_a_claim_is_inconclusive_and_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for claim in measured.CLAIMS:
        result = claim.run()
        assert result.verdict == "inconclusive" and "pip install" in result.outcome.reason


def test_the_literal_chain_has_the_variance_of_its_two_signs():
    """After two steps from h = 1, 1 with w = 1/4 the estimate is (1/2 +- 1)^2: 9/4 or 1/4, around 5/4."""
    (_, first), (influence, second) = exact._chain([Fraction(1), Fraction(1)], Fraction(1, 2))
    assert (first, influence, second) == (0, Fraction(5, 4), 1)


def test_a_claim_leaves_the_number_of_threads_as_it_was():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert next(c for c in measured.CLAIMS if c.id == "ok-enumeration").run().verdict == "consistent"
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_limit_of_beta_is_where_its_p_value_is_the_error_rate():
    drawn = measured._drawn(*measured.network("RNN", 4, 6, 1), "KF", 400, 1)
    limit, _ = measured._beta_limit(drawn, 1e-3, 0.3)
    shift = (limit * float(drawn.variance.sum()) / drawn.draws) ** 0.5
    moved = drawn.exact.clone()
    moved[0] += shift
    assert replace(drawn, mean=moved).p_value == pytest.approx(1e-3, rel=1e-3)


def test_few_draws_have_too_little_power_to_call_uoro_unbiased():
    outcome = measured.unbiased(SETTING, {"UORO": 60})
    assert outcome.verdict == "inconclusive" and outcome.power < 0.9


@pytest.mark.parametrize("kind", ["RNN", "RHN", "LSTM"])
def test_networks_are_the_same_for_the_same_seed_and_have_the_asked_for_norm(kind):
    import torch

    (one, x), (other, y) = measured.network(kind, 4, 5, 3), measured.network(kind, 4, 5, 3)
    assert torch.equal(x, y) and torch.equal(one.weights[0], other.weights[0])
    if kind == "RNN":
        cell, _ = measured.network(kind, 4, 5, 3, spectral=0.5)
        assert float(torch.linalg.matrix_norm(cell.weights[0][3:7].detach(), 2)) == pytest.approx(0.5)


def test_a_step_noise_that_is_a_fifth_too_small_is_refuted(monkeypatch):
    from nets.rtrl import KFRTRL

    right = KFRTRL.step_noise
    setting = replace(SETTING, effect=0.2)
    assert measured.martingale(setting).verdict == "consistent"
    monkeypatch.setattr(KFRTRL, "step_noise", lambda self: 0.8 * right(self))
    assert measured.martingale(setting).verdict == "refuted"


def test_a_kf_step_that_scales_one_factor_only_is_refuted(monkeypatch):
    """The same p must multiply one factor and divide the other."""
    from nets.rtrl.estimators import kf

    right = kf.scales
    monkeypatch.setattr(kf, "scales", lambda left, other: (right(left, other)[0], 0.8 * right(left, other)[1]))
    assert measured.unbiased(SETTING, {"KF": 1500}).verdict == "refuted"


@pytest.mark.parametrize("window", [1, 3, 18])
def test_gradients_of_recall_are_those_of_autograd_through_a_window(window):
    """Against a graph of the last steps, cut by detaching the state before them; 18 steps are a whole string."""
    import torch
    from torch.nn import functional

    from nets.rtrl.copy_task import CopyStream
    from proofs_check.claims.rtrl import truncation

    cell, readout = truncation.random_network(3)
    found = truncation.recall_gradients(cell, readout, 3, window)
    stream, states, given = CopyStream(truncation.LANES, 3, length=8), [cell.init_state(truncation.LANES)], []
    right = torch.zeros_like(cell.weights[0])
    for t in range(18):
        symbols = stream.next()
        given.append(functional.one_hot(torch.as_tensor(symbols.inputs), 4).double())
        states.append(cell(given[-1], states[-1]).detach())
        if t > 9:
            begin = max(0, t + 1 - window)
            state = states[begin]
            for x in given[begin:]:
                state = cell(x, state)
            loss = functional.cross_entropy(readout(state), torch.as_tensor(symbols.targets), reduction="sum")
            right += torch.autograd.grad(loss, cell.weights[0])[0]
    assert torch.allclose(found["truncated"].sum(dim=0), right, rtol=1e-9, atol=1e-12)
    assert torch.allclose(found["exact"], found["truncated"], rtol=1e-9, atol=1e-12) == (window == 18)
