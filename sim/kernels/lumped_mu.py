"""The lumped engine of the (mu+1) EA where fitness depends on k alone: the multiset of the numbers of zero-bits, in O(mu) memory.

Definition: :mod:`theory.algorithms.mu_plus_one`; ``settings`` is [mu]. By symmetry the numbers k_1, ..., k_mu of zero-bits are a
Markov chain. Copies of points change it, so that generations without flips count; but while all points have the same k and no
level above it is acceptable, only a generation with an up can change it: then one tape over the k zero-bits of each generation
leads to the next one (:mod:`sim.kernels.lumped_counter`).
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import TINY, distant_flip, half_binomial
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import CHECK_RATE, MEASURE, OBSERVE, STATIC_RATE, level, measured, potentials, rate, state_of
from theory.jit import hook, kernel


@hook
def record_times(n, c, before, k, v, p, times, noted, rows):
    """Note the potentials of the best point at the times left before offspring ``before``."""
    while noted < times.size and times[noted] < before:
        potentials(n, c, times[noted], k, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@hook
def slope_end(n, data):
    """The smallest m such that the fitness falls strictly in k on m..n."""
    m = n
    while m > 0 and level(m - 1, n, data) > level(m, n, data):
        m -= 1
    return m


@hook
def needs_up(k, n, data, slope):
    """Whether every offspring with more zero-bits than k is worse."""
    for above in range(k + 1, slope + 1):
        if level(above, n, data) >= level(k, n, data):
            return False
    return True


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    mu = np.int64(settings[0])
    zeros = np.empty(mu, np.int64)
    slope = slope_end(n, data)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = np.int64(n)
        for i in range(mu):
            if start_kind == UNIFORM:
                zeros[i] = n - half_binomial(s, n)
            elif start_kind == ZEROS:
                zeros[i] = start_zeros
            else:
                zeros[i] = n
                for bit in start_bits:
                    zeros[i] -= bit
            if i == 0 or level(zeros[i], n, data) >= level(k, n, data):
                k = zeros[i]
        v = level(k, n, data)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t, rounds, since = np.int64(0), np.int64(0), np.int64(0)
        hazard = -math.log1p(-p)
        lowest, low = np.int64(0), v  # how many points are worst, and their fitness
        climbing = False  # all points have the same k, and only a generation with an up is of interest
        while k > 0:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if lowest == 0:
                low, same = level(zeros[0], n, data), True
                for i in range(mu):
                    same = same and zeros[i] == zeros[0]
                    fitness = level(zeros[i], n, data)
                    if fitness < low:
                        low, lowest = fitness, np.int64(0)
                    lowest += fitness == low
                climbing = same and needs_up(zeros[0], n, data, slope)
            a = below(s, mu)
            parent = zeros[a]
            if not STATIC_RATE:
                p = rate(n, c, t + 1, parent, level(parent, n, data), p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    record_bad(bad[out], t + 1, parent, level(parent, n, data), p)
                    code = BAD_RATE
                    break
                hazard = -math.log1p(-p)
            idle, up = np.int64(0), np.int64(0)
            if climbing:
                if hazard >= TINY:
                    up = failures(s, hazard)
                    idle = up // parent
                    up %= parent
                else:
                    idle, up = distant_flip(s, parent, hazard)
            else:
                up = failures(s, hazard)
            if idle >= budget - t:
                t = budget
                code = CENSORED
                break
            t += idle + 1
            ups, downs, ones = 0, 0, n - parent
            while up < parent:
                ups += 1
                up += 1 + failures(s, hazard)
            place = failures(s, hazard)
            while place < ones:
                downs += 1
                place += 1 + failures(s, hazard)
            after = parent - ups + downs
            fitness = level(after, n, data)
            if OBSERVE:
                reached = record_hits(fitness, t, targets, reached, hits[out])
            if fitness < low:
                continue
            i = below(s, mu)
            while level(zeros[i], n, data) != low:
                i = below(s, mu)
            better = fitness >= v
            if better:
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, no_bits, earlier)
            climbing = climbing and after == zeros[i]
            zeros[i] = after
            lowest -= fitness != low
            if better:
                k, v = after, fitness
                if MEASURE:
                    measured(n, c, t, k, v, p, no_bits, later)
                    record_move(moves[out], state, earlier, later)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, times, noted, trajectory[out])
