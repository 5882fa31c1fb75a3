"""The lumped engines against the full chain on 2^n points.

Laws of T are held to the exact ones by the Dvoretzky-Kiefer-Wolfowitz bound at error 1e-5 a test (20000 runs: a distance of
0.0175); the planted bugs below lie at 0.05 and more. Means: 4.5 standard errors (7e-6).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from lumped_runner import KEY, FullChain, critical, distance, run

from sim.kernels import codes
from sim.kernels.lumped import COUNTER, PREFIX, template_for
from sim.kernels.lumped_draws import TINY, distant_flip, half_binomial
from sim.kernels.random import FOREVER, seed_stream
from theory import RLS, BinVal, Jump, LeadingOnes, Needle, OneMax, OnePlusOneEA, k, v

RUNS = 20_000
EA = OnePlusOneEA("c/n")
IN_K = OnePlusOneEA("c/(k**3 + 3)")
CASES = {
    "OneMax": (EA.on(OneMax()), 6, 1.5, None),
    "OneMax from zeros, high rate": (EA.on(OneMax()), 6, 4.0, 6),
    "OneMax, rate in k": (IN_K.on(OneMax()), 6, 1.0, None),
    "Jump(2)": (EA.on(Jump(2)), 6, 1.0, None),
    "Jump(4), from inside the valley": (EA.on(Jump(4)), 6, 2.0, 2),
    "Jump(6), all valley": (EA.on(Jump(6)), 6, 3.0, None),
    "Jump(1)": (EA.on(Jump(1)), 6, 1.0, 4),
    "Needle": (EA.on(Needle()), 5, 1.0, None),
    "Needle, strict": (OnePlusOneEA("c/n", strict=True).on(Needle()), 5, 1.0, None),
    "RLS on Jump(1)": (RLS().on(Jump(1)), 6, 1.0, None),
    "RLS on Jump(3), from inside the valley": (RLS().on(Jump(3)), 6, 1.0, 1),
    "RLS on Needle": (RLS().on(Needle()), 5, 1.0, None),
    "RLS(3) on Jump(1)": (RLS(3).on(Jump(1)), 6, 1.0, None),
    "RLS(3) on Jump(3)": (RLS(3).on(Jump(3)), 6, 1.0, 4),
    "LeadingOnes": (EA.on(LeadingOnes()), 6, 1.0, None),
    "LeadingOnes, rate in v": (OnePlusOneEA("1/(v+1)").on(LeadingOnes()), 6, 1.0, None),
    "RLS(2) on LeadingOnes": (RLS(2).on(LeadingOnes()), 6, 1.0, None),
}


def gap_to_law(process, n, c, zeros, template=None, horizon=1000):
    """Distance of a sample of min(T, horizon + 1) to the exact law."""
    start = {} if zeros is None else {"start": codes.ZEROS, "zeros": zeros}
    out = run(process, n, RUNS, c=c, budget=horizon + 1, template=template, check=process.algorithm is IN_K, **start)
    assert set(out.status) <= {codes.OK, codes.CENSORED, codes.ENDLESS}
    assert ((out.status == codes.OK) == out.hit.astype(bool)).all()
    assert (out.evaluations[out.hit == 0] == horizon + 1).all()
    times = np.where(out.hit, out.evaluations, horizon + 2)
    return distance(times, FullChain(process, n, c, zeros).cdf(horizon))


@pytest.mark.parametrize("case", CASES)
def test_runtimes_have_the_law_of_the_full_chain(case):
    assert gap_to_law(*CASES[case]) < critical(RUNS)


_FRESH = "up, down = failures(s, hazard), failures(s, hazard)"


def planted(tmp_path, template, old, new):
    text = template.read_text()
    assert text.count(old) == 1
    path = tmp_path / "planted.py"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("case", "old", "new"),
    [
        ("OneMax", "up -= wait * width", "up = failures(s, hazard)"),  # the round that was waited for need not have an up
        ("OneMax, rate in k", _FRESH, f"up, down = ({_FRESH.split(chr(61))[1]}) if t == 0 else (up, down)"),  # old jumps
        ("LeadingOnes", "v = free_riders(s, bits, v + 1, n)", "v = v + 1"),  # the bits behind are taken for zeros
    ],
)  # fmt: skip
def test_a_planted_bug_is_caught(case, old, new, tmp_path):
    process, n, c, zeros = CASES[case]
    template = planted(tmp_path, COUNTER if "Leading" not in case else PREFIX, old, new)
    assert gap_to_law(process, n, c, zeros, template) > 2 * critical(RUNS)


def test_ties_decided_otherwise_are_caught():
    process, n, c, zeros = CASES["Needle"]
    strict = run(OnePlusOneEA("c/n", strict=True).on(Needle()), n, RUNS, c=c, budget=251)
    law = FullChain(process, n, c, zeros).cdf(250)
    assert distance(np.where(strict.hit, strict.evaluations, 252), law) > 2 * critical(RUNS)


@pytest.mark.parametrize(
    ("process", "n", "c", "expected"),
    [
        (EA.on(OneMax()), 100, 1.0, 1069.538),
        (EA.on(OneMax()), 100, 2.0, 1257.753),
        (EA.on(LeadingOnes()), 100, 1.0, 8573.395181),
        (OnePlusOneEA("1/(v+1)").on(LeadingOnes()), 100, 1.0, 6795.264948),
        (RLS().on(Jump(1)), 100, 1.0, 449.423033708),
        (EA.on(Needle()), 10, 1.0, 1654.60885157),
        (EA.on(Jump(2)), 20, 2.0, 715.282969),
        (EA.on(Jump(3)), 20, 1.0, 19172.99197),
    ],
)  # fmt: skip
def test_mean_runtimes_of_larger_instances_are_the_known_ones(process, n, c, expected):
    times = run(process, n, RUNS, c=c, seed=1, check=not process.is_static).evaluations
    assert abs(times.mean() - expected) < 4.5 * times.std() / math.sqrt(RUNS)


@pytest.mark.parametrize("case", ["OneMax", "LeadingOnes"])
def test_observed_states_and_hitting_times_have_the_law_of_the_full_chain(case):
    process, n, c, _ = CASES[case]
    chain = FullChain(process, n, c)
    times, targets = [0, 1, 4, 15, 1000], [0, 3, 5, 6]
    potential = 2 * k + 1 if case == "OneMax" else 13 - 2 * v
    out = run(process, n, RUNS, c=c, seed=2, targets=targets, times=times, potentials=[potential])
    exact = 13 - 2 * chain.values
    for j, t in enumerate(times):
        support, cdf = chain.at(t, exact)
        assert distance(out.trajectory[:, j, 0], cdf, support) < critical(RUNS)
    for j, target in enumerate(targets):
        assert distance(out.hits[:, j], chain.cdf(150, chain.values >= target)) < critical(RUNS)
    assert (out.hits[:, -1] == out.evaluations).all()
    assert (out.hits[:, 0] == 0).all()


def test_observing_does_not_change_the_runs():
    process, n, c, _ = CASES["OneMax"]
    plain = run(process, n, 500, c=c)
    seen = run(process, n, 500, c=c, targets=[0, 3, 5, 6], times=[0, 1, 4], potentials=[2 * k + 1])
    assert (plain.evaluations == seen.evaluations).all()


def test_a_budget_ends_runs_and_leaves_what_lies_beyond_it_unobserved():
    process, n, c, _ = CASES["OneMax"]
    whole = run(process, n, 500, c=c)
    cut = run(process, n, 500, c=c, budget=10, targets=[0, 3, 5, 6], times=[10, 11], potentials=[2 * k + 1])
    done = whole.evaluations <= 10
    assert 50 < done.sum() < 450
    assert (cut.hit == done).all()
    assert (cut.evaluations == np.minimum(whole.evaluations, 10)).all()
    assert (cut.status == np.where(done, codes.OK, codes.CENSORED)).all()
    assert (cut.trajectory[done] == 1).all()
    assert (cut.trajectory[~done, 0] >= 3).all() and np.isnan(cut.trajectory[~done, 1]).all()
    assert (cut.hits[~done, -1] == -1).all() and (cut.hits[done, -1] == cut.evaluations[done]).all()


def test_starts_have_the_zero_bits_that_were_asked_for():
    process = EA.on(OneMax())
    observe = {"times": [0], "potentials": [2 * k + 1], "targets": [0, 3, 5, 6]}
    assert (run(process, 9, 50, start=codes.ZEROS, zeros=4, **observe).trajectory == 9).all()
    assert (run(process, 9, 50, start=codes.BITS, bits=[1, 0, 0, 1, 0, 1, 1, 1, 1], **observe).trajectory == 7).all()
    at_optimum = run(process, 9, 50, start=codes.ZEROS, zeros=0, **observe)
    assert (at_optimum.evaluations == 0).all() and at_optimum.hit.all() and (at_optimum.hits == 0).all()


def test_uniform_starts_are_binomial_for_any_number_of_bits():
    stream = np.empty(4, np.uint64)
    seed_stream(stream, KEY, 0)
    for n in (1, 5, 63, 64, 65, 130):
        ones = np.array([half_binomial(stream, n) for _ in range(4000)])
        cdf = np.cumsum([math.comb(n, j) / 2**n for j in range(n + 1)])
        assert distance(ones, cdf) < critical(4000)
    large = half_binomial(stream, 10**9)
    assert abs(large - 5 * 10**8) < 6 * math.sqrt(10**9 / 4)


def test_waits_beyond_two_to_the_62_censor_and_never_wrap():
    process = EA.on(Jump(10))  # a jump of 10 bits at p = 1e-9
    out = run(process, 10**6, 3, c=1e-3, start=codes.ZEROS, zeros=10)
    assert (out.status == codes.ENDLESS).all() and not out.hit.any() and (out.evaluations == codes.LARGEST_BUDGET).all()
    never = run(EA.on(OneMax()), 1000, 3, c=1e-300)
    assert (never.status == codes.ENDLESS).all()


def test_tiny_rates_keep_their_law():
    """At p = 1e-18 a jump along the tape passes 2^62 cells, but T fits: T p is nearly a maximum of exponentials."""
    out = run(EA.on(OneMax()), 64, RUNS, c=64e-18, start=codes.ZEROS, zeros=32)
    done = out.evaluations[out.hit.astype(bool)]
    beyond = 1 - (1 - math.exp(-codes.LARGEST_BUDGET * 1e-18)) ** 32
    assert abs((1 - out.hit).mean() - beyond) < 4.5 * math.sqrt(beyond * (1 - beyond) / RUNS)
    points = np.linspace(0.5, 4.5, 30)
    assert np.abs([(done <= x * 1e18).sum() / RUNS - (1 - math.exp(-x)) ** 32 for x in points]).max() < critical(RUNS)


def test_a_distant_flip_lies_where_a_geometric_jump_ends():
    stream = np.empty(4, np.uint64)
    seed_stream(stream, KEY, 1)
    draws = np.array([distant_flip(stream, 5, 0.2) for _ in range(5000)])
    cells = draws[:, 0] * 5 + draws[:, 1]
    assert distance(cells, 1 - np.exp(-0.2 * np.arange(1, 60))) < critical(5000)
    assert distant_flip(stream, 5, 0.0)[0] == FOREVER
    assert 0 < TINY < 1e-16


def test_a_rate_outside_the_unit_interval_is_reported_with_its_place():
    out = run(IN_K.on(OneMax()), 6, 100, c=4.4, check=True, start=codes.ZEROS, zeros=3)
    wrong = out.status == codes.BAD_RATE
    assert wrong.any() and not out.hit[wrong].any()
    t, zeros, fitness, rate = out.bad[wrong].T
    assert (t >= 2).all() and (zeros == 1).all() and (fitness == 5).all() and (rate == 1.1).all()


def test_a_rate_of_one_flips_everything():
    out = run(EA.on(Needle()), 5, 50, c=5.0, start=codes.ZEROS, zeros=5)
    assert (out.evaluations == 1).all() and out.hit.all()


def test_stop_ends_a_block():
    out = run(EA.on(OneMax()), 6, 5, c=1.5, start=codes.ZEROS, zeros=6, stop=1)
    assert (out.status == codes.INTERRUPTED).all()


@pytest.mark.parametrize(
    ("process", "start", "reason"),
    [
        (EA.on(BinVal()), codes.UNIFORM, "BinVal does not collapse"),
        (EA.on(LeadingOnes()), codes.ZEROS, "behind the first zero are not modelled"),
        (EA.on(LeadingOnes()), codes.BITS, "behind the first zero are not modelled"),
        (IN_K.on(LeadingOnes()), codes.UNIFORM, "depends on k"),
    ],
)
def test_refusals_say_why(process, start, reason):
    path, why = template_for(process, {}, start)
    assert path is None and reason in why


def test_a_potential_that_the_counter_does_not_know_is_refused():
    from sim.observe import Observe

    in_k = Observe(at=[1], potentials={"k": "k"})
    assert "depends on k" in template_for(EA.on(LeadingOnes()), {}, codes.UNIFORM, 0, in_k)[1]
    assert template_for(EA.on(OneMax()), {}, codes.UNIFORM, 0, in_k)[0] == COUNTER
