"""The reference engine of the (mu+1) EA: every bit of every offspring, and comparisons of whole points.

Definition: :mod:`theory.algorithms.mu_plus_one`; ``settings`` is [mu]. It uses the hooks ``value`` and ``compare`` and never
``judge``: it is the oracle for the other engines. ``champion`` is the best point, the youngest of equally good ones: a new point
that is as good takes its place, so it is never removed for another one.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.random import FOREVER, below, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    compare,
    measured,
    optimal,
    rate,
    record_times,
    state_of,
    value,
)
from theory.jit import kernel


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    mu = np.int64(settings[0])
    population, y = np.empty((mu, n), np.uint8), np.empty(n, np.uint8)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        champion, done = 0, False
        for i in range(mu):
            k = draw_start(s, population[i], start_kind, start_zeros, start_bits)
            done = done or optimal(k, value(population[i], data), target)
            if compare(population[i], population[champion], data) >= 0:
                champion = i
        k = n - population[champion].sum()
        v = value(population[champion], data)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t = 0
        while not done:
            if t >= budget:
                code = CENSORED
                break
            if stop[0] != 0:
                code = INTERRUPTED
                break
            t += 1
            x = population[below(s, mu)]
            if not STATIC_RATE:
                zeros, fitness = n - x.sum(), value(x, data)
                p = rate(n, c, t, zeros, fitness, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    code = BAD_RATE
                    record_bad(bad[out], t, zeros, fitness, p)
                    break
            for i in range(n):
                y[i] = 1 - x[i] if uniform(s) < p else x[i]
            after = value(y, data)
            if after != after:
                code = NOT_A_NUMBER
                record_bad(bad[out], t, k, v, np.nan)
                break
            zeros = n - y.sum()
            if OBSERVE:
                reached = record_hits(after, t, targets, reached, hits[out])
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
            worst, ties = 0, 0
            for i in range(mu):
                sign = 1 if ties == 0 else compare(population[worst], population[i], data)
                if sign > 0:
                    worst, ties = i, 1
                elif sign == 0:
                    ties += 1
                    worst = i if below(s, ties) == 0 else worst
            if compare(y, population[worst], data) < 0:
                continue
            better = compare(y, population[champion], data) >= 0
            if better:
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, population[champion], times, noted, trajectory[out])
                if MEASURE:
                    measured(n, c, t, k, v, p, population[champion], earlier)
            population[worst] = y
            if better:
                champion, k, v = worst, zeros, after
                if MEASURE:
                    measured(n, c, t, k, v, p, population[champion], later)
                    record_move(moves[out], state, earlier, later)
                done = optimal(k, v, target)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            before = FOREVER if code == OK else budget + 1
            record_times(n, c, before, k, v, p, population[champion], times, noted, trajectory[out])
