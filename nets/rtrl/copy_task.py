"""Binary string memorisation ("copy task") with its curriculum, as in the experiments on OK.

F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019, and the code published with it.

Symbols: 0 and 1 are bits, 2 starts a string, 3 is blank. A string of T' bits takes 2 T' + 2 time steps:

    input     2  b_1 ... b_T'  3  3 ... 3
    target    3   3  ...  3    2  b_1 ... b_T'

so that each symbol is held for T' + 1 steps. Lanes are asynchronous: each draws a new string as soon as its own ends. The
curriculum starts at T = 1 with the running mean a = 1 of the batch's loss, in bits a symbol; whenever a lane starts a string
and a < 0.15, T grows by one and a becomes 0.3. The string's length T' is max(1, T - j) with j uniform on 0, ..., 4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, SupportsFloat

import numpy as np

SYMBOLS = 4
_START, _BLANK = 2, 3


class Symbols(NamedTuple):
    """One time step of all lanes.

    Attributes
    ----------
    inputs, targets : ndarray
        (B,), int64.
    fresh : ndarray
        (B,), bool: the lane starts a sequence with this step; what it remembers must be forgotten first.
    """

    inputs: np.ndarray
    targets: np.ndarray
    fresh: np.ndarray


class CopyStream:
    """The strings of B lanes. Every process holds all lanes of the global batch and uses its own, so that all agree on T.

    Parameters
    ----------
    batch : int
        B.
    seed : int
    averaging : float
        The share of the old value in the running mean of the loss.
    threshold, restart : float
        T grows when the mean falls below ``threshold`` bits, and the mean then becomes ``restart``.
    jitter : int
        Number of values of j.
    length : int, optional
        Strings of this length only, without a curriculum.

    Examples
    --------
    >>> stream = CopyStream(1, seed=3, length=3)
    >>> steps = [stream.next() for _ in range(8)]
    >>> [int(s.inputs[0]) for s in steps], [int(s.targets[0]) for s in steps]
    ([2, 0, 1, 0, 3, 3, 3, 3], [3, 3, 3, 3, 2, 0, 1, 0])
    """

    def __init__(
        self,
        batch: int,
        seed: int,
        averaging: float = 0.999,
        threshold: float = 0.15,
        restart: float = 0.3,
        jitter: int = 5,
        length: int | None = None,
    ) -> None:
        self.averaging, self.threshold, self.restart, self.jitter, self.length = averaging, threshold, restart, jitter, length
        self.T, self.mean = 1, 1.0
        self._losses: list[SupportsFloat] = []  # not yet in the mean
        self._random = np.random.default_rng((seed, 0x636F7079))
        self._position = np.zeros(batch, dtype=np.int64)  # the next symbol's place in the lane's string
        self._size = np.zeros(batch, dtype=np.int64)  # T' of the lane's string
        self._bits = np.zeros((batch, 8), dtype=np.int64)

    def next(self) -> Symbols:
        """The next symbols; a lane whose string has ended starts a new one."""
        fresh = self._position >= 2 * self._size + 2
        fresh |= self._size == 0
        for lane in np.flatnonzero(fresh).tolist():
            self._start(lane)
        at, size, lanes = self._position, self._size, np.arange(len(self._position))
        inputs = np.where(at == 0, _START, np.where(at <= size, self._bits[lanes, np.maximum(at - 1, 0) % self._room], _BLANK))
        recalled = self._bits[lanes, np.maximum(at - size - 2, 0) % self._room]
        targets = np.where(at <= size, _BLANK, np.where(at == size + 1, _START, recalled))
        self._position = at + 1
        return Symbols(inputs, targets, fresh)

    def observe(self, loss: SupportsFloat) -> None:
        """Take the batch's mean loss of the last step, in bits a symbol, into the running mean.

        That is done when a lane next starts a string: a loss on another device is waited for there only.
        """
        if self.length is None:  # else nothing depends on it
            self._losses.append(loss)

    def metrics(self) -> dict[str, float]:
        """The curriculum's length."""
        return {"T": float(self.T)}

    def evaluate(self, model: Any) -> dict[str, dict[str, float]]:
        """Nothing: every string is new, so that the training loss is one on unseen data."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Everything that later symbols depend on."""
        self._settle()
        return {
            "T": self.T, "mean": self.mean, "position": self._position.tolist(), "size": self._size.tolist(),
            "bits": self._bits.tolist(), "random": json.dumps(self._random.bit_generator.state),
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.T, self.mean = state["T"], state["mean"]
        self._losses.clear()
        self._position, self._size, self._bits = (np.array(state[name], dtype=np.int64) for name in ("position", "size", "bits"))
        self._random.bit_generator.state = json.loads(state["random"])

    def _settle(self) -> None:
        for loss in self._losses:
            self.mean = self.averaging * self.mean + (1 - self.averaging) * float(loss)
        self._losses.clear()

    @property
    def _room(self) -> int:
        return self._bits.shape[1]

    def _start(self, lane: int) -> None:
        if self.length is None:
            self._settle()
            if self.mean < self.threshold:
                self.T, self.mean = self.T + 1, self.restart
            size = max(1, self.T - int(self._random.integers(self.jitter)))
        else:
            size = self.length
        if size > self._room:
            self._bits = np.pad(self._bits, ((0, 0), (0, max(size, self._room))))
        self._bits[lane, :size] = self._random.integers(2, size=size)
        self._position[lane], self._size[lane] = 0, size
