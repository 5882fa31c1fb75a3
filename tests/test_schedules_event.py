"""The event engine at rates in t, against all points stepped forward in time and against ``theory.exact``.

Error rate: each p-value is held against 1e-3 / 100, and there are fewer than 100 of them, so the file fails by chance with
probability below 1e-3. Power: planted mistakes fall below 1e-9 at the same sample size.
"""

from __future__ import annotations

import functools

import numba
import numpy as np
import pytest
from planting import FIRST, with_choices
from schedule_chain import ScheduledChain, fits

import sim.windows
from sim import Observe, simulate
from sim.families import choice
from theory import BinVal, Custom, HiddenSubset, HotTopic, Linear, LogSchedule, OneMax, OnePlusOneEA
from theory.errors import InputError
from theory.exact import runtime_distribution

LEVEL = 1e-3 / 100
RUNS = 40_000
TIES = Linear([1, 1, 2, 2, 1, 3])
IN_BOTH = "1/(k + 1) * Min(1, 9/(t + 6))"
UNEVEN = "Piecewise((1/2, t < 3), (0, t < 8), (1/(t - 5) + 1/50, t < 30), (Min(1/3, t/200), True))"
"""1/2, then nothing for a while, a fall, a jump up, a rise: nothing that a schedule for optimisation would do."""


@numba.njit
def increasing(x):
    """Strictly monotone, neither linear nor symmetric, with ties."""
    total = 0
    for i in range(x.size):
        total += (i // 2 + 1) * x[i]
    return total * total


DECLARED = Custom(increasing, strictly_monotone=True)
FALLING = OnePlusOneEA("1/(t + c) + 1/(3*c + 2)").on(OneMax())
CASES = {
    "linear with ties, uneven rate": (OnePlusOneEA(UNEVEN).on(TIES), 6, "uniform", [1, 2, 5, 9, 20, 40], 8),
    "linear with ties, strict, rate in k too": (OnePlusOneEA(IN_BOTH, strict=True).on(TIES), 6, "zeros", [1, 5, 20, 60], 8),
    "bin-val, the optimal schedule": (OnePlusOneEA(LogSchedule()).on(HiddenSubset(BinVal())), 6, "zeros", [1, 5, 20, 60], 40),
    "one-max, fast": (FALLING, 7, "uniform", [1, 2, 5, 20], 5),
    "one-max, slow": (FALLING, 7, "zeros", [1, 5, 20, 60], 5),
    "hot-topic": (OnePlusOneEA("1/(t + 9) + 1/16").on(HotTopic("1/2", "1/4", 0, 5, 3)), 8, "uniform", [1, 5, 20, 60], 300),
    "declared monotone": (OnePlusOneEA("1/(t + 9) + 1/16").on(DECLARED), 6, "uniform", [1, 5, 20], 50),
}  # fmt: skip


VALUES = {"one-max, fast": {"c": 2}, "one-max, slow": {"c": 20}}


def wide(close, monkeypatch):
    """Make the windows as wide as bounds within this factor allow."""
    monkeypatch.setattr(sim.windows, "CLOSE", close)
    sim.windows._windows.cache_clear()


@pytest.fixture(autouse=True)
def forget():
    yield
    sim.windows._windows.cache_clear()


def sample(name, seed=31, budget=10**7):
    process, n, start, times, target = CASES[name]
    observe = Observe(targets=[target], at=times, potentials={"zeros": "k"})
    how = {"n": n, "replicates": RUNS, "seed": seed, "start": start, "budget": budget, **VALUES.get(name, {})}
    return simulate(process, engine="event", observe=observe, **how)


@functools.cache
def laws(name):
    """Of T, of the time to the target, and of k at each time."""
    process, n, start, times, target = CASES[name]
    chain = ScheduledChain(process, n, 400, None if start == "uniform" else n, **VALUES.get(name, {}))
    return chain.pmf(), chain.pmf(target), list(chain.states_at(times))


def p_values(name, runs):
    pmf, to_target, states = laws(name)
    hits = runs.observed["hits"][:, 0]
    p = {"T": fits(runs.evaluations, pmf), "target": fits(np.where(hits < 0, 10**6, hits), to_target)}
    for j, (t, law) in enumerate(zip(CASES[name][3], states)):
        p[f"k at {t}"] = fits(runs.observed["potentials"]["zeros"][:, j].astype(int), law)
    return p


@pytest.mark.parametrize("close", [1 / 64, 1e9])
@pytest.mark.parametrize("name", CASES)
def test_runtimes_targets_and_states_have_the_law_of_the_chain_stepped_forward(name, close, monkeypatch):
    wide(close, monkeypatch)
    p = p_values(name, sample(name))
    assert {what: value for what, value in p.items() if value < LEVEL} == {}


@pytest.mark.parametrize("name", ["linear with ties, uneven rate", "bin-val, the optimal schedule", "one-max, slow"])
def test_the_chain_stepped_forward_is_the_exact_law(name):
    process, n, start, _, _ = CASES[name]
    values = VALUES.get(name, {})
    law = runtime_distribution(process, n=n, start=start, tail=1e-3, **values)
    pmf = ScheduledChain(process, n, len(law.pmf) - 1, None if start == "uniform" else n, **values).pmf()
    assert np.abs(law.pmf - pmf).max() < 1e-12


MISTAKES = {
    "the rate is frozen at its largest value in a window": ("keep = uniform(s) < odds", "keep = True", 2),
    "the rate is that of the next offspring": ("p = rate(n, c, t, k, v, p)", "p = rate(n, c, t + 1, k, v, p)", 2),
    "the round after a wait is drawn without its condition": ("up -= wait * k", "up = failures(s, hazard)", 1),
    "a wait goes on after the window at its rate": ("t = min(end, budget)\n", "t += wait\n", 1),
    "a tie is refused once a few downs are known": ("known)[0] < 0", "known)[0] <= 0", 1),
}  # fmt: skip


def test_planted_mistakes_are_caught(tmp_path, monkeypatch):
    name, text = "linear with ties, uneven rate", (choice.KERNELS / "event_schedule.py").read_text(encoding="utf-8")
    assert all(text.count(right) == times for right, _, times in MISTAKES.values()), "the template has changed: plant anew"
    mistaken = with_choices(text, [(right, wrong) for right, wrong, _ in MISTAKES.values()])
    (tmp_path / "event_schedule.py").write_text(mistaken, encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    wide(1e9, monkeypatch)
    least = [min(p_values(name, sample(name, budget=budget)).values()) for budget in range(FIRST - 1, FIRST + len(MISTAKES))]
    assert least[0] > LEVEL, "none of them chosen"
    assert {mistake: p for mistake, p in zip(MISTAKES, least[1:]) if not p < 1e-9} == {}


def test_a_rate_that_is_no_probability_is_reported_with_its_time():
    process = OnePlusOneEA("t/100").on(Linear([1] * 39 + [2]))
    with pytest.raises(InputError, match=r"^rate: t/100 is 1.01 at t = 101, k = \d+, v = .*must lie in \[0, 1\]$"):
        simulate(process, n=40, replicates=3, seed=1, budget=1000, engine="event")


def test_a_false_declaration_of_monotonicity_is_noticed():
    @numba.njit
    def falls(x):
        return float(x[0] - x[1])

    process = OnePlusOneEA("1/(t + 9)").on(Custom(falls, strictly_monotone=True))
    with pytest.raises(InputError, match="strictly_monotone"):
        simulate(process, n=6, replicates=200, seed=1, budget=1000, engine="event")
