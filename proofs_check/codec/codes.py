"""encode, decode, saving: a recorded run to bytes and back.

A RECONSTRUCTION of the argument of J. Lengler, A. Martinsson, A. Steger, ANALCO 2019; see :mod:`proofs_check.codec`.

The encoder goes forwards in time and pushes each round on a stack, under a law that depends on the point AFTER the round; last
comes the final point. The decoder pops the final point, then round by round what led there. It knows n, c, tau, K and f.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.codec.coders import Integers, Stack, Words, pop_number, push_number, rank, unrank
from proofs_check.codec.exact_code import ExactCode
from proofs_check.codec.functions import Oracle, exact_rate, oracle
from proofs_check.codec.pair_code import WRONG_CODE, PairCode
from proofs_check.codec.recording import Run, accepted
from theory.arguments import plain_arguments
from theory.errors import InputError, nearest
from theory.values import exact, number

MODES = ("exact", "pair")
CODERS: dict[str, type[Integers] | type[Words]] = {"integers": Integers, "words": Words}
_ROOM = 1 << 16


@dataclass(frozen=True)
class Code:
    """An encoded run. The decoder uses everything but ``ideal`` and ``entropy``.

    Attributes
    ----------
    data : bytes
    mode, coder : str
    n, rounds : int
    c, tau : Fraction
    strict, uniform : bool
        As in :class:`Run`.
    ideal : float
        Bits: the code length of the quantised laws, which ``data`` exceeds by the coder's overhead.
    entropy : float
        Bits that the run's choices are worth.
    """

    data: bytes
    mode: str
    coder: str
    n: int
    rounds: int
    c: Fraction
    tau: Fraction
    strict: bool
    uniform: bool
    ideal: float
    entropy: float

    @property
    def overhead(self) -> float:
        """Bits of ``data`` beyond ``ideal``."""
        return 8 * len(self.data) - self.ideal

    @property
    def saving(self) -> float:
        """S, in bits: what the choices are worth minus ``ideal``."""
        return self.entropy - self.ideal


@plain_arguments
def encode(f: Any, run: Run, *, mode: str = "pair", tau: Any = 1, coder: str = "words") -> Code:
    """Encode a run that doesn't end at the optimum.

    Parameters
    ----------
    f : Problem or callable
        The function on which it ran.
    run : Run
    mode : {"pair", "exact"}
        Comparisons of pairs, in polynomial time, or the laws of :mod:`proofs_check.codec.exact_code` for n <= 14.
    tau : number
        Base of the weight g; positive.
    coder : {"words", "integers"}
        64-bit words, or one large integer (the readable reference; quadratic time).

    Returns
    -------
    Code

    Raises
    ------
    InputError

    Examples
    --------
    >>> from theory import BinVal
    >>> from proofs_check.codec import decode, record
    >>> run = record(BinVal(), n=30, rounds=200, start=6, seed=3)
    >>> code = encode(BinVal(), run)
    >>> decode(BinVal(), code) == run, code.saving < 0
    (True, True)
    """
    judge = oracle(f, run.n)
    base, kind = _parameters(tau, mode, coder)
    stack = kind()
    push_run(stack, _law(judge, mode, exact_rate(run.c, run.n), base, run.strict), judge, run)
    return Code(
        stack.to_bytes(), mode, coder, run.n, run.rounds, run.c, base, run.strict, run.uniform, stack.ideal, run.entropy
    )  # fmt: skip


@plain_arguments
def decode(f: Any, code: Code) -> Run:
    """The run that was encoded.

    Parameters
    ----------
    f : Problem or callable
        The same function.
    code : Code

    Returns
    -------
    Run
        Equal to the one that was encoded.

    Raises
    ------
    InputError
        Where the code turns out not to be one of a run on f.
    """
    if not isinstance(code, Code):
        raise InputError(f"code: {type(code).__name__} must be the Code that encode returned; it knows n, c and the mode besides")
    judge = oracle(f, code.n)
    stack = CODERS[code.coder].from_bytes(code.data)
    law = _law(judge, code.mode, exact_rate(code.c, code.n), code.tau, code.strict)
    size = pop_number(stack, code.n + 1)
    x = np.ones(code.n, dtype=np.uint8)
    x[unrank(pop_number(stack, math.comb(code.n, size)), size, code.n)] = 0
    if not size:
        raise InputError(WRONG_CODE)
    pop = _pop_pairs if isinstance(law, PairCode) else _pop_exact
    start, counts, flips = pop(stack, law, x, code.rounds)
    if not stack.empty:
        raise InputError(WRONG_CODE)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Run(code.n, code.c, code.strict, start, code.uniform, offsets, flips)


def saving(f: Any, run: Run, *, mode: str = "pair", tau: Any = 1) -> float:
    """S of a run, in bits; see :class:`Code`.

    Examples
    --------
    >>> from theory import OneMax
    >>> from proofs_check.codec import record
    >>> saving(OneMax(), record(OneMax(), n=8, rounds=20, seed=1), mode="exact") < 0
    True
    """
    return encode(f, run, mode=mode, tau=tau).saving


def _parameters(tau: Any, mode: str, coder: str) -> tuple[Fraction, Any]:
    base = exact(number(tau, "tau"))
    if base <= 0:
        raise InputError(f"tau: {tau!r} must be positive")
    if mode not in MODES:
        raise InputError(f"mode: unknown mode {mode!r}; {nearest(str(mode), MODES)}")
    if coder not in CODERS:
        raise InputError(f"coder: unknown coder {coder!r}; {nearest(str(coder), CODERS)}")
    return base, CODERS[coder]


def _law(judge: Oracle, mode: str, p: Fraction, tau: Fraction, strict: bool) -> ExactCode | PairCode:
    return (ExactCode if mode == "exact" else PairCode)(judge, p, tau, strict)


def push_run(stack: Stack, law: ExactCode | PairCode, judge: Oracle, run: Run, fast: bool = True) -> None:
    """Push all rounds and the final point."""
    if run.start.all():
        raise InputError("run: starts at the optimum, which has no code")
    final = _push_pairs(stack, law, judge, run, fast) if isinstance(law, PairCode) else _push_exact(stack, law, judge, run)
    zeros = np.flatnonzero(final == 0)
    push_number(stack, rank(zeros), math.comb(run.n, zeros.size))
    push_number(stack, zeros.size, run.n + 1)


def _push_exact(stack: Stack, law: ExactCode, judge: Oracle, run: Run) -> np.ndarray:
    x, powers = run.start.copy(), 1 << np.arange(run.n)
    for t in range(run.rounds):
        flips = run.flipped(t)
        changed = accepted(judge, x, flips, run.strict)
        if changed:
            x[flips] ^= 1
        _not_optimal(x)
        law.push(stack, int(powers @ x), changed, int(powers[flips].sum()))
    return x


def _pop_exact(stack: Stack, law: Any, x: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    powers, sets = 1 << np.arange(law.n), []
    for _ in range(rounds):
        changed, chosen = law.pop(stack, int(powers @ x))
        sets.append(np.flatnonzero(chosen & powers))
        if changed:
            x[sets[-1]] ^= 1
    sets.reverse()
    return x, np.array([s.size for s in sets], dtype=np.int64), np.concatenate([*sets, np.zeros(0, dtype=np.int64)])


def _push_pairs(stack: Stack, law: PairCode, judge: Oracle, run: Run, fast: bool) -> np.ndarray:
    """Push all rounds; ``fast``: stretches of quiet ones by the compiled loop where the coder has one. Returns the last point."""
    y, t = law.state(run.start), 0
    while t < run.rounds:
        if fast and isinstance(stack, Words):
            stack.make_room(_ROOM)
            kernels, table = stack._kernels, law.levels.table[: y.ones.size + 1]
            t = kernels.push_quiet(
                stack.state, stack.buffer, stack.sum, run.offsets, run.flips, t, y.x, y.place, y.ones.size, table,
                np.array(y.kinds, dtype=np.int64),
            )  # fmt: skip
            if t == run.rounds:
                break
        flips = run.flipped(t)
        changed = accepted(judge, y.x, flips, run.strict)
        if changed:
            x = y.x.copy()
            x[flips] ^= 1
            _not_optimal(x)
            y = law.state(x)
        law.push(stack, y, flips, changed)
        t += 1
    return y.x


def _pop_pairs(stack: Stack, law: Any, x: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, t, used = law.state(x), rounds, 0
    counts, flips = np.zeros(rounds, dtype=np.int64), np.zeros(1024, dtype=np.int64)  # a round's last flip first
    while t > 0:
        if flips.size < used + max(law.n, 1024):
            flips = np.concatenate([flips, np.zeros(flips.size + law.n, dtype=np.int64)])
        if isinstance(stack, Words):
            t, used = stack._kernels.pop_quiet(
                stack.state, stack.buffer, counts, flips, t, used, y.ones, law.levels.table[: y.ones.size + 1],
                np.array(y.kinds, dtype=np.int64),
            )  # fmt: skip
            if t == 0:
                break
            if flips.size < used + law.n:
                continue
        found, changed = law.pop(stack, y)
        t -= 1
        counts[t] = found.size
        flips[used : used + found.size] = found[::-1]
        used += found.size
        if changed:
            before = y.x.copy()
            before[found] ^= 1
            y = law.state(before)
    return y.x, counts, flips[:used][::-1].copy()


def _not_optimal(x: np.ndarray) -> None:
    if x.all():
        raise InputError("run: reaches the optimum, which has no code; cut it before")
