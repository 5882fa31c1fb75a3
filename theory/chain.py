"""Chain: a process on integers, reals or permutations, given by one compiled step.

A cosine that follows a Beta law, a hillclimber on permutations, a belief: what matters to drift analysis is the value
X_t of a potential and its expected decrease. A chain gives both: the step (for the simulator) and the drift (for the
theorems), so that ``simulate``, the drift theorems and ``compare`` take it like any other process.

T = min{t : X_t <= 0}.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from theory.errors import InputError
from theory.parse import expression
from theory.symbols import c, k, n, v
from theory.values import Number, check_values

if TYPE_CHECKING:
    from theory.bound import Bound


class Chain:
    """A Markov process with a numba step.

    Parameters
    ----------
    state : expression, number, or function
        The start: a number or an expression in n and c (an integer state if the number is an integer, a real one if it is a
        float), or a Python function of the values (``state(n=..., c=...)``) that returns an int, a float or an array (a
        permutation).
    step : numba function
        ``step(state, rng)`` or ``step(state, rng, n, c)`` returns the next state; ``rng`` is a numpy ``Generator``.
        An array is changed in place or returned.
    drift : expression, optional
        E[X_t - X_{t+1} | X_t] as an expression in k (integer X) or v (real X), and n, c. It is what you declare: the
        theorems build on it, the simulation can refute it.
    potential : numba function, optional
        ``potential(state)`` returns X as a float; default: the state itself. Needed for arrays.
    smallest : expression, default 1 for integer states
        The smallest positive value of X; multiplicative and variable drift need it.
    lowest : expression, default 0
        The smallest value that X can take; below 0 where the last step may overshoot. Declared, like the drift.
    name : str, optional

    Examples
    --------
    >>> import numba
    >>> @numba.njit
    ... def collect(k, rng, n, c):
    ...     return k - 1 if rng.random() * n < k else k
    >>> from theory import Chain, k, n
    >>> Chain(n, collect, drift=k / n)
    Chain(collect, state=n, drift=k/n)
    """

    def __init__(
        self,
        state: object,
        step: Callable,
        drift: object = None,
        *,
        potential: Callable | None = None,
        smallest: object = None,
        lowest: object = 0,
        name: str | None = None,
    ) -> None:
        if not hasattr(step, "py_func"):
            raise InputError(f"step: {getattr(step, '__name__', step)!r} is not compiled; put @numba.njit above it")
        arity = len(inspect.signature(step.py_func).parameters)
        if arity not in (2, 4):
            raise InputError(
                f"step: {step.py_func.__name__} takes {arity} arguments, but must take (state, rng) or (state, rng, n, c)"
            )
        if potential is not None and not hasattr(potential, "py_func"):
            raise InputError("potential: is not compiled; put @numba.njit above it")
        self.step, self.arity, self.potential = step, arity, potential
        self.state: Any = state if callable(state) else expression(state, "state", {"n": n, "c": c}, floats=True)
        self.drift_expr: Expr | None = None if drift is None else expression(drift, "drift", {"n": n, "c": c, "k": k, "v": v})
        if self.drift_expr is not None and {k, v} <= self.drift_expr.free_symbols:
            raise InputError(f"drift: {drift} has both k and v; write it in k (integer states) or in v (real states)")
        self.smallest = None if smallest is None else expression(smallest, "smallest", {"n": n, "c": c})
        self.lowest = expression(lowest, "lowest", {"n": n, "c": c})
        self.name = name or step.py_func.__name__

    @property
    def key(self) -> str:
        """Canonical text; the random stream of a run depends on it."""
        from theory.compile import fingerprint

        state = f"#{fingerprint(self.state)[:12]}" if callable(self.state) else str(self.state)
        parts = [f"{self.name}#{fingerprint(self.step)[:12]}", f"state={state}"]
        parts += [f"potential=#{fingerprint(self.potential)[:12]}"] if self.potential is not None else []
        return f"Chain({', '.join(parts)})"

    def __repr__(self) -> str:
        state = "<function>" if callable(self.state) else self.state
        return f"Chain({self.name}, state={state}" + (f", drift={self.drift_expr})" if self.drift_expr is not None else ")")

    @property
    def needed(self) -> set[str]:
        """The symbols that need a value: those of the state and the drift; with a four-argument step n and c may be given."""
        used = set() if callable(self.state) else self.state.free_symbols
        used = used | (self.drift_expr.free_symbols if self.drift_expr is not None else set())
        return {str(s) for s in used} & {"n", "c"}

    def values(self, **values: Any) -> dict[str, Number]:
        """Check values of n and c."""
        return check_values(values, self.needed | (set(values) & {"n", "c"}))

    def initial(self, values: dict[str, Number]) -> int | float | np.ndarray:
        """The start at concrete values: an int, a float or a fresh array."""
        if callable(self.state):
            start = self.state(**values)
        else:
            from theory.values import exact

            put = {s: str(exact(values[str(s)])) for s in self.state.free_symbols}
            number = self.state.subs(put)
            start = int(number) if number.is_Integer else float(number)
        if isinstance(start, np.ndarray):
            if self.potential is None:
                raise InputError("potential: a chain on arrays needs one, e.g. the number of misplaced items")
            return start.copy()
        if not isinstance(start, (int, float, np.integer, np.floating)) or not np.isfinite(start):
            raise InputError(f"state: {start!r} must be an integer, a float or an array")
        return int(start) if isinstance(start, (int, np.integer)) else float(start)

    def drift(self) -> Expr:
        """The declared drift E[X_t - X_{t+1} | X_t]."""
        if self.drift_expr is None:
            raise InputError("drift: this chain declares none; give Chain(..., drift=...)")
        return self.drift_expr

    def bounds(self, status: str | None = None) -> list[Bound]:
        """What the drift theorems say of E[T], from the declared drift."""
        from theory.catalogue import bounds_of_chain

        return bounds_of_chain(self, status)
