"""The streams and what kernels draw from them, against their laws.

Error rate: each p-value is held against 1e-5; there are fewer than 20.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy import stats

from sim.kernels.random import FOREVER, below, exponential, failures, next_word, seed_stream, uniform

DRAWS = 200_000


def _stream(replicate=0, key=(1, 2, 3, 4)):
    s = np.empty(4, np.uint64)
    seed_stream(s, np.array(key, np.uint64), replicate)
    return s


@numba.njit
def _many(s, count, bound, hazard):
    table = np.empty((4, count))
    for i in range(count):
        table[0, i] = exponential(s)
        table[1, i] = below(s, bound)
        table[2, i] = uniform(s)
        table[3, i] = failures(s, hazard)
    return table


def test_draws_have_their_laws_in_the_body_and_in_the_tail():
    hazard = -np.log1p(-0.3)
    e, u, v, f = _many(_stream(), DRAWS, 10, hazard)
    assert stats.kstest(e, "expon").pvalue > 1e-5
    tail = e[e > 7.7]  # beyond the ziggurat's last layer
    assert len(tail) > 50 and stats.kstest(tail - 7.7, "expon").pvalue > 1e-5
    assert stats.chisquare(np.bincount(u.astype(int), minlength=10)).pvalue > 1e-5
    assert stats.kstest(v, "uniform").pvalue > 1e-5
    counts = np.bincount(np.minimum(f, 20).astype(int), minlength=21)
    law = stats.geom(0.3, loc=-1)
    assert stats.chisquare(counts, DRAWS * np.append(law.pmf(np.arange(20)), law.sf(19))).pvalue > 1e-5


def test_a_success_that_never_comes_is_forever_and_a_certain_one_comes_at_once():
    s = _stream()
    assert failures(s, 0.0) == FOREVER == 2**62
    assert failures(s, 1e-300) == FOREVER
    assert failures(s, np.inf) == 0
    assert below(s, 1) == 0


def test_the_words_are_those_of_xoshiro256_plus_plus():
    def reference(state):  # the published algorithm, on Python's integers
        mask, rotate = 2**64 - 1, lambda x, k: ((x << k) | (x >> (64 - k))) & (2**64 - 1)
        while True:
            yield (rotate((state[0] + state[3]) & mask, 23) + state[0]) & mask
            t = (state[1] << 17) & mask
            state[2] ^= state[0]
            state[3] ^= state[1]
            state[1] ^= state[2]
            state[0] ^= state[3]
            state[2] ^= t
            state[3] = rotate(state[3], 45)

    s = np.array([1, 2, 3, 4], np.uint64)
    words = reference([1, 2, 3, 4])
    assert [int(next_word(s)) for _ in range(1000)] == [next(words) for _ in range(1000)]


def test_streams_of_replicates_and_keys_are_different_and_uncorrelated():
    assert len({tuple(_stream(r)) for r in range(1000)} | {tuple(_stream(0, (1, 2, 3, k))) for k in range(5, 1000)}) == 1995
    first = np.array([uniform(_stream(r)) for r in range(20_000)])
    assert stats.kstest(first, "uniform").pvalue > 1e-5
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 4.5 / np.sqrt(len(first))
