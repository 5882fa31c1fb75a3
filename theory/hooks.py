"""The hooks: what a kernel asks of a process, with the definitions for OneMax at a constant rate.

A kernel template (``sim/kernels/*.py``) imports its hooks from here, so that it can be read and linted by itself.
``theory.compile.specialise`` replaces that import by the source of the process's own hooks; what a process doesn't
define stays as it stands here.

Notation: ``x`` is the current point as uint8 bits in *canonical* form (1 = agrees with the optimum, so the optimum is
all ones), ``y`` an offspring, ``k`` the number of zero-bits of x, ``v`` its fitness, ``flips[:m]`` the positions that
mutation flips (all different), ``ups`` how many of them are zero-bits, ``data`` the problem's int64 matrix.
"""

from __future__ import annotations

import numpy as np

STRICT = False  # True: an offspring of equal fitness is rejected
COMMA = False  # True: the best offspring replaces its parent even if it is worse
SUCCESS_RULE = False  # True: the number of offspring follows the success of each generation
FLIPS = 0  # 0: standard bit mutation; r > 0: exactly r uniform positions (RLS)
LETTERS = 2  # how many values a position of a point can take
RANDOM_ACCEPTANCE = False  # whether an offspring is kept is decided by ``accepts`` and ``accepts_pair``, not by its sign
SCALE = 1.0  # a kernel's difference of fitness is the user's, times this
POSITION_RATES = False  # settings[i] is the mutation rate of position i, at all times
STATIC_RATE = True  # the rate is the number p; otherwise it depends on t, k or v
TIMED_RATE = False  # the rate depends on t
CHECK_RATE = False  # the rate could not be proved to stay in [0, 1]: the kernel checks each value
TRACK_VALUE = False  # somebody needs v (a rate, a target, a potential)
VALUES_DECIDE = True  # points compare as their values v do; otherwise v is rounded, and only judge and compare are exact
COUNTS_DECIDE = True  # fitness depends on k alone, so acceptance needs no positions
MONOTONE = False  # strictly monotone in the canonical bits: an offspring without an up is worse
DECLARED = False  # strict monotonicity is the user's declaration: kernels that rely on it test it as they go
MEASURE = False  # count the rounds spent in each state, and add up by how much potentials fall in the moves out of it
ADAPTIVE = False  # the next mutation rate depends on whether the offspring was better, equal or worse
RANDOM_RATE = False  # the next mutation rate is drawn: first_rate and adapt get a uniform variate u
OBSERVE = False  # record hitting times of targets and trajectories of potentials


def rate(n, c, t, k, v, p):
    """Mutation rate of offspring t, made from a point with k zero-bits and fitness v."""
    return p


def first_rate(u, settings, memory):
    """Mutation rate of the first offspring, of algorithms whose rate changes from offspring to offspring; memory is zeros."""
    return settings[0]


def adapt(p, sign, u, n, c, t, settings, memory):
    """Mutation rate of offspring t + 1, where offspring t was made at rate p and ``sign`` is that of f(y) - f(x)."""
    return p


def level(k, n, data):
    """Fitness of a point with k zero-bits, for problems that depend on k alone."""
    return n - k


def value(x, data):
    """Fitness of x, computed from nothing."""
    zeros = 0
    for bit in x:
        zeros += 1 - bit
    return level(zeros, x.size, data)


def compare(y, x, data):
    """Sign of f(y) - f(x), exact, computed from nothing (the reference engine's judgement)."""
    after, before = value(y, data), value(x, data)
    return (after > before) - (after < before)


def judge(x, flips, m, ups, k, v, data):
    """Sign of f(y) - f(x), exact, and f(y), for the offspring y of x with ``flips[:m]`` flipped; x is left as it was."""
    before = level(k, x.size, data)
    after = level(k + m - 2 * ups, x.size, data)
    return (after > before) - (after < before), after


def part(x, j, data):
    """What part j of the bits is worth, where fitness is a sum over disjoint parts (see :mod:`theory.problems.parts`)."""
    return 0


def part_of(i, data):
    """The part to which position i belongs; -1 for none."""
    return -1


def remembered(x, data):
    """What an engine hands to ``judge`` as data in a run that starts at x: room for what is kept up to date from move to move.

    An engine that calls it calls ``moved`` after each move and asks ``judge`` about offspring of x alone; of one that is worse it
    may then get any fitness below f(x).
    """
    return data


def moved(x, flips, m, data):
    """Bring what is remembered up to date: x is where the move has led that flipped ``flips[:m]``."""


def weight(u, data):
    """A random weight by inversion of its law, from u, uniform on (0, 1]."""
    return u


def survival(loss, settings):
    """Probability that an offspring is kept that is worse by ``loss``, in the kernel's units."""
    return 0.0


def accepts(noise, ups, downs, sign, loss, settings, data):
    """Whether an offspring is kept, by counts; ``noise[: ups + downs]`` is uniform on (0, 1], loss = f(x) - f(y)."""
    return sign > 0 or (sign == 0 and not STRICT)


def accepts_pair(noise, y, x, settings, data):
    """As ``accepts``, word for word as the rule is defined, for the reference engine: one variate a position."""
    sign = compare(y, x, data)
    return sign > 0 or (sign == 0 and not STRICT)


def optimal(k, v, target):
    """Whether a point is optimal; ``target`` is the fitness to reach where the optimum isn't known to be all ones."""
    return k == 0


def potentials(n, c, t, k, v, p, x, row):
    """Write the observed potentials of the current point into ``row``; p is the parameter that the algorithm adapts."""
    row[0] = k


def record_times(n, c, before, k, v, p, x, times, done, rows):
    """Note the potentials of the current point at the times left before offspring ``before``; how many are noted now."""
    while done < times.size and times[done] < before:
        potentials(n, c, times[done], k, v, p, x, rows[done])
        done += 1
    return done


def measured(n, c, t, k, v, p, x, row):
    """Write the potentials whose drift is measured into ``row``."""
    row[0] = k


def state_of(k, v):
    """The state on which measured drift is conditioned, an index."""
    return np.int64(k)
