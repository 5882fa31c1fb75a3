"""Stack coders: a symbol that owns a share f/M of the numbers 0 .. M - 1 is pushed for about log2(M/f) bits, and popped again.

J. Duda, *Asymmetric numeral systems*, arXiv 1311.2540 (2013): rANS. Last in, first out, which is what a code that is written
forwards in time and read backwards needs.

Notation: M = 2^32; a symbol owns C .. C + f - 1 with 1 <= f < M. The state is a natural number X:

    push:  X <- floor(X / f) M + C + (X mod f)          pop:  v = X mod M in [C, C + f);  X <- f floor(X / M) + v - C.

:class:`Integers` does just that with integers of any size, starting from X = L = 2^56. :class:`Words` keeps X in [L, 2^64) by
moving its lowest byte to a buffer before a push as long as X >= 2^32 f, and back after a pop while X < L; since M divides L, the
two undo each other.

**Overhead.** Write q = floor(X / f) at the moment of the push. X >= L and f < M give q >= 2^24 (for Words X is in
[2^24 f, 2^32 f) after the bytes have moved), and X' < (q + 1) M while X M / f >= q M. So log2 X, with 8 bits for each byte in the
buffer, grows by at most

    log2(M / f) + log2(1 + 2^-24) <= log2(M / f) + 2^-23.4.

It starts at 56 bits; Words stores the last state in 64 bits where it counts for at least 56. So N symbols take at most
64 + N 2^-23.4 bits (Integers: 57 + N 2^-23.4) more than the sum of their log2(M / f): at most 128 up to N = 7 * 10^8.

**Frequencies** come from integer weights by :func:`boundaries`, in integer arithmetic alone, so that every machine has the same.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np

BITS = 32
TOTAL = 1 << BITS
START = 1 << 56
_DIGIT = 1 << 24


def boundaries(weights: Iterable[int], total: int | None = None) -> list[int]:
    """0 = C_0 < C_1 < ... <= M: symbol s owns C_s .. C_(s+1) - 1.

    With W_s the sum of the weights before s and N symbols, C_s = floor((M - N) W_s / total) + s. So every symbol owns something,
    and at least a share (1 - N/M) w_s / total.

    Parameters
    ----------
    weights : iterable of int
        Not negative.
    total : int, optional
        If larger than their sum, the rest is nobody's.

    Examples
    --------
    >>> boundaries([1, 3]) == [0, 2**30, 2**32]
    True
    """
    sums = [0, *accumulate(weights)]
    room, whole = TOTAL - (len(sums) - 1), sums[-1] if total is None else total
    assert room > 0 and whole >= sums[-1] and whole > 0
    return [room * part // whole + s for s, part in enumerate(sums)]


class Integers:
    """The reference: the state is one integer of any size (so a long code costs quadratic time).

    Attributes
    ----------
    ideal : float
        Sum of log2(M / f) of what was pushed, in bits.

    Examples
    --------
    >>> stack = Integers()
    >>> stack.push(start=5, width=10)
    >>> stack.top() in range(5, 15), stack.empty
    (True, False)
    >>> stack.pop(5, 10)
    >>> stack.empty
    True
    """

    def __init__(self, state: int = START) -> None:
        self.state, self.ideal = state, 0.0

    def push(self, start: int, width: int) -> None:
        """Push the symbol that owns start .. start + width - 1."""
        if width < TOTAL:
            self.state = self.state // width * TOTAL + start + self.state % width
            self.ideal += BITS - math.log2(width)

    def top(self) -> int:
        """The number v in 0 .. M - 1 that says which symbol is on top."""
        return self.state % TOTAL

    def pop(self, start: int, width: int) -> None:
        """Take the symbol away."""
        if width < TOTAL:
            self.state = width * (self.state // TOTAL) + self.state % TOTAL - start

    @property
    def empty(self) -> bool:
        """Nothing has been pushed that wasn't popped."""
        return self.state == START

    def to_bytes(self) -> bytes:
        """The state, in as many bytes as it needs."""
        return self.state.to_bytes((self.state.bit_length() + 7) // 8, "little")

    @classmethod
    def from_bytes(cls, data: bytes) -> Integers:
        """The coder in the state that was stored."""
        return cls(int.from_bytes(data, "little"))


class Words:
    """The same in 64-bit words and a buffer of bytes; constant time a symbol.

    Examples
    --------
    >>> stack = Words()
    >>> for _ in range(100):
    ...     stack.push(5, 10)
    >>> len(stack.to_bytes()) * 8 - stack.ideal <= 64 + 1e-3
    True
    """

    def __init__(self, data: bytes = b"") -> None:
        from proofs_check.codec import coder_kernels

        self._kernels = coder_kernels
        self.sum = np.zeros(1)  # ideal length, where kernels find it
        self.state = np.array([START, 0], dtype=np.uint64)
        if data:
            self.state[0], self.state[1] = int.from_bytes(data[-8:], "little"), len(data) - 8
        self.buffer = np.zeros(max(4096, len(data)), dtype=np.uint8)
        if len(data) > 8:
            self.buffer[: len(data) - 8] = np.frombuffer(data[:-8], dtype=np.uint8)

    def make_room(self, size: int = 4096) -> None:
        """Have that many bytes free."""
        used = int(self.state[1])
        if self.buffer.size - used < size:
            grown = np.zeros(2 * self.buffer.size + size, dtype=np.uint8)
            grown[:used] = self.buffer[:used]
            self.buffer = grown

    def push(self, start: int, width: int) -> None:
        """Push the symbol that owns start .. start + width - 1."""
        if width < TOTAL:
            self.make_room(16)
            self._kernels.push_symbol(self.state, self.buffer, start, width)
            self.sum[0] += BITS - math.log2(width)

    def top(self) -> int:
        """The number v in 0 .. M - 1 that says which symbol is on top."""
        return int(self.state[0]) % TOTAL

    def pop(self, start: int, width: int) -> None:
        """Take the symbol away."""
        if width < TOTAL:
            self._kernels.pop_symbol(self.state, self.buffer, start, width)

    @property
    def ideal(self) -> float:
        """Sum of log2(M / f) of what was pushed, in bits."""
        return float(self.sum[0])

    @property
    def empty(self) -> bool:
        """Nothing has been pushed that wasn't popped."""
        return int(self.state[0]) == START and int(self.state[1]) == 0

    def to_bytes(self) -> bytes:
        """The buffer, then the state in 8 bytes."""
        return self.buffer[: int(self.state[1])].tobytes() + int(self.state[0]).to_bytes(8, "little")

    @classmethod
    def from_bytes(cls, data: bytes) -> Words:
        """The coder in the state that was stored."""
        return cls(data)


Stack = Integers | Words


def push_symbol(stack: Stack, symbol: int, bounds: Sequence[int]) -> None:
    """Push one of an alphabet whose shares are given by their boundaries."""
    stack.push(bounds[symbol], bounds[symbol + 1] - bounds[symbol])


def pop_symbol(stack: Stack, bounds: Sequence[int]) -> int:
    """Pop one of that alphabet; its size, where nobody owns what is on top."""
    symbol = bisect_right(bounds, stack.top()) - 1
    if symbol < len(bounds) - 1:
        stack.pop(bounds[symbol], bounds[symbol + 1] - bounds[symbol])
    return symbol


def push_number(stack: Stack, index: int, count: int) -> None:
    """Push one of 0 .. count - 1, all alike: log2(count) bits and less than 0.006 more.

    Up to 2^24 numbers are one symbol; more are cut into bytes, lowest first, each for exactly 8 bits.

    Examples
    --------
    >>> stack = Integers()
    >>> push_number(stack, 10**30, 10**40)
    >>> round(stack.ideal - math.log2(10**40), 3), pop_number(stack, 10**40) == 10**30
    (0.0, True)
    """
    assert 0 <= index < count
    while count > _DIGIT:
        stack.push((index & 255) << 24, 1 << 24)
        index, count = index >> 8, ((count - 1) >> 8) + 1
    start = (index << BITS) // count
    stack.push(start, ((index + 1) << BITS) // count - start)


def pop_number(stack: Stack, count: int) -> int:
    """Undo :func:`push_number`."""
    digits = 0
    while count > _DIGIT:
        count, digits = ((count - 1) >> 8) + 1, digits + 1
    index = ((stack.top() + 1) * count - 1) >> BITS  # the last one whose share begins at or before what is on top
    start = (index << BITS) // count
    stack.pop(start, ((index + 1) << BITS) // count - start)
    for _ in range(digits):
        digit = stack.top() >> 24
        stack.pop(digit << 24, 1 << 24)
        index = index << 8 | digit
    return index


def rank(places: Iterable[int]) -> int:
    """The rank of an ascending set of places among the sets of its size: sum of C(place_k, k), k = 1, 2, ...

    >>> [rank(s) for s in ([0, 1], [0, 2], [1, 2], [0, 3])]
    [0, 1, 2, 3]
    """
    return sum(math.comb(int(place), k) for k, place in enumerate(places, 1))


def unrank(index: int, size: int, count: int) -> list[int]:
    """The set of ``size`` of ``count`` places with that rank, ascending.

    >>> unrank(2, 2, 4)
    [1, 2]
    """
    places, high = [], count
    for k in range(size, 0, -1):
        low = k - 1
        while high - low > 1:  # the largest place below high with C(place, k) <= index
            middle = (low + high) // 2
            low, high = (middle, high) if math.comb(middle, k) <= index else (low, middle)
        index -= math.comb(low, k)
        places.append(low)
        high = low
    return places[::-1]
