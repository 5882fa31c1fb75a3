"""Windows of time: the bounds hold for every rate in them, they follow each other without gaps, and there are few of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.windows import CLOSE, UNKNOWN, windows_for
from theory import LambertSchedule, LogSchedule, OneMax, OnePlusOneEA, SqrtSchedule
from theory.symbols import SYMBOLS

RATES = {
    "log": LogSchedule(),
    "lambert": LambertSchedule(),
    "sqrt": SqrtSchedule(),
    "rising": "1/2 - 1/(t + 2)",
    "steps": "Piecewise((1/2, t < 3), (0, t < 700), (1/n, t < 5000), (1/(t - 4000), True))",
    "hump": "Min(1/3, t/1000) * Min(1, 3000/t)",
    "floors": "1/(2 + floor(t/100))",
    "alternating": "(2 + (-1)**t)/8",
    "no probability": "t/100",
}


def table(name):
    process = OnePlusOneEA(RATES[name]).on(OneMax())
    return process, windows_for(process, {"n": 40}, 10**6).reshape(-1, 3)


@pytest.mark.parametrize("name", RATES)
def test_every_rate_lies_within_the_bounds_of_its_window(name):
    process, windows = table(name)
    ends = windows[:, 0]
    assert (np.diff(ends) > 0).all() and ends[-1] > 10**6 and len(windows) < 5000
    for t in sorted({*range(1, 130), *range(690, 710), 4999, 5000, *(int(1.3**j) for j in range(10, 53))}):
        p = float(process.rate.subs({SYMBOLS["n"]: 40, SYMBOLS["t"]: t}))
        _, low, high = windows[np.searchsorted(ends, t)]
        assert low <= p * (1 + 1e-12) and (p <= high * (1 + 1e-12) or high == UNKNOWN)
        assert high == UNKNOWN or high <= 1


@pytest.mark.parametrize("name", ["log", "lambert", "sqrt", "rising", "steps", "hump"])
def test_the_bounds_are_close_except_where_the_rate_jumps(name):
    _, windows = table(name)
    _, low, high = windows[windows[:, 0] <= 10**6].T
    assert (high <= np.maximum(low, 1e-300) * (1 + CLOSE) * (1 + 1e-9)).mean() > 0.99
    assert len(windows) < 200 + 64 * math.log(10**6)


def test_where_a_rate_is_no_probability_nothing_is_claimed():
    _, windows = table("no probability")
    known = windows[windows[:, 2] <= 1]
    assert 1 <= len(known) and known[-1, 0] <= 100
    assert windows[np.searchsorted(windows[:, 0], 101), 2] == UNKNOWN


def test_rates_in_the_point_too_have_one_window_without_bounds():
    process = OnePlusOneEA("Min(1/2, (k + 1)/t)").on(OneMax())
    assert windows_for(process, {"n": 40}, 1000)[1:].tolist() == [0.0, UNKNOWN]
    assert windows_for(OnePlusOneEA("1/n").on(OneMax()), {"n": 40}, 1000).size == 0
