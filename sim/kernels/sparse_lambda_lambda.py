"""The sparse engine of the (1+(lambda,lambda)) GA: offspring as sets of flips.

Definition: :mod:`theory.algorithms.one_plus_lambda_lambda`; ``settings`` is [first lambda, its factor after an improvement, its
factor otherwise]. For potentials p is lambda. The strength l is counted along one row of n bits by geometric jumps, a mutant is
l different positions by rejection, and a crossover offspring takes each of the l positions in which x' differs from x: along
one tape over the m l positions of all of them, again by geometric jumps. What takes none is a copy of x: it is counted, since
it takes part in ties, and never made.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.offspring import difference, flip, ups_in
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from sim.kernels.start import draw_start
from theory.hooks import MEASURE, OBSERVE, VALUES_DECIDE, judge, measured, optimal, record_times, state_of, value
from theory.jit import hook, kernel

HALF = 0.5 + 1e-9  # a lambda that is a half but for rounding errors is rounded upwards


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
def mutate(s, x, flips, strength):
    """Choose so many different positions, by rejection; of more than half of all, the others."""
    n = x.size
    few = min(strength, n - strength)
    for j in range(few):
        place = below(s, n)
        while x[place] > 1:
            place = below(s, n)
        flips[j] = place
        x[place] += 2  # a mark, so that no position is taken twice
    for j in range(few):
        x[flips[j]] -= 2
    if few == strength:
        return
    for j in range(few):
        x[flips[j]] += 2
    count = 0
    for i in range(n):
        if x[i] > 1:
            x[i] -= 2
        else:
            flips[count] = i
            count += 1


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    flips, best, mutant = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    scratch = np.empty(64, np.int64)
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
        begin, t, made, rounds = 0, 0, 0, 0  # offspring before this generation; the optimal one; generations begun
        lam = settings[0]
        done = optimal(k, v, target)
        while not done:
            if begin >= budget:
                code = CENSORED
                break
            made += 1
            offspring = np.int64(math.floor(lam + HALF))
            hazard = -math.log1p(-lam / n)
            strength, place = 0, failures(s, hazard)
            while place < n:
                strength += 1
                place += 1 + failures(s, hazard)
            hazard = -math.log1p(-1.0 / lam)
            jump = np.int64(0)  # positions of the second phase to pass before the next one that is taken
            number, seen = 0, 0  # offspring of this generation before the next one that is made; made and seen in this phase
            ties, m_best, ups_best, sign_best, v_best = 0, 0, 0, -1, v
            while strength > 0 and number < 2 * offspring and not done:
                rounds += 1
                if rounds & POLL == 0 and stop[0] != 0:
                    code = INTERRUPTED
                    break
                if number == offspring:  # x' is known, and the second phase begins
                    mutant, best = best, mutant
                    seen, ties, m_best, ups_best, sign_best, v_best = 0, 0, 0, 0, -1, v
                    jump = failures(s, hazard)
                if number >= offspring:
                    number = offspring + min(jump // strength, offspring)
                if number == 2 * offspring or begin + number >= budget:
                    break
                m = strength
                if number < offspring:
                    mutate(s, x, flips, strength)
                else:
                    m = 0
                    start = (number - offspring) * strength
                    while jump < start + strength:
                        flips[m] = mutant[jump - start]
                        m += 1
                        jump += 1 + failures(s, hazard)
                number += 1
                seen += 1
                if stop[0] != 0:  # a user's function may take long
                    code = INTERRUPTED
                    break
                ups = ups_in(x, flips, m)
                sign, after = judge(x, flips, m, ups, k, v, data)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], begin + number, k, v, np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, begin + number, targets, reached, hits[out])
                done = optimal(k + m - 2 * ups, after, target)
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
            if code != OK:
                break
            t = begin + number if done else begin + 2 * offspring
            if t > budget:  # the budget cuts the generation off
                code = CENSORED
                break
            if OBSERVE:
                noted = record_times(n, c, t, k, v, lam, x, times, noted, trajectory[out])
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
            copies = offspring - seen
            if strength > 0 and (done or sign_best > 0 or (sign_best == 0 and (copies == 0 or below(s, ties + copies) < ties))):
                if MEASURE:
                    measured(n, c, t, k, v, lam, x, earlier)
                flip(x, best, m_best)
                k += m_best - 2 * ups_best
                v = v_best
                if MEASURE:
                    measured(n, c, t, k, v, lam, x, later)
                    record_move(moves[out], state, earlier, later)
            if not done:
                lam = max(lam * settings[1], 1.0) if sign_best > 0 else min(lam * settings[2], float(n))
            begin = t
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = made
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, lam, x, times, noted, trajectory[out])
