"""The event engine of the (1+lambda) EA: on strictly monotone functions only offspring with an up are made.

Definition: :mod:`theory.algorithms.one_plus_lambda`; ``settings`` is [lambda]. An offspring without an up (a zero-bit that
flips) is a copy of the parent or worse. So the zero-bits of all offspring stand behind each other on one tape, lambda k of them
a generation, and one geometric jump leads to the next up, over all generations without one; the one-bits have a tape of their
own, which moves only in offspring with an up. See :mod:`sim.kernels.event`.

Copies matter in one case: the best offspring with an up ties with the parent, and the uniform choice among all that tie may
fall on a copy. Their number among the offspring without an up is then drawn: each is one with probability (1-p)^(n-k),
independently of everything else.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.lumped_draws import TINY, distant_flip
from sim.kernels.offspring import difference, flip, ups_in
from sim.kernels.random import FOREVER, below, failures, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    COUNTS_DECIDE,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    VALUES_DECIDE,
    judge,
    measured,
    optimal,
    rate,
    record_times,
    state_of,
    value,
)
from theory.jit import hook, kernel

FAR = FOREVER >> 1  # a jump over so many bits ends a run; a generation has at most 2^60


@hook
def choose_ones(s, x, flips, first, last):
    """Put different uniform positions of one-bits into flips[first:last], by rejection."""
    for j in range(first, last):
        place = below(s, x.size)
        while x[place] != 1:
            place = below(s, x.size)
        flips[j] = place
        x[place] = 2  # a mark, so that no position is taken twice
    for j in range(first, last):
        x[flips[j]] = 1


@hook
def versus(x, k, data, one, m, sign, after, other, m_other, ups_other, sign_other, after_other, scratch):
    """Sign of f(y) - f(z) of two offspring of x, given the signs and values of both; (sign, scratch)."""
    if VALUES_DECIDE:
        return (after > after_other) - (after < after_other), scratch
    if sign != sign_other or sign == 0:
        return sign - sign_other, scratch
    scratch, count = difference(x, one, m, other, m_other, scratch)
    flip(x, other, m_other)
    zeros = k + m_other - 2 * ups_other
    order, _ = judge(x, scratch, count, ups_in(x, scratch, count), zeros, after_other, data)
    flip(x, other, m_other)
    return order, scratch


@hook
def copies_among(s, offspring, chance):
    """How many of some offspring are copies of the parent, each with this probability."""
    copies = 0
    for _ in range(offspring):
        copies += uniform(s) < chance
    return copies


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    zeros = np.empty(n + 1, np.int32)  # the positions of the zero-bits are zeros[:k]
    where, where_best = np.empty(64, np.int64), np.empty(64, np.int64)  # the ups are zeros[where[j]], ascending in j
    flips, best, scratch = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    lam = np.int64(settings[0])
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        place = 0
        for i in range(n):
            zeros[place] = i
            place += 1 - x[i]
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        begin, t, rounds = 0, 0, 0  # offspring before this generation; the optimal one
        up, down = np.int64(0), np.int64(0)  # bits to pass on either tape before the next flip
        hazard, fresh = 0.0, True
        since = 0  # the generation up to which they are counted by their state
        done = optimal(k, v, target)
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if begin >= budget:
                code = CENSORED
                break
            if fresh:
                if not STATIC_RATE:
                    p = rate(n, c, begin + 1, k, v, p)
                    if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                        code = BAD_RATE
                        record_bad(bad[out], begin + 1, k, v, p)
                        break
                hazard = -math.log1p(-p)
                up, down = failures(s, hazard), failures(s, hazard)
                fresh = False
            ones, width = n - k, lam * k
            if hazard < TINY:  # a jump would pass 2^62 cells, where it is cut, though the number of generations does not
                idle, up = distant_flip(s, width, hazard)
            else:
                idle = up // width
                up -= idle * width
            if idle > (budget - begin) // lam or up >= FAR:
                code = ENDLESS if idle >= FOREVER or up >= FAR else CENSORED
                break
            begin += idle * lam
            offspring = min(lam, budget - begin)
            made, ties, ups_best, downs_best, sign_best, v_best = 0, 0, 0, 0, -1, v
            while up < offspring * k:
                number = up // k
                start = number * k
                a, b = 0, 0
                while up < start + k:
                    if a == where.size:
                        where = twice_as_long(where)
                    where[a] = up - start
                    a += 1
                    up += 1 + failures(s, hazard)
                while down < ones:
                    b += 1
                    down += 1 + failures(s, hazard)
                down -= ones
                made += 1
                if COUNTS_DECIDE and a - b < STRICT:
                    continue
                if a + b > flips.size:
                    flips = np.empty(2 * (a + b), np.int64)
                for j in range(a):
                    flips[j] = zeros[where[j]]
                choose_ones(s, x, flips, a, a + b)
                sign, after = judge(x, flips, a + b, a, k, v, data)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], begin + number + 1, k, v, np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, begin + number + 1, targets, reached, hits[out])
                done = optimal(k + b - a, after, target)
                if not (done or sign > 0 or (sign == 0 and not STRICT)):
                    continue
                order = 1
                if ties > 0 and not done:
                    order, scratch = versus(
                        x, k, data, flips, a + b, sign, after, best, ups_best + downs_best, ups_best, sign_best, v_best, scratch
                    )
                if order == 0:
                    ties += 1
                    order = 1 if below(s, ties) == 0 else 0
                elif order > 0:
                    ties = 1
                if order > 0:
                    flips, best = best, flips
                    where, where_best = where_best, where
                    ups_best, downs_best, sign_best, v_best = a, b, sign, after
                if done:
                    t = begin + number + 1
                    break
            if code != OK:
                break
            if not done:
                if offspring < lam:  # the budget cuts the generation off
                    code = CENSORED
                    break
                up -= width
                t = begin + lam
                if ties > 0 and sign_best == 0:
                    copies = copies_among(s, lam - made, math.exp(-hazard * ones))
                    if copies > 0 and below(s, ties + copies) >= ties:
                        ties = 0
            if ties > 0:
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, begin // lam + 1 - since)
                    since = begin // lam + 1
                    measured(n, c, t, k, v, p, x, earlier)
                a, b = ups_best, downs_best
                flip(x, best, a + b)
                for j in range(b):  # downs take the places of ups, then the end of the list
                    zeros[where_best[j] if j < a else k + j - a] = best[a + j]
                for j in range(b, a):  # places left are filled from the end, the last one first
                    zeros[where_best[a + b - 1 - j]] = zeros[k + b - 1 - j]
                k += b - a
                v = v_best
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
                fresh = not STATIC_RATE
            begin += lam
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = -(-evaluations[out] // lam)
        if MEASURE and (code == CENSORED or code == ENDLESS):
            record_stay(moves[out], state_of(k, v), budget // lam - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, x, times, noted, trajectory[out])
