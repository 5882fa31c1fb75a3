"""For the tests of self-adjusting rates: the joint chain of (point, rate), enumerated from definitions alone (no tests)."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import e, log, log1p

import numpy as np


class Problem:
    """All points of n bits with their fitness (any comparable numbers); the optimum is all ones."""

    def __init__(self, n, fitness):
        self.n = n
        points = list(product((0, 1), repeat=n))
        self.points = np.array(points)
        self.zeros = n - self.points.sum(axis=1)
        values = [fitness(x) for x in points]
        self.values = np.array([float(v) for v in values])
        self.sign = np.array([[(after > before) - (after < before) for after in values] for before in values])
        self.distance = (self.points[:, None, :] != self.points[None, :, :]).sum(axis=2)
        self._steps = {}

    def steps(self, p):
        """sign -> matrix: the probability that the next point is that one and f(y) - f(x) had that sign."""
        if p not in self._steps:
            if len(self._steps) >= 2000:
                self._steps.clear()
            flip = p**self.distance * (1 - p) ** (self.n - self.distance)
            worse = np.diag(np.where(self.sign < 0, flip, 0.0).sum(axis=1))
            self._steps[p] = {-1: worse, 0: np.where(self.sign == 0, flip, 0.0), 1: np.where(self.sign > 0, flip, 0.0)}
        return self._steps[p]

    def uniform(self):
        return np.full(len(self.points), 1.0 / len(self.points))

    def with_zeros(self, k):
        return (self.zeros == k) / (self.zeros == k).sum()


def run_chain(problem, start, first, rule, horizon, seen):
    """P(T = t) for t = 0..horizon, and at each time of ``seen`` the law of (point, rate) as a dict.

    ``rule(state, sign, t)`` is the state after offspring t; a state is a rate, or a tuple that begins with one.
    """
    alive, ended = defaultdict(lambda: 0.0), defaultdict(float)
    alive[first] = start.copy()
    pmf = [start[-1]]
    ended[_rate(first)] += start[-1]
    alive[first][-1] = 0.0
    laws = {}
    for t in range(1, horizon + 1):
        after = defaultdict(lambda: 0.0)
        for state, mass in alive.items():
            for sign, matrix in problem.steps(_rate(state)).items():
                moved = mass @ matrix
                if moved.any():
                    following = rule(state, sign, t)
                    after[following] = after[following] + moved
        pmf.append(0.0)
        for state, mass in after.items():
            pmf[-1] += mass[-1]
            ended[_rate(state)] += mass[-1]
            mass[-1] = 0.0
        alive = after
        if t in seen:
            law = defaultdict(float)
            for state, mass in alive.items():
                for x in np.flatnonzero(mass):
                    law[int(x), _rate(state)] += mass[x]
            for p, mass in ended.items():
                law[len(start) - 1, p] += mass
            laws[t] = dict(law)
    return np.array(pmf), laws


def _rate(state):
    return state[0] if isinstance(state, tuple) else state


def _same(p):
    """Rates that differ by roundings alone are one."""
    return float(f"{p:.10g}")


def step_rule(factor, up, down, success, lowest=0.0):
    """Multiply the rate after each offspring; ``factor`` may be a function of t, ``success`` one of the sign."""

    def rule(p, sign, t):
        F = factor(t) if callable(factor) else factor
        return _same(min(0.5, p * F**up)) if success(sign) else _same(max(lowest, p / F**down))

    return rule


def epoch_rule(state, sign, t):
    """Rule B: epochs of 16, 32, ... offspring; states are (rate, length, offspring so far, neutral ones)."""
    p, length, made, neutral = state
    made, neutral = made + 1, neutral + (sign == 0)
    if made < length:
        return (p, length, made, neutral)
    share = neutral / length
    if share < 0.05:
        return (_same(p / 4), length, 0, 0)
    if share > 0.95:
        return (_same(min(0.5, 4 * p)), length, 0, 0)
    estimate = log(1 / share) / -log1p(-p)
    return (_same(min(0.5, 1 / estimate)), 2 * length, 0, 0)


def equal(sign):
    return sign == 0


def not_worse(sign):
    return sign >= 0


def better(sign):
    return sign > 0


RULE_A = step_rule(1.5, e - 1, 1.0, equal)
RULE_C = step_rule(1.5, 1.0, e - 1, equal)
RULE_A_NOT_WORSE = step_rule(1.5, e - 1, 1.0, not_worse)
ONE_FIFTH = step_rule(2.0, 1.0, 1.0, not_worse, 1 / 16)
