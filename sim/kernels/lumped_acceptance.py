"""The lumped engine of acceptance at random: the chain of k under a rule that looks at the numbers of flips alone.

The partially-ordered EA, Dynamic BinVal and dynamic linear functions keep an offspring by a rule (``accepts``) that is symmetric
in the positions, so that k, the number of zero-bits, is a Markov chain. An offspring without an up is the parent or below it, and
rejected: only rounds with an up are made. One tape holds the zero-bits of all rounds, the tape of the one-bits only moves in
rounds with an up (see :mod:`sim.kernels.lumped_counter`); RLS draws the ups of such a round, given that there is one.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import TINY, distant_flip, half_binomial, no_up, ups_of_rls
from sim.kernels.random import FOREVER, failures, fill, seed_stream
from sim.kernels.record import record_bad, record_move, record_stay
from theory.hooks import CHECK_RATE, FLIPS, MEASURE, OBSERVE, STATIC_RATE, accepts, measured, potentials, rate, state_of
from theory.jit import hook, kernel

_UNKNOWN = np.nan  # the fitness v, which nothing may depend on here


@hook
def record_times(n, c, until, k, p, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, _UNKNOWN, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    noise = np.empty(64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        if start_kind == UNIFORM:
            k = n - half_binomial(s, n)
        elif start_kind == ZEROS:
            k = start_zeros
        else:
            k = n
            for bit in start_bits:
                k -= bit
        t, rounds, noted = np.int64(0), np.int64(0), 0
        code = OK
        hazard, fresh = 0.0, True
        up, down = np.int64(0), np.int64(0)
        while k > 0:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            if FLIPS > 0:
                hazard = no_up(k, n, FLIPS)
                wait = failures(s, hazard)
            else:
                if fresh:
                    if not STATIC_RATE:
                        p = rate(n, c, t + 1, k, _UNKNOWN, p)
                        if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                            record_bad(bad[out], t + 1, k, _UNKNOWN, p)
                            code = BAD_RATE
                            break
                    hazard = -math.log1p(-p)
                    up, down = failures(s, hazard), failures(s, hazard)
                    fresh = False
                if hazard >= TINY:
                    wait = up // k
                    up -= wait * k
                else:
                    wait, up = distant_flip(s, k, hazard)
            ends = wait >= budget - t
            if MEASURE:
                record_stay(moves[out], state_of(k, _UNKNOWN), budget - t if ends else wait + 1)
            if OBSERVE:
                noted = record_times(n, c, budget if ends else t + wait, k, p, times, noted, trajectory[out])
            if ends:
                code = ENDLESS if wait >= FOREVER else CENSORED
                break
            t += wait + 1
            ups, downs = 0, 0
            if FLIPS > 0:
                ups = ups_of_rls(s, k, n, FLIPS, hazard)
                downs = FLIPS - ups
            else:
                while up < k:
                    ups += 1
                    up += 1 + failures(s, hazard)
                up -= k
                while down < n - k:
                    downs += 1
                    down += 1 + failures(s, hazard)
                down -= n - k
            noise = fill(s, noise, ups + downs)
            if ups != downs and accepts(noise, ups, downs, 0, 0.0, settings, data):
                if MEASURE:
                    state = state_of(k, _UNKNOWN)
                    measured(n, c, t, k, _UNKNOWN, p, no_bits, earlier)
                k += downs - ups
                if MEASURE:
                    measured(n, c, t, k, _UNKNOWN, p, no_bits, later)
                    record_move(moves[out], state, earlier, later)
                fresh = not STATIC_RATE
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            record_times(n, c, FOREVER, k, p, times, noted, trajectory[out])
