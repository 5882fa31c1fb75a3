"""The lumped engine for rates in t, of problems whose fitness depends on k alone: the chain of k, in O(1) memory.

A round flips a of the k zero-bits and b of the n - k one-bits, with probability

    q_t(a, b) = C(k, a) C(n-k, b) p_t^(a+b) (1 - p_t)^(n-a-b).

In the states where only a > b can change k (see ``lumped_counter.py``) the rounds with a <= b are skipped. On a window of time
with bounds low <= p_t <= high (:mod:`sim.windows`)

    q_t(a, b) <= Q(a, b) = C(k, a) C(n-k, b) high^(a+b) (1 - low)^(n-a-b),

so the wait is drawn with the sum Q of Q(a, b) over a > b as success probability, then (a, b) in proportion to Q(a, b), and the
round is kept with probability q_t(a, b)/Q(a, b); this is thinning, so the law is exact. Where a wait would pass the end of the
window, the next window begins with a new one (the geometric law has no memory). A bound of q_t/Q from below, by the other
ends of the bounds, mostly decides without p_t.

Rounds are drawn one by one, a and b as binomial variates, where many bits flip, where Q is large, where the bounds are unknown
and in the states where other moves are possible (valleys, plateaus).
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.binomial import binomial
from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import half_binomial
from sim.kernels.random import FOREVER, exponential, failures, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import CHECK_RATE, MEASURE, OBSERVE, STRICT, level, measured, potentials, rate, state_of
from theory.jit import hook, kernel

CROWDED = 32.0  # from so many flips a round on, rounds are drawn one by one
LIKELY = 0.75  # and from this probability of a change on
_TERMS = 1024  # more ups than any round has that is not crowded, but for a share far below 2^-53
_ANY, _UPS, _ALL = 0, 1, 2  # what can change k: any round; one with more ups than downs; one that flips the zero-bits alone


@hook
def acceptable(after, k, n, data):
    """Whether an offspring with ``after`` zero-bits replaces a point with k, and differs in k."""
    if after == k or after < 0 or after > n:
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
    """Which rounds can change k."""
    for above in range(k + 1, slope + 1):
        if acceptable(above, k, n, data):
            return _ANY
    below = k - 1
    while below > 0 and not acceptable(below, k, n, data):
        below -= 1
    return _ALL if below == 0 else _UPS


@hook
def record_times(n, c, until, k, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@kernel
def improvements(k, n, odds, inverse, ups, downs):
    """The sum over a > b of C(k, a) C(n-k, b) odds^(a+b).

    On the way ups[a] = sum over a' <= a of its terms, downs[b] = sum over b' <= b of C(n-k, b') odds^b'. The terms of one a are
    log-concave in a, so what is left out behind a term far below the total is as small.
    """
    total, term_up, term_down, sum_down, last = 0.0, 1.0, 1.0, 1.0, 0.0
    ups[0] = 0.0
    downs[0] = 1.0
    a = 0
    while a < k and a < ups.size - 1:
        a += 1
        term_up *= (k - a + 1) * odds * inverse[a]
        term = term_up * sum_down
        total += term
        ups[a] = total
        if term <= 1e-18 * total and term < last:
            break
        last = term
        term_down *= (n - k - a + 1) * odds * inverse[a]
        sum_down += term_down
        downs[a] = sum_down
    return total, a


@kernel
def smallest(sums, at_most, last):
    """The smallest index up to ``last`` whose sum exceeds a number."""
    j = 0
    while j < last and sums[j] <= at_most:
        j += 1
    return j


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`. ``settings`` holds the windows."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    inverse = np.empty(_TERMS)  # 1/i; 1 at i = 0
    for i in range(_TERMS):
        inverse[i] = 1.0 / max(i, 1)
    sum_ups, sum_downs = np.empty(_TERMS), np.empty(_TERMS)
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
        t, rounds, since = np.int64(0), np.int64(0), np.int64(0)
        code = OK
        kind = _ANY
        window, end = 0, np.int64(0)  # rounds t + 1 .. end have the bounds below
        low, high, log_none_low, log_none_high, log_ratio = 0.0, 0.0, 0.0, 0.0, 0.0
        moved, one_by_one = True, True
        total, hazard, most = 0.0, 0.0, 0
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while k > 0:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            fresh = moved
            if moved:
                kind = interest(k, n, data, slope)
                moved = False
            if t >= end:
                if t >= budget:
                    code = CENSORED
                    break
                while settings[3 * window] < t + 1:
                    window += 1
                end, low, high = np.int64(settings[3 * window]), settings[3 * window + 1], settings[3 * window + 2]
                if high <= 0.5:
                    log_none_low, log_none_high = math.log1p(-low), math.log1p(-high)
                    log_ratio = math.log(high / low) if low > 0.0 else math.inf
                fresh = True
            if fresh:
                one_by_one = high > 0.5 or n * high > CROWDED or kind == _ANY
                if not one_by_one:
                    if high <= 0.0:
                        chance = 0.0
                    elif kind == _ALL:
                        chance = math.exp(k * math.log(high) + (n - k) * log_none_low)
                    else:
                        total, most = improvements(k, n, high / (1.0 - low), inverse, sum_ups, sum_downs)
                        chance = total * math.exp(n * log_none_low)
                    one_by_one = chance > LIKELY
                    hazard = -math.log1p(-min(chance, LIKELY))
            if one_by_one:
                if t >= budget:
                    code = CENSORED
                    break
                t += 1
                p = rate(n, c, t, k, v, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    code = BAD_RATE
                    break
                ups, downs = binomial(s, k, p), binomial(s, n - k, p)
            else:
                wait = failures(s, hazard)
                if wait >= min(end, budget) - t:
                    t = min(end, budget)
                    end = t
                    continue
                t += wait + 1
                ups, downs = k, np.int64(0)
                if kind == _UPS:
                    ups = smallest(sum_ups, uniform(s) * total, most)
                    downs = smallest(sum_downs, uniform(s) * sum_downs[ups - 1], ups - 1)
                account = exponential(s)  # keep the round with probability exp(-cost)
                if account < (ups + downs) * log_ratio + (n - ups - downs) * (log_none_low - log_none_high):
                    p = rate(n, c, t, k, v, p)
                    if not p > 0.0:
                        continue
                    cost = (ups + downs) * math.log(high / p) + (n - ups - downs) * (log_none_low - math.log1p(-p))
                    if account < cost:
                        continue
            after = k - ups + downs
            if acceptable(after, k, n, data):
                if OBSERVE:
                    noted = record_times(n, c, t - 1, k, v, p, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, no_bits, earlier)
                k = after
                v = level(k, n, data)
                if MEASURE:
                    measured(n, c, t, k, v, p, no_bits, later)
                    record_move(moves[out], state, earlier, later)
                moved = True
                if OBSERVE:
                    reached = record_hits(v, t, targets, reached, hits[out])
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if code == BAD_RATE:
            record_bad(bad[out], t, k, v, p)
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            until = FOREVER if code == OK else (budget if code == CENSORED else t - 1)
            record_times(n, c, until, k, v, p, times, noted, trajectory[out])
