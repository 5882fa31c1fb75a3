"""The reference engine of the two-rate (1+lambda) EA, as it is written in :mod:`theory.algorithms.self_adjusting`.

``settings`` is (r/n of the first generation, lambda). One bit after the other, with the hooks ``value`` and ``compare`` and never
``judge``: the oracle for the other engines.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.random import seed_stream, uniform
from sim.kernels.record import record_move, record_stay
from sim.kernels.start import draw_start
from theory.hooks import MEASURE, OBSERVE, compare, measured, optimal, potentials, state_of, value
from theory.jit import kernel


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, y, best = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8)
    before, after_move = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    lam = int(settings[1])
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        strength = settings[0] * n
        p = strength / n
        t, generation = 0, 0
        code = OK
        next_target, next_time = 0, 0
        if OBSERVE:
            while next_target < targets.size and v >= targets[next_target]:
                hits[out, next_target] = 0
                next_target += 1
        done = optimal(k, v, target)
        while not done:
            generation += 1
            best_strength, ties = 0.0, 0
            for j in range(lam):
                if OBSERVE:
                    while next_time < times.size and times[next_time] <= t:
                        potentials(n, c, times[next_time], k, v, p, x, trajectory[out, next_time])
                        next_time += 1
                if t >= budget:
                    code = CENSORED
                    break
                if stop[0] != 0:
                    code = INTERRUPTED
                    break
                t += 1
                own = strength / 2.0 if j < lam // 2 else 2.0 * strength
                zeros = n
                for i in range(n):
                    y[i] = 1 - x[i] if uniform(s) < own / n else x[i]
                    zeros -= y[i]
                after = value(y, data)
                if after != after:
                    bad[out, 0], bad[out, 1], bad[out, 2], bad[out, 3] = t, k, v, np.nan
                    code = NOT_A_NUMBER
                    break
                if OBSERVE:
                    while next_target < targets.size and after >= targets[next_target]:
                        hits[out, next_target] = t
                        next_target += 1
                done = optimal(zeros, after, target)
                sign = 1 if ties == 0 or done else compare(y, best, data)
                ties = 1 if sign > 0 else ties + (sign == 0)
                if sign > 0 or (sign == 0 and uniform(s) * ties < 1.0):
                    for i in range(n):
                        best[i] = y[i]
                    best_strength = own
                if done:
                    break
            if code != OK:
                break
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
            if compare(best, x, data) >= 0:
                if MEASURE:
                    measured(n, c, t, k, v, p, x, before)
                k = n
                for i in range(n):
                    x[i] = best[i]
                    k -= best[i]
                v = value(x, data)
                if MEASURE:
                    measured(n, c, t, k, v, p, x, after_move)
                    record_move(moves[out], state, before, after_move)
            if not done:
                if uniform(s) < 0.5:
                    strength = best_strength
                elif uniform(s) < 0.5:
                    strength = strength / 2.0
                else:
                    strength = 2.0 * strength
                strength = min(max(2.0, strength), n / 4.0)
                p = strength / n
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = generation
        if OBSERVE and code == OK:
            while next_target < targets.size:
                hits[out, next_target] = t
                next_target += 1
            while next_time < times.size:
                potentials(n, c, times[next_time], k, v, p, x, trajectory[out, next_time])
                next_time += 1
