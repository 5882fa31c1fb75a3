"""The sparse engine of the (1+lambda) and the (1,lambda) EA: one geometric jump for each flipped bit.

Definitions: :mod:`theory.algorithms.one_plus_lambda` and :mod:`theory.algorithms.one_comma_lambda` (``COMMA``). ``settings`` is
[lambda], with ``SUCCESS_RULE`` [first lambda, its factor after a success, its factor otherwise, its maximum]; then no generation
is skipped, and for potentials p is lambda.

The bits of all offspring stand behind each other on one tape, lambda n of them a generation (see :mod:`sim.kernels.sparse`).
Offspring in which nothing flips are copies of the parent: they are counted, since they take part in ties, and never made. When a
rate in k and v has changed with the parent, or a rate in t with the generation, the jump is drawn anew from the border: the
geometric law has no memory.

Two offspring are compared first by how each compares with the parent. Where that leaves it open and rounded values can't decide,
one of them is put in the parent's place and the positions in which the two differ are judged.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.offspring import difference, flip, ups_in
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    COMMA,
    COUNTS_DECIDE,
    MEASURE,
    MONOTONE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    SUCCESS_RULE,
    TIMED_RATE,
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

HALF = 0.5 + 1e-9  # a lambda that is a half but for rounding errors is rounded upwards
FAR = FOREVER >> 1  # a jump over so many bits ends a run; a generation has at most 2^60


@hook
def worth_judging(m, ups, worse_may_live):
    """Whether an offspring could become the parent, from counts alone; what this rules out need not be judged."""
    if not MONOTONE or worse_may_live:
        return True
    return 2 * ups > m - (not STRICT) if COUNTS_DECIDE else ups > 0


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


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    flips, best, scratch = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        begin, t, rounds = 0, 0, 0  # offspring before this generation; the optimal one
        jump = np.int64(0)  # bits from the beginning of the generation to the next flip
        hazard, fresh = 0.0, True
        made_before, since = 0, 0  # generations; those that are counted by their state
        size = settings[0]  # lambda, of which lam is the whole number nearest to it
        lam = np.int64(math.floor(size + HALF))
        done = optimal(k, v, target)
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if begin >= budget:
                code = CENSORED
                break
            if fresh or TIMED_RATE:
                if not STATIC_RATE:
                    p = rate(n, c, begin + 1, k, v, p)
                    if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                        code = BAD_RATE
                        record_bad(bad[out], begin + 1, k, v, p)
                        break
                hazard = -math.log1p(-p)
                jump = failures(s, hazard)
                fresh = False
            width = lam * n
            if not TIMED_RATE and not SUCCESS_RULE:
                if jump >= FAR:
                    code = ENDLESS
                    break
                idle = jump // width
                made_before += idle
                begin += idle * lam
                jump -= idle * width
            if begin >= budget:
                code = CENSORED
                break
            offspring = min(lam, budget - begin)
            border = offspring * n
            made, ties, m_best, ups_best, sign_best, v_best = 0, 0, 0, 0, -1, v
            while jump < border:
                number = jump // n
                start = number * n
                end = start + n
                m, ups = 0, 0
                while jump < end:
                    place = jump - start
                    if m == flips.size:
                        flips = twice_as_long(flips)
                    flips[m] = place
                    m += 1
                    ups += 1 - x[place]
                    jump += 1 + failures(s, hazard)
                as_good = number > made or sign_best >= 0  # this or a copy
                made += 1
                if not worth_judging(m, ups, COMMA and not as_good):
                    continue
                if stop[0] != 0:  # a user's function may take long
                    code = INTERRUPTED
                    break
                sign, after = judge(x, flips, m, ups, k, v, data)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], begin + number + 1, k, v, np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, begin + number + 1, targets, reached, hits[out])
                done = optimal(k + m - 2 * ups, after, target)
                if not (done or COMMA or sign > 0 or (sign == 0 and not STRICT)):
                    continue
                order = 1
                if ties > 0 and not done:
                    order, scratch = versus(x, k, data, flips, m, sign, after, best, m_best, ups_best, sign_best, v_best, scratch)
                if order == 0:
                    ties += 1
                    order = 1 if below(s, ties) == 0 else 0
                elif order > 0:
                    ties = 1
                if order > 0:
                    flips, best = best, flips
                    m_best, ups_best, sign_best, v_best = m, ups, sign, after
                if done:
                    t = begin + number + 1
                    break
            if code != OK:
                break
            if not done:
                if offspring < lam:  # the budget cuts the generation off
                    code = CENSORED
                    break
                jump -= width
                t = begin + lam
                copies = lam - made
                if sign_best < 0 and copies > 0:
                    ties = 0
                elif sign_best == 0 and copies > 0 and ties > 0 and below(s, ties + copies) >= ties:
                    ties = 0
            made_before += 1
            if OBSERVE and (SUCCESS_RULE or ties > 0):
                noted = record_times(n, c, t, k, v, size, x, times, noted, trajectory[out])
            begin += lam
            if SUCCESS_RULE and not done:
                size = max(size * settings[1], 1.0) if ties > 0 and sign_best > 0 else min(size * settings[2], settings[3])
                lam = np.int64(math.floor(size + HALF))
            if ties > 0:
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, made_before - since)
                    since = made_before
                    measured(n, c, t, k, v, p, x, earlier)
                flip(x, best, m_best)
                k += m_best - 2 * ups_best
                v = v_best
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
                fresh = not STATIC_RATE
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if not SUCCESS_RULE:
            made_before = budget // lam if code != OK else made_before
        cut_off = begin < budget if SUCCESS_RULE else budget % lam != 0
        generations[out] = made_before + (code != OK and cut_off)
        if MEASURE and (code == CENSORED or code == ENDLESS):
            record_stay(moves[out], state_of(k, v), made_before - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, size, x, times, noted, trajectory[out])
