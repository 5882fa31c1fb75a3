"""What a run records besides its length: hitting times of fitness targets, potentials at chosen times, drift by state.

A potential is the same object that a drift theorem takes: an expression in n, c, t, k, v, and besides them p, the parameter that
the algorithm changes as it runs (a mutation rate; of the self-adjusting GA lambda; of algorithms that keep frequencies the
expected number of zero-bits of a sample). A numba function of the bits works too; it sees them in canonical form (1 = agrees with
the optimum).
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Expr, Symbol

from theory.compile import fingerprint
from theory.errors import InputError, nearest
from theory.parse import expression
from theory.symbols import SYMBOLS, k, t
from theory.values import Number, exact, number

_LATEST = 2**62
PARAMETER = Symbol("p", positive=True)  # what the algorithm changes as it runs


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
        By name, or a list of formulas; default: the number k of zero-bits.

    drift : dict of str to expression, text or numba function, optional
        Potentials by name (or a list of formulas, or one alone), in n, c, k, v or functions of the bits: by how much they fall
        in a round is added up for each state (see :meth:`sim.Runs.drift`).
    given : {"k", "v"}, optional
        The state for ``drift``: the number of zero-bits, or the fitness where it is 0, 1, 2, ...; default: v on LeadingOnes.

    Examples
    --------
    >>> Observe(targets=[8, 9], at=[0, 10, 100], potentials={"log": "log(k + 1)"}).targets
    (8, 9)
    """

    targets: tuple[Number, ...] = ()
    at: tuple[int, ...] = ()
    potentials: Mapping[str, Expr | Callable] = field(default_factory=dict)
    drift: Mapping[str, Expr | Callable] = field(default_factory=dict)
    given: str | None = None

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
        for name in ("potentials", "drift"):  # a list of formulas: each is its own name
            given = getattr(self, name)
            if isinstance(given, (list, tuple)):
                set_field(name, {str(value): value for value in given})
        if not isinstance(self.potentials, Mapping):
            raise InputError(f'potentials: {self.potentials!r} must be formulas by name, e.g. {{"k": "k"}}, or a list of them')
        if self.potentials and not self.at:
            raise InputError("at: potentials need the numbers of the offspring at which to record them, e.g. at=[0, 100]")
        if not self.potentials and self.at:
            set_field("potentials", {"k": k})
        set_field("potentials", {name: _potential(name, value, "potentials") for name, value in self.potentials.items()})
        drift = self.drift if isinstance(self.drift, Mapping) else {str(self.drift): self.drift}
        set_field("drift", {name: _potential(name, value, "drift") for name, value in drift.items()})
        if self.given not in (None, "k", "v"):
            raise InputError(f"given: {self.given!r} must be 'k' (number of zero-bits) or 'v' (fitness)")
        if self.given is not None and not self.drift:
            raise InputError("given: says on what drift= is conditioned; give drift=, e.g. drift='k'")

    @classmethod
    def of(cls, observe: Observe | Mapping[str, Any] | None) -> Observe | None:
        """From what a user passes as ``observe=``; None if there is nothing to record."""
        if observe is None or isinstance(observe, Observe):
            return observe if observe else None
        if not isinstance(observe, Mapping):
            raise InputError(f"observe: {observe!r} must be Observe(targets=..., at=..., potentials=...) or a dict of these")
        known = ["targets", "at", "potentials", "drift", "given"]
        for name in observe:
            if name not in known:
                raise InputError(f"observe: unknown entry {name!r}; {nearest(str(name), known)}")
        return cls.of(cls(**observe))

    def __bool__(self) -> bool:
        return bool(self.targets or self.at or self.drift)

    @property
    def needs_bits(self) -> bool:
        """Some potential is a function of the bits, so that a counter is not enough."""
        return any(functions_in(group) for group in (self.potentials, self.drift))

    @property
    def symbols(self) -> set[str]:
        """Names of the symbols in the potentials, and the state on which drift is conditioned."""
        found = {str(s) for group in (self.potentials, self.drift) for p in expressions_in(group) for s in p.free_symbols}
        return found | ({self.given} if self.given else set())

    def describe(self) -> dict[str, Any]:
        """All that is recorded, as texts: two with the same description record the same."""
        groups = {"potentials": self.potentials, "drift": self.drift}
        texts = {
            group: {name: str(p) if isinstance(p, Expr) else f"#{fingerprint(p)}" for name, p in potentials.items()}
            for group, potentials in groups.items()
        }
        return {"targets": [str(exact(v)) for v in self.targets], "at": list(self.at), **texts, "given": self.given}

    def conditioned(self, default: str) -> Observe:
        """The same with ``given`` filled in."""
        return self if self.given or not self.drift else dataclasses.replace(self, given=default)

    def collect(self, hits: np.ndarray, trajectory: np.ndarray, moves: np.ndarray) -> dict[str, Any]:
        """What ``Runs.observed`` holds.

        Returns
        -------
        dict
            ``"targets"``: float array, shape (m,); ``"hits"``: int64 array, shape (replicates, m), -1 = not hit;
            ``"at"``: int64 array, shape (times,); ``"potentials"``: dict of name to float array, shape (replicates, times);
            with ``drift`` also ``"given"``, ``"rounds"``: float array, shape (replicates, states), ``"moved"``: dict of name to
            float array of that shape, the summed decreases, and ``"formulas"``: dict of name to expression (None: a function).
        """
        drift = {}
        if self.drift:
            moved = {name: moves[:, :, 1 + j] for j, name in enumerate(in_order(self.drift))}
            formulas = {name: p if isinstance(p, Expr) else None for name, p in self.drift.items()}
            drift = {"given": self.given, "rounds": moves[:, :, 0], "moved": moved, "formulas": formulas}
        paths = {name: trajectory[:, :, i].copy() for i, name in enumerate(in_order(self.potentials))}
        return {
            "targets": np.array([float(v) for v in self.targets]),
            "hits": hits,
            "at": np.array(self.at, dtype=np.int64),
            "potentials": paths if self.at else {},
            **drift,
        }


