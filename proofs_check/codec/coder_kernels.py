"""The 64-bit stack coder's compiled part: one symbol, and the long stretches of quiet rounds (rounds without an up).

``state`` holds the coder's state and the number of bytes in ``buffer``, both uint64. What a symbol is and why the overhead is
small stands in :mod:`proofs_check.codec.coders`; the loops below make the very same pushes as the readable code in
:mod:`proofs_check.codec.pair_code`, which a test checks byte by byte.

A quiet round at a point with m one-bits flips b of them: the set's rank among the C(m, b) sets of places is pushed, then the
symbol b of the kind's alphabet. ``binomials[k, i]`` is C(i, k).
"""

from __future__ import annotations

import math

import numpy as np

from theory.jit import kernel

DIGIT = 1 << 24  # numbers of up to this many values are one symbol; larger ones are cut into bytes
SPARE = 256  # bytes that a round may need


@kernel
def push_symbol(state, buffer, start, width):
    """Push the symbol that owns start .. start + width - 1 of 2^32."""
    wide, byte = np.uint64(width), np.uint64(8)
    limit = wide << np.uint64(32)
    x, length = state[0], np.int64(state[1])
    while x >= limit:
        buffer[length] = np.uint8(x & np.uint64(255))
        length += 1
        x >>= byte
    state[0] = ((x // wide) << np.uint64(32)) + np.uint64(start) + x % wide
    state[1] = np.uint64(length)


@kernel
def pop_symbol(state, buffer, start, width):
    """Undo :func:`push_symbol`."""
    x, length = state[0], np.int64(state[1])
    x = np.uint64(width) * (x >> np.uint64(32)) + (x & np.uint64(0xFFFFFFFF)) - np.uint64(start)
    while x < np.uint64(1) << np.uint64(56) and length > 0:
        length -= 1
        x = (x << np.uint64(8)) | np.uint64(buffer[length])
    state[0], state[1] = x, np.uint64(length)


@kernel
def _push_number(state, buffer, index, count):
    """As :func:`proofs_check.codec.coders.push_number`; the bits that it takes."""
    bits = 0.0
    while count > DIGIT:
        push_symbol(state, buffer, (index & 255) << 24, 1 << 24)
        bits += 8.0
        index >>= 8
        count = ((count - 1) >> 8) + 1
    if count > 1:
        start = (index << 32) // count
        width = ((index + 1) << 32) // count - start
        push_symbol(state, buffer, start, width)
        bits += 32.0 - math.log2(width)
    return bits


@kernel
def _pop_number(state, buffer, count):
    digits, top = 0, count
    while top > DIGIT:
        top = ((top - 1) >> 8) + 1
        digits += 1
    index = np.int64(0)
    if top > 1:
        seen = np.int64(state[0] & np.uint64(0xFFFFFFFF))
        index = ((seen + 1) * top - 1) >> 32
        start = (index << 32) // top
        pop_symbol(state, buffer, start, ((index + 1) << 32) // top - start)
    for _ in range(digits):
        digit = np.int64((state[0] & np.uint64(0xFFFFFFFF)) >> np.uint64(24))
        pop_symbol(state, buffer, digit << 24, 1 << 24)
        index = (index << 8) | digit
    return index


@kernel
def push_quiet(state, buffer, ideal, offsets, flips, t, bits, place, ones, binomials, bounds):
    """Push rounds t, t + 1, ... up to the first one with an up, with too many downs for the table, or without room.

    Returns the first round that was not pushed.
    """
    largest, last = binomials.shape[0] - 1, offsets.size - 1
    while t < last and np.int64(state[1]) + SPARE < buffer.size:
        first, b = offsets[t], offsets[t + 1] - offsets[t]
        if b > largest:
            break
        rank, quiet = np.int64(0), True
        for j in range(b):
            flip = flips[first + j]
            if bits[flip] == 0:
                quiet = False
                break
            rank += binomials[j + 1, place[flip]]
        if not quiet:
            break
        ideal[0] += _push_number(state, buffer, rank, binomials[b, ones])
        width = bounds[b + 1] - bounds[b]
        push_symbol(state, buffer, bounds[b], width)
        ideal[0] += 32.0 - math.log2(width)
        t += 1
    return t


@kernel
def pop_quiet(state, buffer, counts, flips, t, used, ones, binomials, bounds):
    """Pop rounds t - 1, t - 2, ... down to the first one of another kind.

    ``counts[t]`` becomes the number of flips of round t; the flips are appended to ``flips``, the last one of a round first.
    Returns the last round that was popped, and how much of ``flips`` is used.
    """
    largest = binomials.shape[0] - 1
    while t > 0 and used + largest <= flips.size:
        seen = np.int64(state[0] & np.uint64(0xFFFFFFFF))
        if seen >= bounds[largest + 1]:
            break
        b = 0
        while seen >= bounds[b + 1]:
            b += 1
        pop_symbol(state, buffer, bounds[b], bounds[b + 1] - bounds[b])
        rank = _pop_number(state, buffer, binomials[b, ones.size])
        high = ones.size
        for k in range(b, 0, -1):
            low = 0  # the largest i < high with C(i, k) <= rank
            while high - low > 1:
                middle = (low + high) // 2
                if binomials[k, middle] <= rank:
                    low = middle
                else:
                    high = middle
            rank -= binomials[k, low]
            flips[used] = ones[low]
            used += 1
            high = low
        t -= 1
        counts[t] = b
    return t, used
