"""For the tests of rates in t: the process on all 2^n points, step by step from the definitions (no tests here)."""

from __future__ import annotations

import numpy as np
from laws import has_law

from theory.symbols import SYMBOLS


class ScheduledChain:
    """Flip each bit with probability p_t, compare exact values; the law of T, of hitting times of targets, of k on the way."""

    def __init__(self, process, n, horizon, zeros=None, c=None):
        points = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        self.values = np.array([float(process.problem.value(x)) for x in points])
        self.k = n - points.sum(1)
        self.distance = (points[:, None, :] != points[None, :, :]).sum(2)
        exact = [process.problem.value(x) for x in points]
        worse = [[y < x or (process.algorithm.strict and y == x) for y in exact] for x in exact]
        self.accepted = ~np.array(worse)
        chosen = np.ones(2**n, bool) if zeros is None else self.k == zeros
        self.start = chosen / chosen.sum()
        self.n = n
        n_, t_, k_ = SYMBOLS["n"], SYMBOLS["t"], SYMBOLS["k"]
        rate = process.rate if c is None else process.rate.subs(SYMBOLS["c"], c)
        at = range(n + 1) if k_ in rate.free_symbols else [0]
        rates = [[float(rate.subs({n_: n, t_: t, k_: k})) for k in at] for t in range(1, horizon + 1)]
        self.rates = [np.array(row)[self.k if len(row) > 1 else 0].reshape(-1, 1) for row in rates]

    def laws(self, ends):
        """The law of the point after 0, 1, ..., offspring, where the points in ``ends`` are not left."""
        law = self.start
        yield law
        flipped = np.arange(self.n + 1)
        for p in self.rates:
            chance = np.power(p, flipped) * np.power(1.0 - p, self.n - flipped)  # of a set of so many positions
            if len(chance) == 1:
                step = chance[0][self.distance] * self.accepted
            else:
                step = np.take_along_axis(chance, self.distance, 1) * self.accepted
            np.fill_diagonal(step, 0.0)
            np.fill_diagonal(step, 1.0 - step.sum(1))
            step[ends] = np.eye(len(step))[ends]
            law = law @ step
            yield law

    def pmf(self, target=None):
        """P(T = t), T the first time at the optimum or at a fitness."""
        reached = self.k == 0 if target is None else self.values >= target
        cdf = np.array([law[reached].sum() for law in self.laws(reached)])
        return np.diff(cdf, prepend=0.0)

    def states_at(self, times, name="k"):
        """The law of k or v after each of some numbers of offspring."""
        laws = list(self.laws(self.k == 0))
        states = self.k if name == "k" else self.values.astype(int)
        return [np.bincount(states, laws[t]) for t in times]


def fits(sample, pmf):
    """The p-value of a chi-square test of a sample of 0, 1, 2, ... against a law; 0 where a value is impossible."""
    impossible = (sample < len(pmf)) & (pmf[np.minimum(sample, len(pmf) - 1)] <= 0.0)
    return 0.0 if impossible.any() else has_law(sample, pmf)
