"""The lumped engine of LeadingOnes from a uniform start: the chain of v, the length of the prefix of ones.

Böttcher, Doerr, Neumann (PPSN 2010): the bits behind the first zero never influenced a decision, so they stay uniform
and independent. From v = i the prefix grows with probability q_i = p(1-p)^i a round (RLS with r flips:
C(n-1-i, r-1) / C(n, r); a rate for each position: p_{i+1} (1-p_1) ... (1-p_i)), and then runs on over bits that are ones with
probability 1/2 each. So T is the sum over i of independent B_i G_i, with B_i fair bits and G_i geometric with success
probability q_i. Ties change nothing that matters.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK, POLL
from sim.kernels.hazard_tree import hazards_of, prefix_sums
from sim.kernels.lumped_draws import free_riders
from sim.kernels.random import FOREVER, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import CHECK_RATE, FLIPS, MEASURE, OBSERVE, POSITION_RATES, STATIC_RATE, measured, potentials, rate, state_of
from theory.jit import hook, kernel

_UNKNOWN = np.int64(-1)  # k, which nothing may depend on here


@hook
def success(v, n, p, settings, passed):
    """The probability that a round lengthens a prefix of v ones."""
    if POSITION_RATES:  # p_(v+1), and none of the bits before it, whose hazards add up to passed[v]
        return settings[v] * math.exp(-passed[v])
    if FLIPS > 0:
        q = FLIPS / n
        for j in range(1, FLIPS):
            q *= max(n - v - j, 0) / (n - j)
        return q
    return p * math.exp(v * math.log1p(-p)) if v > 0 else p


@hook
def record_times(n, c, until, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], _UNKNOWN, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    bits = np.zeros(2, np.uint64)
    passed = prefix_sums(hazards_of(settings)) if POSITION_RATES else np.zeros(0)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        bits[1] = 0
        v = free_riders(s, bits, np.int64(0), n)
        t, rounds = np.int64(0), np.int64(0)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while v < n:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            if FLIPS == 0 and not STATIC_RATE:
                p = rate(n, c, t + 1, _UNKNOWN, v, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    record_bad(bad[out], t + 1, _UNKNOWN, v, p)
                    code = BAD_RATE
                    break
            wait = failures(s, -math.log1p(-success(v, n, p, settings, passed)))
            ends = wait >= budget - t
            if MEASURE:
                record_stay(moves[out], state_of(_UNKNOWN, v), budget - t if ends else wait + 1)
            if OBSERVE:
                noted = record_times(n, c, budget if ends else t + wait, v, p, times, noted, trajectory[out])
            if ends:
                code = ENDLESS if wait >= FOREVER else CENSORED
                break
            t += wait + 1
            if MEASURE:
                state = state_of(_UNKNOWN, v)
                measured(n, c, t, _UNKNOWN, v, p, no_bits, earlier)
            v = free_riders(s, bits, v + 1, n)
            if MEASURE:
                measured(n, c, t, _UNKNOWN, v, p, no_bits, later)
                record_move(moves[out], state, earlier, later)
            if OBSERVE:
                reached = record_hits(v, t, targets, reached, hits[out])
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, v, p, times, noted, trajectory[out])
