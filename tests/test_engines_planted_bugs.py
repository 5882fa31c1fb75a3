"""The tests of laws have power: each of these mistakes, planted into a copy of a template, is caught.

The right template passes the same test with a p-value above 1e-5; the mistaken one must fall below 1e-9.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from laws import has_law
from planting import FIRST, with_choices
from scipy import stats
from test_law_equality import BOTH, ZEROS

from sim import engines, simulate
from sim.families import choice
from theory import Linear, OneMax, OnePlusOneEA
from theory.exact import runtime_distribution

KERNELS = Path(engines.__file__).parent / "kernels"
RUNS = 20_000
ONE_MAX = (OnePlusOneEA("c/n").on(OneMax()), {"n": 6, "c": 1}, BOTH)
CHANGING = (OnePlusOneEA("1/(k+1)**2").on(Linear([1, 1, 1, 1, 1, 1.5])), {"n": 6}, ZEROS)

MISTAKES = {
    "the round after a wait is drawn without the condition that it has an up": (
        "event",
        *ONE_MAX,
        "                up -= wait * k\n",
        "                up = failures(s, hazard)\n",
    ),
    "the first generation is counted twice": (
        "sparse",
        *ONE_MAX,
        "t += 1 + jump // n",
        "t += 2 + jump // n",
    ),
    "a jump of the sparse engine is used on after the rate has changed": (
        "sparse",
        *CHANGING,
        "                    jump = failures(s, hazard)\n"
        "                    t += 1 + jump // n\n"
        "                    place = jump % n\n",
        "                    if t == 0:\n"
        "                        place = failures(s, hazard)\n"
        "                        ahead = 1 + place // n\n"
        "                        place %= n\n"
        "                    t += ahead\n",
    ),
    "a jump of the event engine is used on after the rate has changed": (
        "event",
        *CHANGING,
        "                    up = failures(s, hazard)\n",
        "                    up = failures(s, hazard) if t == 0 else up\n",
    ),
}


TIES = ("if sign > 0 or (sign == 0 and not STRICT):", "if sign > 0:")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake, tmp_path, monkeypatch):
    engine, process, values, observe, right, wrong = MISTAKES[mistake]
    law = runtime_distribution(process, start="zeros", **values)

    def p_value():
        how = {"start": "zeros", "budget": FIRST, "observe": observe, **values}
        return has_law(simulate(process, engine=engine, replicates=RUNS, seed=11, **how).evaluations, law.pmf)

    assert p_value() > 1e-5
    plant_one(engine, right, wrong, tmp_path, monkeypatch)
    assert p_value() < 1e-9


@pytest.mark.parametrize("engine", ["event", "sparse"])
def test_ties_decided_otherwise_are_caught(engine, tmp_path, monkeypatch):
    process = OnePlusOneEA("1/(k+1)**2").on(Linear([0.1, 0.2, 0.3]))

    def p_value():  # the only point as good as [1, 1, 0] is [0, 0, 1], and at rate 1/4 all three bits flip with probability 1/64
        how = {"n": 3, "start": [1, 1, 0], "budget": FIRST + 1, "observe": ZEROS}
        sample = simulate(process, engine=engine, replicates=RUNS, seed=12, **how)
        return stats.binomtest(int((sample.observed["potentials"]["k"][:, 0] == 2).sum()), RUNS, 1 / 64).pvalue

    assert p_value() > 1e-5
    right, wrong = next(row[4:] for row in MISTAKES.values() if row[0] == engine and row[1] is CHANGING[0])
    plant_one(engine, right, wrong, tmp_path, monkeypatch)
    assert p_value() < 1e-9


def plant_one(engine, right, wrong, folder, monkeypatch):
    """Plant a mistake, at the budget FIRST, and beside it that of ties, at the next one."""
    text = (KERNELS / f"{engine}.py").read_text(encoding="utf-8")
    assert text.count(right) == text.count(TIES[0]) == 1, "the template has changed: plant the mistakes anew"
    (folder / f"{engine}.py").write_text(with_choices(text, [(right, wrong), TIES]), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", folder)


def plant(engine, right, wrong, folder, monkeypatch, times=1):
    """Make the engine run a copy of its template with a mistake in it."""
    text = (KERNELS / f"{engine}.py").read_text(encoding="utf-8")
    assert text.count(right) == times, "the template has changed: plant the mistake anew"
    (folder / f"{engine}.py").write_text(text.replace(right, wrong), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", folder)
