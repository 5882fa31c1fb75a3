"""The lumped engine of the (1+lambda) and the (1,lambda) EA where fitness depends on k alone: the chain of k, in O(1) memory.

Definitions: :mod:`theory.algorithms.one_plus_lambda` and :mod:`theory.algorithms.one_comma_lambda` (``COMMA``). ``settings`` is
[lambda]. An offspring has k - ups + downs zero-bits, and ``level`` decides. As in :mod:`sim.kernels.lumped_counter`, what can be
skipped depends on which levels are acceptable from k:

* none above k and nothing but 0 below: all that can happen is that all zero-bits flip and nothing else: one geometric wait,
  counted in offspring;
* none above k: a generation without an up changes nothing. One tape holds the zero-bits of all offspring, lambda k of them a
  generation, and the tape of the one-bits moves only in offspring with an up;
* otherwise: offspring without a flip are copies; one tape over the lambda n bits of a generation, whose first k are the zero-bits
  in each offspring.

The comma strategy accepts all levels. On OneMax (``MONOTONE``) a generation without an up changes k only if each of its
offspring has a down. Ups and downs are independent, so the wait for such a generation is geometric, and the earlier of it and
the next up is what comes; elsewhere the comma strategy goes by the third case.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import TINY, distant_flip, half_binomial
from sim.kernels.random import FOREVER, below, failures, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import (
    CHECK_RATE,
    COMMA,
    MEASURE,
    MONOTONE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    level,
    measured,
    potentials,
    rate,
    state_of,
)
from theory.jit import hook, kernel

_EXACT_JUMP, _CLIMB, _ANY_FLIP = 0, 1, 2  # what the next generation of interest is
FAR = FOREVER >> 1  # a jump over so many bits ends a run; a generation has at most 2^60


@hook
def acceptable(after, k, n, data):
    """Whether an offspring with ``after`` zero-bits replaces a point with k, and differs in k."""
    if after == k:
        return False
    if STRICT:
        return level(after, n, data) > level(k, n, data)
    return level(after, n, data) >= level(k, n, data)


@hook
def slope_end(n, data):
    """The smallest m such that the fitness falls strictly in k on m..n."""
    m = n
    while m > 0 and level(m - 1, n, data) > level(m, n, data):
        m -= 1
    return m


@hook
def interest(k, n, data, slope):
    """Which generations can change k."""
    if COMMA:
        return _CLIMB if MONOTONE else _ANY_FLIP
    if k < slope:
        for above in range(k + 1, slope + 1):
            if acceptable(above, k, n, data):
                return _ANY_FLIP
    below_k = k - 1
    while below_k > 0 and not acceptable(below_k, k, n, data):
        below_k -= 1
    return _EXACT_JUMP if below_k == 0 else _CLIMB


@hook
def record_times(n, c, before, k, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left before offspring ``before``."""
    while noted < times.size and times[noted] < before:
        potentials(n, c, times[noted], k, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@hook
def fewest_downs(s, offspring, ones, hazard, most):
    """The smallest number of downs among some offspring of which each has at least one; at most ``most``."""
    fewest = most
    chance = -math.expm1(-hazard * ones)
    for _ in range(offspring):
        if fewest <= 1:
            break
        place = np.int64(-math.log1p(-uniform(s) * chance) / hazard)  # the first down, given that there is one
        downs = 0
        while place < ones:
            downs += 1
            place += 1 + failures(s, hazard)
        fewest = min(fewest, max(downs, 1))  # 0 would be a rounding error
    return fewest


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    lam = np.int64(settings[0])
    slope = slope_end(n, data)
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
        v = level(k, n, data)
        begin, t, rounds = np.int64(0), np.int64(0), np.int64(0)  # offspring before this generation; the optimal one
        code, kind = OK, _CLIMB
        changed, new_rate, hazard = True, True, 0.0
        up, down = np.int64(0), np.int64(0)
        since = np.int64(0)  # the generation up to which they are counted by their state
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while k > 0:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            if begin >= budget:
                code = CENSORED
                break
            if changed:
                kind = interest(k, n, data, slope)
                if not STATIC_RATE:
                    p = rate(n, c, begin + 1, k, v, p)
                    new_rate = True
                    if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                        record_bad(bad[out], begin + 1, k, v, p)
                        code = BAD_RATE
                        break
                if new_rate:
                    hazard = -math.log1p(-p)
                    up, down = failures(s, hazard), failures(s, hazard)
                    new_rate = False
                changed = False
            ones, after, after_level = n - k, k, v
            if kind == _EXACT_JUMP:
                log_q = k * math.log(p)
                if k < n:
                    log_q += ones * math.log1p(-p)
                wait = failures(s, -math.log1p(-math.exp(log_q)))
                if wait >= budget - begin:
                    code = ENDLESS if wait >= FOREVER else CENSORED
                    break
                t = begin + wait + 1
                begin += wait // lam * lam
                after = np.int64(0)
            else:
                cells = k if kind == _CLIMB else n
                width = lam * cells
                if hazard < TINY:
                    idle, up = distant_flip(s, width, hazard)
                else:
                    idle = up // width
                    up -= idle * width
                falls = False
                if COMMA and kind == _CLIMB:
                    wait = failures(s, -math.log1p(-((-math.expm1(-hazard * ones)) ** lam))) if ones > 0 else FOREVER
                    if wait < idle:
                        falls = True
                        if hazard >= TINY:
                            up += (idle - wait - 1) * width
                        idle = wait
                if idle > (budget - begin) // lam or up >= FAR:
                    code = ENDLESS if idle >= FOREVER or up >= FAR else CENSORED
                    break
                begin += idle * lam
                offspring = min(lam, budget - begin)
                if falls:
                    if offspring < lam:
                        code = CENSORED
                        break
                    after = k + fewest_downs(s, lam, ones, hazard, ones)
                else:
                    made, ties, best, best_level = 0, 0, k, v
                    while up < offspring * cells:
                        number = up // cells
                        start = number * cells
                        ups, downs = 0, 0
                        while up < start + cells:
                            if up < start + k:
                                ups += 1
                            else:
                                downs += 1
                            up += 1 + failures(s, hazard)
                        if kind == _CLIMB:
                            while down < ones:
                                downs += 1
                                down += 1 + failures(s, hazard)
                            down -= ones
                        made += 1
                        after = k - ups + downs
                        after_level = level(after, n, data)
                        if OBSERVE:
                            reached = record_hits(after_level, begin + number + 1, targets, reached, hits[out])
                        if after == 0:
                            t = begin + number + 1
                            break
                        if not COMMA and (after_level < v or (STRICT and after_level == v)):
                            continue
                        if ties == 0 or after_level > best_level:
                            ties, best, best_level = 1, after, after_level
                        elif after_level == best_level:
                            ties += 1
                            if below(s, ties) == 0:
                                best = after
                    if t == 0:
                        if offspring < lam:  # the budget cuts the generation off
                            code = CENSORED
                            break
                        up -= width
                        others, after = lam - made, k
                        if ties > 0 and best_level > v:
                            after = best
                        elif kind == _ANY_FLIP:  # the others are copies
                            if ties > 0 and (others == 0 or (best_level == v and below(s, ties + others) < ties)):
                                after = best
                        elif COMMA:
                            if best_level < v and uniform(s) < (-math.expm1(-hazard * ones)) ** others:  # without copies
                                after = min(best, k + fewest_downs(s, others, ones, hazard, ones))
                        elif ties > 0 and best != k:  # a level below k that is as good
                            copies = 0
                            for _ in range(others):
                                copies += uniform(s) < math.exp(-hazard * ones)
                            if copies == 0 or below(s, ties + copies) < ties:
                                after = best
                if t == 0 and after == k:
                    begin += lam
                    continue
            if OBSERVE:
                noted = record_times(n, c, t if t > 0 else begin + lam, k, v, p, times, noted, trajectory[out])
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, begin // lam + 1 - since)
                since = begin // lam + 1
                measured(n, c, t, k, v, p, no_bits, earlier)
            k = after
            v = level(k, n, data)
            if MEASURE:
                measured(n, c, t, k, v, p, no_bits, later)
                record_move(moves[out], state, earlier, later)
            changed = True
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
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, times, noted, trajectory[out])
