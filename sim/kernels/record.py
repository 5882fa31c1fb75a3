"""What kernels write down about a run besides its length, and what they do with points and lists of positions."""

from __future__ import annotations

import numpy as np

from theory.jit import kernel


@kernel
def record_hits(v, t, targets, reached, row):
    """Note t for the targets that fitness v has reached now; return how many are reached in all."""
    while reached < targets.size and v >= targets[reached]:
        row[reached] = t
        reached += 1
    return reached


@kernel
def record_all_hits(t, targets, reached, row):
    """At the optimum every target left is reached."""
    while reached < targets.size:
        row[reached] = t
        reached += 1


@kernel
def record_stay(row, state, rounds):
    """Count rounds spent in a state; ``row`` is (state, 1 + potentials): rounds, then summed decreases."""
    row[state, 0] += rounds


@kernel
def record_move(row, state, before, after):
    """Add up how much the potentials fell in a move out of a state."""
    for j in range(before.size):
        row[state, 1 + j] += before[j] - after[j]


@kernel
def record_bad(row, t, k, v, p):
    """Note where a run had to be given up."""
    row[0], row[1], row[2], row[3] = t, k, v, p


@kernel
def copy_into(target, source):
    """Make target the same as source, of the same length; ``target[:] = source`` would compile numba's words about shapes."""
    for i in range(target.size):
        target[i] = source[i]


@kernel
def twice_as_long(array):
    """A copy of an int64 array with as much room behind it."""
    longer = np.empty(2 * array.size, np.int64)
    for i in range(array.size):
        longer[i] = array[i]
    return longer


@kernel
def sort_first(array, count):
    """Sort the first few entries in place, by insertion."""
    for i in range(1, count):
        item, j = array[i], i
        while j > 0 and array[j - 1] > item:
            array[j] = array[j - 1]
            j -= 1
        array[j] = item
