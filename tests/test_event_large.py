"""The event engine on very many bits, which lists its zero-bits late: the same law, held to the exact one at small n.

``LARGE`` is set to 1, so that every run begins with the zero-bits drawn by rejection and ends with them listed. Error rate: the
p-values, fewer than 40, must be above 1e-5; the planted mistake's must fall below 1e-9.
"""

from __future__ import annotations

import pytest
from laws import has_law, same_law
from test_engines_planted_bugs import plant

from sim import Observe, simulate
from theory import RLS, BinVal, OneMax, OnePlusOneEA
from theory.exact import runtime_distribution

RUNS = 20_000
LATE = ("LARGE = 1 << 25", "LARGE = 1")
STATES = Observe(at=[1, 4, 12], potentials={"zeros": "k", "fitness": "v"})
CASES = {
    "one-max": (OnePlusOneEA("c/n").on(OneMax()), {"n": 9, "c": 2}),
    "bin-val": (OnePlusOneEA("c/n").on(BinVal()), {"n": 8, "c": 1}),
}
LEFTMOST = """place = 0
                for j in range(a):
                    while x[place] != 0:
                        place += 1
                    flips[j] = place
                    place += 1
"""


def sample(process, values, seed, **options):
    return simulate(process, engine="event", replicates=RUNS, seed=seed, start="zeros", budget=10**6, **options, **values)


def least(usual, other):
    """The smallest p-value of "both have one law", over the states on the way."""
    both = [(usual.observed["potentials"][name].T, other.observed["potentials"][name].T) for name in STATES.potentials]
    return min(min(same_law(one, two), default=1.0) for a, b in both for one, two in zip(a, b))


@pytest.mark.parametrize("name", CASES)
def test_zero_bits_listed_late_leave_the_law_as_it_is(name, tmp_path, monkeypatch):
    process, values = CASES[name]
    law = runtime_distribution(process, start="zeros", **values)
    usual = sample(process, values, 21, observe=STATES)
    plant("event", *LATE, tmp_path, monkeypatch)
    late = sample(process, values, 22, observe=STATES)
    assert has_law(late.evaluations, law.pmf) > 1e-5
    assert least(usual, late) > 1e-5


def test_zero_bits_listed_late_leave_randomised_local_search_as_it_is(tmp_path, monkeypatch):
    process, values = RLS(3).on(BinVal()), {"n": 8, "observe": STATES}
    usual = simulate(process, engine="event", replicates=RUNS, seed=21, start="zeros", budget=60, **values)
    plant("event", *LATE, tmp_path, monkeypatch)
    late = simulate(process, engine="event", replicates=RUNS, seed=22, start="zeros", budget=60, **values)
    assert min(same_law(usual.evaluations, late.evaluations)) > 1e-5
    assert least(usual, late) > 1e-5


def test_zero_bits_that_are_not_drawn_uniformly_are_caught(tmp_path, monkeypatch):
    process, values = CASES["bin-val"]
    usual = sample(process, values, 21, observe=STATES)
    plant("event", "choose(s, x, 0, flips, 0, a)\n", LEFTMOST, tmp_path, monkeypatch)
    mistaken = tmp_path / "event.py"
    mistaken.write_text(mistaken.read_text(encoding="utf-8").replace(*LATE), encoding="utf-8")
    assert least(usual, sample(process, values, 22, observe=STATES)) < 1e-9
