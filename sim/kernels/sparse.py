"""The sparse engine: one geometric jump for each flipped bit, along an endless tape.

Write the bits of all generations behind each other on one tape: generation t owns places (t-1)n to tn - 1, and each
place flips independently with probability p. The gap between two flips is geometric, so one jump leads from flip to
flip, over the generations in which nothing flips. A jump that crosses the border of a generation stays valid as long as
the rate does, because the geometric law has no memory. After a change of a rate in k and v it is drawn anew from the
border. For rates in t its rest is kept in units of hazard, which no rate enters: passing a place costs -log(1 - p), and a
flip happens where an account of one exponential variate is empty.

RLS has no tape: ``FLIPS`` different positions by rejection.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.random import FOREVER, below, exponential, failures, fill, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    COUNTS_DECIDE,
    FLIPS,
    MEASURE,
    MONOTONE,
    OBSERVE,
    RANDOM_ACCEPTANCE,
    STATIC_RATE,
    STRICT,
    TIMED_RATE,
    accepts,
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
def mutate_timed(s, x, flips, hazard, account):
    """One generation of standard bit mutation; returns flips, their number, ups, what is left on the account."""
    place, m, ups = 0, 0, 0
    while place < x.size:
        jump = account / hazard
        if not jump < x.size - place:  # also where p = 0
            return flips, m, ups, max(account - (x.size - place) * hazard, 0.0)
        place += np.int64(jump)
        if m == flips.size:
            flips = twice_as_long(flips)
        flips[m] = place
        m += 1
        ups += 1 - x[place]
        place += 1
        account = exponential(s)
    return flips, m, ups, account


@hook
def mutate_rls(s, x, flips):
    """Choose FLIPS different positions by rejection; returns how many of them are zero-bits."""
    ups = 0
    for j in range(FLIPS):
        place = below(s, x.size)
        while x[place] > 1:
            place = below(s, x.size)
        flips[j] = place
        ups += 1 - x[place]
        if FLIPS > 1:
            x[place] += 2  # a mark, so that no position is taken twice
    if FLIPS > 1:
        for j in range(FLIPS):
            x[flips[j]] -= 2
    return ups


@hook
def worth_judging(m, ups):
    """Whether an offspring could be accepted, from counts alone; what this rules out need not be judged."""
    if MONOTONE and COUNTS_DECIDE:
        return 2 * ups > m - (not STRICT)
    return ups > 0 if MONOTONE else m > 0


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    flips = np.empty(max(64, FLIPS), np.int64)
    noise = np.empty(64 if RANDOM_ACCEPTANCE else 0)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    by_generation = TIMED_RATE or FLIPS > 0
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t, rounds, m, ups = 0, 0, 0, 0  # t: the generation that is being made
        hazard, account = 0.0, 0.0
        place, jump, ahead = 0, 0, 1  # the next flip lies ``ahead`` generations on, at this place
        fresh = True  # the jump must be drawn, at the rate of generation t + 1
        since = 0  # the generation up to which the rounds are counted by their state
        done = optimal(k, v, target)
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if by_generation:
                t += 1
                if t > budget:
                    code = CENSORED
                    break
                if FLIPS > 0:
                    m = FLIPS
                    ups = mutate_rls(s, x, flips)
                else:
                    p = rate(n, c, t, k, v, p)
                    if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                        code = BAD_RATE
                        break
                    if fresh:
                        account = exponential(s)
                        fresh = False
                    flips, m, ups, account = mutate_timed(s, x, flips, -math.log1p(-p), account)
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
                    t += 1 + jump // n
                    place = jump % n
                    m, ups = 0, 0
                    fresh = False
                if t > budget or jump >= FOREVER:
                    code = CENSORED if t > budget else ENDLESS
                    break
                if m == flips.size:
                    flips = twice_as_long(flips)
                flips[m] = place
                m += 1
                ups += 1 - x[place]
                jump = failures(s, hazard)
                ahead = jump // n
                place += jump - ahead * n + 1
                over = np.int64(place >= n)
                place -= over * n
                ahead += over
            if (ahead > 0) & worth_judging(m, ups):
                if stop[0] != 0:  # a user's function may take long
                    code = INTERRUPTED
                    break
                sign, after = judge(x, flips, m, ups, k, v, data)
                if after != after:
                    code = NOT_A_NUMBER
                    break
                if RANDOM_ACCEPTANCE:
                    noise = fill(s, noise, m)
                    sign = 1 if accepts(noise, ups, m - ups, sign, v - after, settings, data) else -1
                if sign > 0 or (sign == 0 and not STRICT):
                    if OBSERVE:
                        noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
                    if MEASURE:
                        state = state_of(k, v)
                        record_stay(moves[out], state, t - since)
                        since = t
                        measured(n, c, t, k, v, p, x, earlier)
                    for j in range(m):
                        x[flips[j]] ^= 1
                    k += m - 2 * ups
                    v = after
                    if MEASURE:
                        measured(n, c, t, k, v, p, x, later)
                        record_move(moves[out], state, earlier, later)
                    if OBSERVE:
                        reached = record_hits(v, t, targets, reached, hits[out])
                    done = optimal(k, v, target)
                    fresh = not STATIC_RATE and not by_generation
                    if done or fresh:
                        continue
            if not by_generation:
                t += ahead
                same = np.int64(ahead == 0)  # products, not branches: nothing here can be predicted
                m *= same
                ups *= same
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if code == BAD_RATE:
            record_bad(bad[out], t, k, v, p)
        if code == NOT_A_NUMBER:
            record_bad(bad[out], t, k, v, np.nan)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, x, times, noted, trajectory[out])
