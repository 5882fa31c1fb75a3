"""An independent oracle for algorithms with several offspring a generation: all their draws, one by one, in fractions (no tests
here).

A *generation* of a state is what a function ``generation(state, t)`` returns: a list of (probability, offspring, next state),
where ``offspring`` are the points that are evaluated, in their order, and ``next state`` is what the algorithm goes on with; t
is the number of offspring made before. It is written from the definitions alone, by enumeration of everything that can be
drawn.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from fractions import Fraction
from math import comb, floor

import numpy as np
from laws import has_law


def points(n):
    return list(itertools.product((0, 1), repeat=n))


def mutants(x, p):
    """All offspring of standard bit mutation with their probabilities."""
    return [(weight, y) for y in points(len(x)) if (weight := _differences(x, y, p))]


def _differences(x, y, p):
    weight = Fraction(1)
    for a, b in zip(x, y, strict=True):
        weight *= p if a != b else 1 - p
    return weight


def best_of(ys, f):
    """The best points of a sequence, each as often as it is there."""
    top = max(map(f, ys))
    return [y for y in ys if f(y) == top]


def lambda_generation(f, lam, rate, comma=False, strict=False):
    """The (1+lambda) or the (1,lambda) EA; rate(x, t) is the rate, t the number of the generation's first offspring."""

    def generation(x, before):
        result = []
        for drawn in itertools.product(mutants(x, rate(x, before + 1)), repeat=lam):
            weight, ys = Fraction(1), [y for _, y in drawn]
            for w, _ in drawn:
                weight *= w
            best = best_of(ys, f)
            for y in best:
                kept = comma or f(y) > f(x) or (f(y) == f(x) and not strict)
                result.append((weight / len(best), ys, y if kept else x))
        return result

    return generation


def success_rule_generation(f, rate, factor, s):
    """The self-adjusting (1,lambda) EA; a state is (point, lambda)."""

    def generation(state, before):
        x, lam = state
        result = []
        for weight, ys, y in lambda_generation(f, floor(lam + 0.5 + 1e-6), rate, comma=True)(x, before):
            after = max(lam / factor, 1.0) if f(y) > f(x) else lam * factor ** (1 / s)
            result.append((weight, ys, (y, round(after, 9))))
        return result

    return generation


def mu_generation(f, rate):
    """The (mu+1) EA; a state holds the points from the oldest to the youngest, rate(x, t) is that of the parent."""

    def generation(state, before):
        result, low = [], min(map(f, state))
        for x in state:
            for weight, y in mutants(x, rate(x, before + 1)):
                worst = [i for i, z in enumerate(state) if f(z) == low] if f(y) >= low else []
                for i in worst:
                    result.append((weight / len(state) / len(worst), [y], (*state[:i], *state[i + 1 :], y)))
                if not worst:
                    result.append((weight / len(state), [y], state))
        return result

    return generation


def lambda_lambda_generation(f, factor=None):
    """The (1+(lambda,lambda)) GA; a state is (point, lambda), and without a factor lambda stands still."""

    def generation(state, before):
        x, lam = state
        n, m = len(x), floor(lam + 0.5 + 1e-6)
        exact, result = Fraction(lam), []
        for strength in range(n + 1):
            of_strength = comb(n, strength) * (exact / n) ** strength * (1 - exact / n) ** (n - strength)
            sets = list(itertools.combinations(range(n), strength))
            for chosen in itertools.product(sets, repeat=m) if of_strength else ():
                mutated = [tuple(b ^ (i in flips) for i, b in enumerate(x)) for flips in chosen]
                best = best_of(mutated, f)
                for mutant in best:
                    weight = of_strength / len(sets) ** m / len(best)
                    for crossed in itertools.product(_crossings(x, mutant, 1 / exact), repeat=m):
                        joint, ys = weight, [y for _, y in crossed]
                        for w, _ in crossed:
                            joint *= w
                        tops = best_of(ys, f)
                        for y in tops:
                            after = lam
                            if factor is not None:
                                after = max(lam / factor, 1.0) if f(y) > f(x) else min(lam * factor**0.25, float(n))
                            result.append((joint / len(tops), mutated + ys, (y if f(y) >= f(x) else x, round(after, 9))))
        return result

    return generation