def expressions_in(potentials: Mapping[str, Expr | Callable]) -> list[Expr]:
    """The potentials that are expressions; kernels write them first."""
    return [p for p in potentials.values() if isinstance(p, Expr)]


def functions_in(potentials: Mapping[str, Expr | Callable]) -> list[Callable]:
    """The potentials that are functions of the bits; kernels write them after the expressions."""
    return [p for p in potentials.values() if not isinstance(p, Expr)]


def in_order(potentials: Mapping[str, Expr | Callable]) -> list[str]:
    """The names of potentials in the order in which kernels write them."""
    return sorted(potentials, key=lambda name: not isinstance(potentials[name], Expr))


def _sequence(values: Any, argument: str) -> list:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InputError(f"{argument}: {values!r} must be a sequence of numbers")
    return list(values)


def _potential(name: object, value: object, argument: str) -> Expr | Callable:
    if not isinstance(name, str) or not name:
        raise InputError(f"{argument}: {name!r} is not a name")
    if hasattr(value, "py_func"):
        if len(inspect.signature(value.py_func).parameters) != 1:
            raise InputError(f"{argument}: {value.py_func.__name__} must take one argument, the bits")
        return value  # type: ignore[return-value]
    if callable(value) and not isinstance(value, Expr):
        raise InputError(f"{argument}: {getattr(value, '__name__', value)} is not compiled; put @numba.njit above it")
    found = expression(value, argument, {**SYMBOLS, "p": PARAMETER})
    if argument == "drift" and found.free_symbols & {t, PARAMETER}:
        raise InputError(f"drift: {value} depends on {'t' if t in found.free_symbols else 'p'}; write the potential in k and v")
    return found
