"""What a run records besides its length: hitting times of fitness targets, potentials at chosen times.

A potential is the same object that a drift theorem takes: an expression in n, c, t, k, v. A numba function of the bits works
too; it sees them in canonical form (1 = agrees with the optimum).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Expr

from theory.errors import InputError, nearest
from theory.parse import expression
from theory.symbols import k
from theory.values import Number, number

_LATEST = 2**62


@dataclass(frozen=True)
class Observe:
    """What to record.

    Parameters
    ----------
    targets : sequence of numbers
        Fitness values (for a chain: values of X); recorded is the number of the first offspring that reaches each, 0 if
        the start has it.
    at : sequence of int
        Numbers of offspring: the potentials of the current point after so many are recorded. After the optimum is found
        they stay the optimum's; beyond the budget they are NaN.
    potentials : dict of str to expression, text or numba function
        By name; default: the number k of zero-bits.

    Examples
    --------
    >>> Observe(targets=[8, 9], at=[0, 10, 100], potentials={"log": "log(k + 1)"}).targets
    (8, 9)
    """

    targets: tuple[Number, ...] = ()
    at: tuple[int, ...] = ()
    potentials: Mapping[str, Expr | Callable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_field = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731 (frozen)
        targets = {number(v, "targets") for v in _sequence(self.targets, "targets")}
        set_field("targets", tuple(sorted(targets)))
        times = set()
        for value in _sequence(self.at, "at"):
            time = number(value, "at")
            if time != int(time) or not 0 <= time < _LATEST:
                raise InputError(f"at: {value!r} must be a number of offspring, an integer from 0 to 2^62")
            times.add(int(time))
        set_field("at", tuple(sorted(times)))
        if not isinstance(self.potentials, Mapping):
            raise InputError(f'potentials: {self.potentials!r} must be a dict, e.g. {{"k": "k"}}')
        if self.potentials and not self.at:
            raise InputError("at: potentials need the numbers of the offspring at which to record them, e.g. at=[0, 100]")
        if not self.potentials and self.at:
            set_field("potentials", {"k": k})
        set_field("potentials", {name: _potential(name, value) for name, value in self.potentials.items()})

    @classmethod
    def of(cls, observe: Observe | Mapping[str, Any] | None) -> Observe | None:
        """From what a user passes as ``observe=``; None if there is nothing to record."""
        if observe is None or isinstance(observe, Observe):
            return observe if observe else None
        if not isinstance(observe, Mapping):
            raise InputError(f"observe: {observe!r} must be Observe(targets=..., at=..., potentials=...) or a dict of these")
        for name in observe:
            if name not in ("targets", "at", "potentials"):
                raise InputError(f"observe: unknown entry {name!r}; {nearest(str(name), ['targets', 'at', 'potentials'])}")
        return cls.of(cls(**observe))

    def __bool__(self) -> bool:
        return bool(self.targets or self.at)

    @property
    def expressions(self) -> dict[str, Expr]:
        """The potentials that are expressions."""
        return {name: p for name, p in self.potentials.items() if isinstance(p, Expr)}

    @property
    def functions(self) -> dict[str, Callable]:
        """The potentials that are functions of the bits."""
        return {name: p for name, p in self.potentials.items() if not isinstance(p, Expr)}

    @property
    def names(self) -> list[str]:
        """The potentials' names in the order in which kernels write them: expressions, then functions."""
        return [*self.expressions, *self.functions]

    @property
    def needs_bits(self) -> bool:
        """Some potential is a function of the bits, so that a counter is not enough."""
        return bool(self.functions)

    @property
    def symbols(self) -> set[str]:
        """Names of the symbols in the potentials."""
        return {str(s) for p in self.expressions.values() for s in p.free_symbols}

    def collect(self, hits: np.ndarray, trajectory: np.ndarray) -> dict[str, Any]:
        """What ``Runs.observed`` holds.

        Returns
        -------
        dict
            ``"targets"``: float array, shape (m,); ``"hits"``: int64 array, shape (replicates, m), -1 = not hit;
            ``"at"``: int64 array, shape (times,); ``"potentials"``: dict of name to float array, shape (replicates, times).
        """
        return {
            "targets": np.array([float(v) for v in self.targets]),
            "hits": hits,
            "at": np.array(self.at, dtype=np.int64),
            "potentials": {name: trajectory[:, :, i].copy() for i, name in enumerate(self.names)} if self.at else {},
        }


def _sequence(values: Any, argument: str) -> list:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"{argument}: {values!r} must be a sequence of numbers")
    return list(values)


def _potential(name: object, value: object) -> Expr | Callable:
    if not isinstance(name, str) or not name:
        raise InputError(f"potentials: {name!r} is not a name")
    if hasattr(value, "py_func"):
        if len(inspect.signature(value.py_func).parameters) != 1:
            raise InputError(f"potentials: {value.py_func.__name__} must take one argument, the bits")
        return value  # type: ignore[return-value]
    if callable(value) and not isinstance(value, Expr):
        raise InputError(f"potentials: {getattr(value, '__name__', value)} is not compiled; put @numba.njit above it")
    return expression(value, "potentials")
