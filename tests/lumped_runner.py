"""For the tests of the lumped engines: run a template by the contract of sim.kernels; the full chain on 2^n points."""

from __future__ import annotations

from math import comb, log, sqrt
from types import SimpleNamespace

import numpy as np

from sim.kernels import codes
from sim.kernels.lumped import template_for
from theory.compile import potentials_source, rate_source, specialise
from theory.symbols import SYMBOLS

KEY = np.array([11, 22, 33, 44], dtype=np.uint64)


def run(
    process, n, replicates, *, c=1.0, start=codes.UNIFORM, zeros=0, bits=(), budget=codes.LARGEST_BUDGET, targets=(), times=(),
    potentials=(), seed=0, stop=0, check=False, template=None,
):  # fmt: skip
    """Arrays of the contract as attributes of one object."""
    path = template or template_for(process, {}, start)[0]
    hooks = dict(process.problem.hooks)
    p = np.nan
    if process.rate is not None and not process.is_static:
        hooks["rate"] = rate_source(process.rate)
    elif process.rate is not None:
        p = process.static_rate({"n": n, "c": c} if "c" in process.rate_symbols else {"n": n})
    if potentials:
        hooks["potentials"] = potentials_source(list(potentials))
    constants = {
        "STRICT": process.algorithm.strict,
        "FLIPS": process.algorithm.flips,
        "STATIC_RATE": process.is_static,
        "CHECK_RATE": check,
        "OBSERVE": bool(len(targets) or len(times)),
    }
    out = SimpleNamespace(
        evaluations=np.zeros(replicates, np.int64),
        hit=np.zeros(replicates, np.uint8),
        hits=np.full((replicates, len(targets)), -1, np.int64),
        trajectory=np.full((replicates, len(times), max(1, len(potentials))), np.nan),
        status=np.full(replicates, -1, np.int64),
        bad=np.full((replicates, 4), np.nan),
    )
    specialise(path, constants, hooks).run_block(
        KEY + np.uint64(seed), 0, replicates, n, float(c), float(p), np.zeros(0), process.problem.data(n), 0.0, budget,
        int(start), zeros, np.array(bits, np.uint8), np.array([stop], np.uint8), np.array(targets, np.float64),
        np.array(times, np.int64), out.evaluations, out.evaluations.copy(), out.hit, out.hits, out.trajectory,
        np.zeros((replicates, 0, 1)), out.status, out.bad, np.zeros((0, 0), np.uint8),
    )  # fmt: skip
    return out


class FullChain:
    """The process on all 2^n points, from the definitions alone: flip bits, compare exact values."""

    def __init__(self, process, n, c=1.0, zeros=None):
        points = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        self.values = np.array([float(process.problem.value(x)) for x in points])
        self.k = n - points.sum(1)
        distance = (points[:, None, :] != points[None, :, :]).sum(2)
        if process.algorithm.flips:
            mutation = (distance == process.algorithm.flips) / comb(n, process.algorithm.flips)
        else:
            at = [{"n": n, "c": c, "k": int(k), "v": v} for k, v in zip(self.k, self.values, strict=True)]
            rates = [float(process.rate.subs({SYMBOLS[name]: value for name, value in point.items()})) for point in at]
            p = np.array(rates)[:, None]
            mutation = p**distance * (1 - p) ** (n - distance)
        better = self.values[None, :] > self.values[:, None]
        if not process.algorithm.strict:
            better |= self.values[None, :] == self.values[:, None]
        self.step = mutation * better
        np.fill_diagonal(self.step, 0.0)
        np.fill_diagonal(self.step, 1.0 - self.step.sum(1))
        self.step[self.k == 0] = self.k == 0
        chosen = np.ones(2**n, bool) if zeros is None else self.k == zeros
        self.start = chosen / chosen.sum()

    def cdf(self, horizon, reached=None):
        """P(T <= t) for t = 0..horizon, T the first time in the set ``reached`` (default: the optimum)."""
        reached = self.k == 0 if reached is None else reached
        step = self.step.copy()
        step[reached] = np.eye(len(step))[reached]
        law, result = self.start, []
        for _ in range(horizon + 1):
            result.append(law[reached].sum())
            law = law @ step
        return np.array(result)

    def at(self, t, potential):
        """(values of a potential in ascending order, its cdf there) after t steps."""
        law = self.start @ np.linalg.matrix_power(self.step, t)
        support = np.unique(potential)
        return support, np.cumsum([law[potential == x].sum() for x in support])


def distance(sample, cdf, support=None):
    """Largest difference between the empirical and the exact cdf (on 0, 1, 2, ... by default)."""
    support = np.arange(len(cdf)) if support is None else support
    empirical = np.searchsorted(np.sort(sample), support, side="right") / len(sample)
    return np.abs(empirical - cdf).max()


def critical(runs, error=1e-5):
    """Dvoretzky, Kiefer, Wolfowitz, Massart: exceeded with at most this probability, for every law."""
    return sqrt(log(2 / error) / (2 * runs))
