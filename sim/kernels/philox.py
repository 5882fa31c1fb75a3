"""Random streams for the user's compiled functions, which draw from numpy's ``Generator``.

Replicate r has a Philox stream (Salmon, Moraes, Dror, Shaw, SC 2011) whose key is a hash of the run's key and r.
"""

from __future__ import annotations

import hashlib

import numpy as np


class Streams:
    """The streams of one run, one after the other; each thread needs a Streams of its own.

    Parameters
    ----------
    key : uint64 array, shape (4,)
        The run's key.
    """

    def __init__(self, key: np.ndarray) -> None:
        self._key = key
        self._bits = np.random.Philox(key=0)
        self._fresh = self._bits.state
        self._generator = np.random.Generator(self._bits)  # one for all: to hand a new one to compiled code takes longer

    def of(self, replicate: int) -> np.random.Generator:
        """The generator, at the beginning of a replicate's stream."""
        digest = hashlib.blake2b(self._key.tobytes() + replicate.to_bytes(8, "little"), digest_size=16).digest()
        self._fresh["state"]["key"] = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
        self._bits.state = self._fresh
        return self._generator
