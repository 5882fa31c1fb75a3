"""The sparse engine for matchings: geometric jumps over the generations without a step; steps are made in place and undone.

The coins of all generations lie behind each other on one tape, as the bits do in :mod:`sim.kernels.sparse`; which coin of a
generation shows a step doesn't matter. An offspring that differs from its parent costs one pass over the edges.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK
from sim.kernels.matchings import draw_matchings, pair, step
from sim.kernels.random import FOREVER, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import (
    CHECK_RATE,
    FLIPS,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    TIMED_RATE,
    measured,
    optimal,
    rate,
    record_times,
    state_of,
    value,
)
from theory.jit import hook, kernel


@hook
def undo(x, changed, partners, count):
    """Take steps back, the last first."""
    for j in range(count - 1, -1, -1):
        pair(x, changed[j], partners[j])


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, room = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    changed, partners = np.empty(n, np.int64), np.empty(n, np.int64)  # ends of the steps made, and the partners that they had
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    k = 0  # matchings have no zero-bits
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        draw_matchings(s, x, data, room)
        v = value(x, data)
        t, since, code = 0, 0, OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        hazard, place, jump = 0.0, 0, 0
        fresh = True  # the next place must be drawn, at the rate of generation t + 1
        done = optimal(k, v, target)
        while not done:
            if stop[0] != 0:  # a round takes time
                code = INTERRUPTED
                break
            steps = 0
            if FLIPS > 0:
                t += 1
                steps = FLIPS
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
                    steps += 1
                    jump = failures(s, hazard)
                    place += 1 + jump
                place -= n
            if t > budget:
                code = CENSORED
                break
            count = 0
            for _ in range(steps):
                end, old = step(s, x, data)
                if end != old:
                    changed[count], partners[count] = end, old
                    count += 1
            if count == 0:
                continue
            after = value(x, data)
            if after < v or (after == v and STRICT):
                undo(x, changed, partners, count)
            else:
                if OBSERVE or MEASURE:  # the parent once more
                    for e in range(2 * n):
                        room[e] = x[e]
                    undo(room, changed, partners, count)
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, room, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, room, earlier)
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
