"""A process: one algorithm on one problem. The bound, the exact value and the simulator all come from this object."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Expr

from theory.algorithms import Algorithm
from theory.algorithms.parameters import at_values
from theory.problems.base import Problem
from theory.rates import check_rate
from theory.values import Number, check_values

if TYPE_CHECKING:
    from theory.bound import Bound


@dataclass(frozen=True, eq=False, repr=False)
class Process:
    """An algorithm maximising a problem; made by ``algorithm.on(problem)``.

    Examples
    --------
    >>> from theory import OnePlusOneEA, OneMax, n, c
    >>> OnePlusOneEA(rate=c / n).on(OneMax())
    OnePlusOneEA(rate=c/n) on OneMax()
    """

    algorithm: Algorithm
    problem: Problem

    @property
    def key(self) -> str:
        """Canonical text; the random stream of a run depends on it."""
        return f"{self.algorithm.key} on {self.problem.key}"

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Process) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def core(self) -> Process:
        """The process of the bits that matter, which has the same law; most processes are their own core."""
        if self.problem.core is self.problem or "i" in self.rate_symbols:  # where each position has its own rate, it counts
            return self
        return Process(self.algorithm, self.problem.core)

    @property
    def rate(self) -> Expr | None:
        """The mutation rate p as an expression, or None (RLS)."""
        return self.algorithm.rate

    @property
    def rate_symbols(self) -> set[str]:
        """Names of the symbols in the rate."""
        return set() if self.rate is None else {str(s) for s in self.rate.free_symbols}

    @property
    def is_static(self) -> bool:
        """The rate depends on nothing but n and c."""
        return not self.rate_symbols & {"t", "k", "v", "i"}

    @property
    def needed(self) -> set[str]:
        """The symbols that need a value before anything can be computed."""
        return {"n"} | (self.rate_symbols & {"c"}) | self.algorithm.needed

    def values(self, **values: Any) -> dict[str, Number]:
        """Check values of n and c for this process; also that the problem exists there and the rate is a probability.

        Where the problem fixes n, as a graph does, n is filled in.

        Raises
        ------
        InputError
            Naming the value that is wrong.
        """
        if self.problem.fixed_n is not None:
            values.setdefault("n", self.problem.fixed_n)
        checked = check_values(values, self.needed)
        n = int(checked["n"])
        self.problem.check(n)
        self.algorithm.check(checked)
        if self.rate is not None:
            if "v" in self.rate_symbols:
                self.problem.check_value(n)
            check_rate(self.rate, checked, n, self.problem.value_range(n))
        return checked

    def rate_at(self, values: dict[str, Number]) -> Expr:
        """The rate with exact values of n and c put in; a number where the rate is static."""
        assert self.rate is not None
        return at_values(self.rate, values)

    def rational_rate(self, values: dict[str, Number]) -> Fraction | None:
        """The static rate as a fraction, or None where it isn't rational."""
        p = self.rate_at(values)
        return Fraction(int(p.p), int(p.q)) if p.is_Rational else None

    def static_rate(self, values: dict[str, Number]) -> float:
        """The static rate as a float, correctly rounded."""
        return float(self.rate_at(values).evalf(25))

    def bounds(self, status: str | None = None) -> list[Bound]:
        """What theory knows of E[T] and, after that, of its tail; the bounds of one theorem stand together.

        Parameters
        ----------
        status : {"derived", "heuristic", "cited", "recalled"}, optional
            Only these. Without it all but the recalled ones.

        Returns
        -------
        list of Bound
        """
        from theory.catalogue import bounds_of

        return bounds_of(self, status)

    def best_bounds(self, start: Any = "uniform", **values: Any) -> tuple[Bound | None, Bound | None]:
        """The tightest derived lower and upper bound on E[T] at values of n and c; see :func:`theory.catalogue.best_bounds`."""
        from theory.catalogue import best_bounds

        return best_bounds(self, start, **values)

    def drift(self, potential: object = None, **values: Any) -> Any:
        """Expected decrease of a potential in one step; see :func:`theory.law.drift`."""
        from theory.law import drift

        return drift(self, potential, **values)

    def transition(self, *states: Any, **values: Any) -> Any:
        """Transition probabilities; see :func:`theory.law.transition`."""
        from theory.law import transition

        return transition(self, *states, **values)
