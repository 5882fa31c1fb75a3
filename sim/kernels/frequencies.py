"""Frequencies of estimation-of-distribution algorithms, as whole numbers of 1/parts, and sampling from them.

``q[i] / parts`` is the probability of a one-bit at position i. A position *at a border* (q = low or q = high) has its likely bit
but for a small probability, low / parts: those that deviate are found by geometric jumps along an endless tape on which the
samples of all positions at a border stand behind each other. Each place of the tape deviates independently with the same
probability, whichever position it belongs to, so that what is left of a jump stays valid when positions come and go.

The other positions, ``order[:middle]``, are drawn one by one: as many uniform bytes as there are bits, and a tie with the leading
byte of the threshold is broken by further 45 bits. This is the event that a uniform variate of 53 bits is below q / parts,
rounded to 53 bits.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.offspring import difference
from sim.kernels.random import failures, next_word
from theory.jit import kernel

_U = np.uint64
_REST = np.int64((1 << 45) - 1)


@kernel
def threshold(q, scale):
    """A uniform integer of 53 bits lies below this number with probability q / parts; scale = 2^53 / parts."""
    return np.int64(q * scale)


@kernel
def expected_zeros(q, parts):
    """The expected number of zero-bits of a sample."""
    total = 0
    for i in range(q.size):
        total += parts - q[i]
    return float(total) / float(parts)


@kernel
def draw_middle(s, x, order, middle, thresholds, flips):
    """Sample the positions that are not at a border; write those that differ from x into ``flips`` and return how many."""
    word, m = np.int64(0), 0
    for j in range(middle):
        i = order[j]
        if j & 7 == 0:
            word = np.int64(next_word(s))
        byte = word & 255
        word >>= 8
        first = thresholds[i] >> 45
        bit = byte < first
        if byte == first:
            bit = np.int64(next_word(s) >> _U(19)) < (thresholds[i] & _REST)
        flips[m] = i  # overwritten by the next one if it doesn't differ: no branch to mispredict
        m += bit != x[i]
    return m


@kernel
def draw_deviations(s, order, middle, gap, hazard, odd):
    """Which positions at a border deviate in the next sample: (how many stand in ``odd`` now, what is left of the jump)."""
    count, border = 0, order.size - middle
    place = np.int64(0)
    while gap < border - place:
        place += gap
        odd[count] = order[middle + place]
        count += 1
        place += 1
        gap = failures(s, hazard)
    return count, gap - (border - place) if hazard > 0.0 else gap


@kernel
def next_sample(s, x, order, middle, thresholds, gap, hazard, odd, odds, fresh, changed, flips):
    """A sample, as its differences from x.

    ``odd[:odds]`` are the positions at a border that deviate in x. Returns how many positions stand in ``flips`` (of size n + 1),
    how many deviating ones in ``fresh``, what is left of the jump, and the scratch space ``changed``.
    """
    m = draw_middle(s, x, order, middle, thresholds, flips)
    count, gap = draw_deviations(s, order, middle, gap, hazard, fresh)
    changed, extra = difference(x, odd, odds, fresh, count, changed)
    for j in range(extra):
        flips[m + j] = changed[j]
    return m + extra, count, gap, changed


@kernel
def put_in_order(q, low, high, order):
    """List the positions, those that are not at a border first; return how many these are."""
    middle, last = 0, q.size
    for i in range(q.size):
        if low < q[i] < high:
            order[middle] = i
            middle += 1
        else:
            last -= 1
            order[last] = i
    return middle


@kernel
def move_in_order(order, place, middle, i, inside):
    """Put position i among those in the middle, or at a border; return how many are in the middle now."""
    if inside == (place[i] < middle):
        return middle
    other = middle if inside else middle - 1  # the place at the edge, on i's side
    j = order[other]
    order[place[i]], place[j] = j, place[i]
    order[other], place[i] = i, other
    return middle + 1 if inside else middle - 1
