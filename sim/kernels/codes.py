"""What kernels and the code above them agree on: how a run ended, how it started, the version of the streams."""

from __future__ import annotations

import numpy as np

VERSION = 1  # part of every stream's key: raise it when a kernel's results change

OK = np.int64(0)  # the optimum was found
CENSORED = np.int64(1)  # the budget ran out
ENDLESS = np.int64(2)  # the next change would come later than 2^62 offspring
INTERRUPTED = np.int64(3)  # stop[0] was set
BAD_RATE = np.int64(4)  # bad[i] = t, k, v, p of a rate outside [0, 1]
NOT_A_NUMBER = np.int64(5)  # bad[i] = t, k, v, NaN: the fitness of an offspring is NaN
NOT_MONOTONE = np.int64(6)  # bad[i] = t, k, f(x), f(y); witness = x, y with y <= x but not f(y) < f(x)
NOT_A_POINT = np.int64(7)  # bad[i] = t, position, what a user's step wrote there, NaN

UNIFORM = np.int64(0)  # start_kind: each bit one with probability 1/2
ZEROS = np.int64(1)  # start_kind: exactly start_zeros zero-bits, uniform among those points
BITS = np.int64(2)  # start_kind: start_bits

POLL = np.int64((1 << 16) - 1)  # a kernel looks at stop[0] whenever rounds & POLL == 0

LARGEST_BUDGET = 2**62 - 2**32  # so that T plus one waiting time can't overflow
