"""The sparse engine for words: geometric jumps from one replaced letter to the next, as in :mod:`sim.kernels.sparse`.

Generations lie behind each other on one tape of places; ``place`` is the next replaced one, counted from the beginning of the
generation that is made next. After a change of the rate it is drawn anew from there, which the geometric law allows; a rate in t
draws it anew for each generation.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK, POLL
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from sim.kernels.words import draw_word, other_letter
from theory.hooks import (
    CHECK_RATE,
    FLIPS,
    LETTERS,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    TIMED_RATE,
    judge,
    measured,
    optimal,
    rate,
    record_times,
    state_of,
    value,
)
from theory.jit import hook, kernel


@hook
def choose(s, flips, taken):
    """FLIPS different places by rejection; ``taken`` is zero before and after."""
    for j in range(FLIPS):
        place = below(s, taken.size)
        while taken[place] != 0:
            place = below(s, taken.size)
        flips[j] = place
        taken[place] = 1
    for j in range(FLIPS):
        taken[flips[j]] = 0


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, letters, taken = np.empty(n, np.uint8), np.empty(n, np.uint8), np.zeros(n, np.uint8)
    flips = np.empty(n, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    k = 0  # words have no zero-bits
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        draw_word(s, x, LETTERS, start_kind, start_bits)
        v = value(x, data)
        t, rounds, since, code = 0, 0, 0, OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        hazard, place, jump = 0.0, 0, 0
        fresh = True  # the next place must be drawn, at the rate of generation t + 1
        done = optimal(k, v, target)
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            m = 0
            if FLIPS > 0:
                t += 1
                m = FLIPS
                choose(s, flips, taken)
            else:
                if fresh:
                    if not STATIC_RATE:
                        p = rate(n, c, t + 1, k, v, p)
                        if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                            t += 1
                            code = BAD_RATE
                            break
                    hazard = -math.log1p(-p)
                    jump = failures(s, hazard)
                    place = jump
                    fresh = TIMED_RATE
                t += 1
                if not TIMED_RATE:
                    t += place // n
                    place %= n
                    if jump >= FOREVER and t <= budget:
                        code = ENDLESS
                        break
                while place < n:
                    flips[m] = place
                    m += 1
                    jump = failures(s, hazard)
                    place += 1 + jump
                place -= n
            if t > budget:
                code = CENSORED
                break
            if m == 0:
                continue
            for j in range(m):
                letters[j] = other_letter(s, x[flips[j]], LETTERS)
            sign, after = judge(x, flips, m, letters, k, v, data)
            if sign > 0 or (sign == 0 and not STRICT):
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, x, earlier)
                for j in range(m):
                    x[flips[j]] = letters[j]
                v = after
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
                if OBSERVE:
                    reached = record_hits(v, t, targets, reached, hits[out])
                done = optimal(k, v, target)
                fresh = fresh or not STATIC_RATE
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if code == BAD_RATE:
            record_bad(bad[out], t, k, v, p)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, x, times, noted, trajectory[out])