def _crossings(x, mutant, chance):
    """All crossover offspring, which take each bit from the mutant with this probability."""
    apart = [i for i in range(len(x)) if x[i] != mutant[i]]
    for taken in itertools.product((0, 1), repeat=len(apart)):
        weight = chance ** sum(taken) * (1 - chance) ** (len(taken) - sum(taken))
        if weight:
            places = {i for i, take in zip(apart, taken, strict=True) if take}
            yield weight, tuple(mutant[i] if i in places else b for i, b in enumerate(x))


def champion(f):
    """The best point of a population, the youngest of several."""
    return lambda state: max(reversed(state), key=f)


class Law:
    """The law of a run, generation by generation, up to ``horizon`` offspring.

    Parameters
    ----------
    states : dict of state to probability
        At the start, where all points evaluated so far are in the state.
    generation : function
    ends : function of a point
        Whether a run ends there (the optimum), or whether a target is reached.
    look : function of a state
        The point that is observed.
    timed : bool
        Whether generations depend on t.
    """

    def __init__(self, states, generation, ends, horizon, look=lambda state: state, evaluated=lambda state: [state], timed=False):
        self.pmf = np.zeros(horizon + 1)
        self._at = [defaultdict(float) for _ in range(horizon + 1)]  # (observed point) of runs that go on after t offspring
        known = {}
        alive = [defaultdict(float) for _ in range(horizon + 1)]  # states after t offspring, at the end of a generation
        for state, weight in states.items():
            if any(map(ends, evaluated(state))):
                self.pmf[0] += weight
            else:
                alive[0][state] += float(weight)
        for t in range(horizon + 1):
            for state, mass in alive[t].items():
                self._at[t][look(state)] += mass
                key = (state, t if timed else 0)
                if key not in known:
                    known[key] = self._short(generation(state, t), ends)
                step, stops, survival, moves = known[key]
                for j in range(min(step, horizon - t)):
                    self.pmf[t + 1 + j] += mass * stops[j]
                    if j + 1 < step:
                        self._at[t + 1 + j][look(state)] += mass * survival[j]
                if t + step <= horizon:
                    for other, weight in moves.items():
                        alive[t + step][other] += mass * weight

    @staticmethod
    def _short(drawn, ends):
        """Where a generation ends the run, its chance to be alive after each offspring, and where it leads then."""
        step = len(drawn[0][1])
        stops, moves = [Fraction(0)] * step, defaultdict(Fraction)
        for weight, ys, other in drawn:
            first = next((j for j, y in enumerate(ys) if ends(y)), None)
            if first is None:
                moves[other] += weight
            else:
                stops[first] += weight
        assert sum(stops) + sum(moves.values()) == 1
        survival = [1 - sum(stops[: j + 1]) for j in range(step)]
        return step, list(map(float, stops)), list(map(float, survival)), {o: float(w) for o, w in moves.items()}

    def going_on(self, t):
        """What is observed after t offspring in runs that go on, with its probability."""
        return dict(self._at[t])

    def zeros_at(self, t, n):
        """The law of k of the observed point after t offspring; runs that have ended count as k = 0."""
        law = np.zeros(n + 1)
        law[0] = self.pmf[: t + 1].sum()
        for x, mass in self.going_on(t).items():
            law[n - sum(x)] += mass
        return law


def uniform_start(n):
    return {x: Fraction(1, 2**n) for x in points(n)}


def law_of_states(runs, j, t, law, n):
    """Chi-square of (k, lambda) after t offspring, the j-th time observed, where a state is (point, lambda); one class: ended."""
    classes = {}
    for (x, value), mass in law.going_on(t).items():
        key = (n - sum(x), round(value, 6))
        classes[key] = classes.get(key, 0.0) + mass
    order = sorted(classes)
    index = {key: i + 1 for i, key in enumerate(order)}
    going, seen = runs.evaluations > t, runs.observed["potentials"]
    sample = np.zeros(len(going), np.int64)
    pairs = zip(seen["k"][going, j], seen["lam"][going, j], strict=True)
    sample[going] = [index[int(k), round(value, 6)] for k, value in pairs]
    return has_law(sample, np.array([law.pmf[: t + 1].sum(), *(classes[key] for key in order)]))
