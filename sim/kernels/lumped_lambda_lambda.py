"""The lumped engine of the (1+(lambda,lambda)) GA where fitness depends on k alone: the chain of (k, lambda), in O(1) memory.

Definition: :mod:`theory.algorithms.one_plus_lambda_lambda`; ``settings`` is [first lambda, its factor after an improvement, its
factor otherwise]. For potentials p is lambda. Of the l positions that a mutant flips a hypergeometric number are zero-bits, the
ups; of x' a crossover offspring takes binomial numbers of its ups and of its downs.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import half_binomial
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_hits, record_move, record_stay
from theory.hooks import MEASURE, OBSERVE, level, measured, potentials, state_of
from theory.jit import hook, kernel

HALF = 0.5 + 1e-9  # a lambda that is a half but for rounding errors is rounded upwards


@hook
def record_times(n, c, before, k, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left before offspring ``before``."""
    while noted < times.size and times[noted] < before:
        potentials(n, c, times[noted], k, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@hook
def ups_among(s, k, n, strength):
    """How many zero-bits there are among so many different positions, drawn one by one (those not flipped if that is less)."""
    few = min(strength, n - strength)
    drawn = 0
    for j in range(few):
        drawn += below(s, n - j) < k - drawn
    return drawn if few == strength else k - drawn


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
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
        v = level(k, n, data)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        begin, t, made, rounds = np.int64(0), np.int64(0), 0, 0  # offspring before this generation; the optimal one
        lam = settings[0]
        while k > 0:
            if begin >= budget:
                code = CENSORED
                break
            made += 1
            offspring = np.int64(math.floor(lam + HALF))
            hazard = -math.log1p(-lam / n)
            strength, place = np.int64(0), failures(s, hazard)
            while place < n:
                strength += 1
                place += 1 + failures(s, hazard)
            hazard = -math.log1p(-1.0 / lam)
            jump = np.int64(0)  # positions of the second phase to pass before the next one that is taken
            number, seen = np.int64(0), np.int64(0)  # offspring before the next one that is made; made and seen in this phase
            mutant_ups = np.int64(0)
            ties, best, best_ups, best_level = 0, k, np.int64(0), v
            while strength > 0 and number < 2 * offspring:
                rounds += 1
                if rounds & POLL == 0 and stop[0] != 0:
                    code = INTERRUPTED
                    break
                if number == offspring:  # x' is known, and the second phase begins
                    mutant_ups = best_ups
                    seen, ties, best, best_level = np.int64(0), 0, k, v
                    jump = failures(s, hazard)
                if number >= offspring:
                    number = offspring + min(jump // strength, offspring)
                if number == 2 * offspring or begin + number >= budget:
                    break
                ups, downs = np.int64(0), np.int64(0)
                if number < offspring:
                    ups = ups_among(s, k, n, strength)
                    downs = strength - ups
                else:
                    start = (number - offspring) * strength
                    while jump < start + strength:
                        if jump < start + mutant_ups:
                            ups += 1
                        else:
                            downs += 1
                        jump += 1 + failures(s, hazard)
                number += 1
                seen += 1
                after = k - ups + downs
                after_level = level(after, n, data)
                if OBSERVE:
                    reached = record_hits(after_level, begin + number, targets, reached, hits[out])
                better = ties == 0 or after_level > best_level or after == 0
                if not better and after_level == best_level:
                    ties += 1
                    better = below(s, ties) == 0
                elif better:
                    ties = 1
                if better:
                    best, best_ups, best_level = after, ups, after_level
                if after == 0:
                    t = begin + number
                    break
            if code != OK:
                break
            end = t if t > 0 else begin + 2 * offspring
            if end > budget:  # the budget cuts the generation off
                code = CENSORED
                break
            if OBSERVE:
                noted = record_times(n, c, end, k, v, lam, times, noted, trajectory[out])
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
                measured(n, c, end, k, v, lam, no_bits, earlier)
            copies = offspring - seen
            improved = ties > 0 and strength > 0 and best_level > v
            if t > 0 or improved:
                k = best
            elif ties > 0 and best_level == v and (copies == 0 or below(s, ties + copies) < ties):
                k = best
            v = level(k, n, data)
            if MEASURE:
                measured(n, c, end, k, v, lam, no_bits, later)
                record_move(moves[out], state, earlier, later)
            if t == 0:
                lam = max(lam * settings[1], 1.0) if improved else min(lam * settings[2], float(n))
            begin = end
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = made
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, lam, times, noted, trajectory[out])
