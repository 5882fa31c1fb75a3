"""The lumped engines at rates in t, against all points stepped forward in time and against values of the literature's model.

Error rate: each p-value is held against 1e-3 / 100, and there are fewer than 100 of them, so the file fails by chance with
probability below 1e-3. Power: planted mistakes fall below 1e-9 at the same sample size.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from planting import FIRST, with_choices
from schedule_chain import ScheduledChain, fits

import sim.kernels.lumped as lumped
import sim.windows
from sim import Observe, engines_for, simulate
from theory import HiddenSubset, Jump, LambertSchedule, LeadingOnes, LogSchedule, OneMax, OnePlusOneEA, SqrtSchedule
from theory.errors import InputError
from theory.exact import runtime_distribution

LEVEL = 1e-3 / 100
RUNS = 40_000
UNEVEN = "Piecewise((1/2, t < 3), (0, t < 8), (1/(t - 5) + 1/50, t < 30), (Min(1/3, t/200), True))"
"""1/2, then nothing for a while, a fall, a jump up, a rise: nothing that a schedule for optimisation would do."""

CASES = {
    "one-max, uneven rate": (OnePlusOneEA(UNEVEN).on(OneMax()), 7, "uniform", [1, 2, 5, 9, 20, 40], 5),
    "one-max, slow": (OnePlusOneEA("1/(t + 9) + 1/60").on(HiddenSubset(OneMax())), 7, "zeros", [1, 5, 20, 60], 5),
    "one-max, rate in k too": (OnePlusOneEA("1/(k + 1) * Min(1, 9/(t + 6))").on(OneMax()), 6, "zeros", [1, 5, 20], 5),
    "jump, a valley and a slope": (OnePlusOneEA("1/4 + 1/(t + 7)").on(Jump(3)), 6, "uniform", [1, 5, 20, 60], 3),
    "leading-ones, uneven rate": (OnePlusOneEA(UNEVEN).on(LeadingOnes()), 7, "uniform", [1, 2, 5, 9, 20, 40], 4),
    "leading-ones, schedule": (OnePlusOneEA(SqrtSchedule()).on(LeadingOnes()), 8, "uniform", [1, 5, 20, 60], 5),
}  # fmt: skip


def wide(close, monkeypatch):
    """Make the windows as wide as bounds within this factor allow."""
    monkeypatch.setattr(sim.windows, "CLOSE", close)
    sim.windows._windows.cache_clear()


@pytest.fixture(autouse=True)
def forget():
    yield
    sim.windows._windows.cache_clear()


def observed(process):
    return "v" if isinstance(process.problem, LeadingOnes) else "k"


def sample(name, seed=41, budget=10**7):
    process, bits, start, times, target = CASES[name]
    observe = Observe(targets=[target], at=times, potentials={"state": observed(process)})
    return simulate(process, engine="lumped", n=bits, replicates=RUNS, seed=seed, start=start, budget=budget, observe=observe)


@functools.cache
def laws(name):
    """Of T, of the time to the target, and of the state at each time."""
    process, bits, start, times, target = CASES[name]
    chain = ScheduledChain(process, bits, 600, None if start == "uniform" else bits)
    return chain.pmf(), chain.pmf(target), list(chain.states_at(times, observed(process)))


def p_values(name, runs):
    pmf, to_target, states = laws(name)
    hits = runs.observed["hits"][:, 0]
    p = {"T": fits(runs.evaluations, pmf), "target": fits(np.where(hits < 0, 10**6, hits), to_target)}
    for j, (t, law) in enumerate(zip(CASES[name][3], states)):
        p[f"state at {t}"] = fits(runs.observed["potentials"]["state"][:, j].astype(int), law)
    return p


@pytest.mark.parametrize("close", [1 / 64, 1e9])
@pytest.mark.parametrize("name", CASES)
def test_runtimes_targets_and_states_have_the_law_of_the_chain_stepped_forward(name, close, monkeypatch):
    assert engines_for(CASES[name][0], CASES[name][2])["lumped"] is None
    wide(close, monkeypatch)
    p = p_values(name, sample(name))
    assert {what: value for what, value in p.items() if value < LEVEL} == {}


@pytest.mark.parametrize(
    ("rate", "cdf", "mean", "engine"),
    [
        (LogSchedule(), {10: 0.0600121, 50: 0.7854348, 100: 0.97923868, 200: 0.99946029}, 37.146463871420565, "lumped"),
        (LambertSchedule(), {10: 0.08450786, 50: 0.81489152, 100: 0.97619185, 200: 0.99878795}, 34.649884628734576, "event"),
    ],
)
def test_the_schedules_for_an_unknown_number_of_bits_have_the_law_of_a_forward_computation(rate, cdf, mean, engine):
    process = OnePlusOneEA(rate).on(OneMax())
    law = runtime_distribution(process, n=8, tail=1e-8)
    for t, p in cdf.items():
        assert law.cdf[t] == pytest.approx(p, abs=1e-8)
    assert (1 - law.cdf[:401]).sum() == pytest.approx(mean, abs=1e-6)
    runs = simulate(process, engine=engine, n=8, replicates=RUNS, seed=43, budget=10**7)
    assert fits(runs.evaluations, law.pmf) > LEVEL


THINNED = "p = rate(n, c, t, k, v, p)\n                    if"
THE_END = "t = min(end, budget)\n"
MISTAKES = {
    "one-max, uneven rate": {
        "the rate is frozen in a window": ("if account < cost:", "if False:"),
        "the rate is that of the next offspring": (THINNED, THINNED.replace("t,", "t + 1,")),
        "downs are drawn without the condition": ("sum_downs[ups - 1], ups - 1)", "sum_downs[most - 1], most - 1)"),
        "a wait goes on after the window at its rate": (THE_END, "t += min(wait, budget - t)\n"),
    },
    "leading-ones, uneven rate": {
        "the prefix grows at the window's rate": ("if uniform(s) * high >=", "if 0.0 * high >="),
        "the prefix is not left alone": ("left_of_one(v, low) - left_of_one(v, p)", "0.0"),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_planted_mistakes_are_caught(name, tmp_path, monkeypatch):
    which = "PREFIX_SCHEDULE" if "leading" in name else "COUNTER_SCHEDULE"
    path = getattr(lumped, which)
    text = path.read_text(encoding="utf-8")
    assert all(text.count(right) == 1 for right, _ in MISTAKES[name].values()), "the template has changed: plant anew"
    (tmp_path / path.name).write_text(with_choices(text, list(MISTAKES[name].values())), encoding="utf-8")
    monkeypatch.setattr(lumped, which, tmp_path / path.name)
    wide(1e9, monkeypatch)
    least = [min(p_values(name, sample(name, budget=FIRST - 1 + i)).values()) for i in range(len(MISTAKES[name]) + 1)]
    assert least[0] > LEVEL, "none of them chosen"
    assert {mistake: p for mistake, p in zip(MISTAKES[name], least[1:]) if not p < 1e-9} == {}


@pytest.mark.parametrize("problem", [OneMax(), LeadingOnes()])
def test_a_rate_that_is_no_probability_is_reported_with_its_time(problem):
    process = OnePlusOneEA("t/100").on(problem)
    with pytest.raises(InputError, match=r"^rate: t/100 is 1.01 at t = 101, (k = \d+, )?v = .*must lie in \[0, 1\]$"):
        simulate(process, n=40, replicates=3, seed=1, budget=1000, engine="lumped")


def test_a_rate_that_becomes_zero_ends_in_the_budget_at_once():
    process = OnePlusOneEA("Piecewise((1/4, t < 3), (0, True))").on(OneMax())
    runs = simulate(process, n=50, replicates=100, seed=1, budget=10**15, engine="lumped")
    assert not runs.hit.any() and (runs.evaluations == 10**15).all()
