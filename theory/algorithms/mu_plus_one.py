"""The (mu+1) EA: a population of mu points, one offspring a generation, and a worst point leaves.

C. Witt, *Runtime analysis of the (mu+1) EA on simple pseudo-Boolean functions*, Evolutionary Computation 14 (2006). The
population begins with mu independent starts, which are evaluated but not counted: T = 0 if one of them is optimal. In a
generation

* a parent is chosen uniformly among the mu points; the offspring y flips each of its bits with probability p;
* if y is worse than all points of the population, it leaves again. Otherwise y replaces one of the worst of them, uniformly if
  there are several.

So ties favour the offspring: among y and worst points as good as y, one of the old ones goes. With mu = 1 this is the (1+1) EA.

What is observed is the best point of the population, of several equally good ones the youngest.
"""

from __future__ import annotations

from theory.algorithms.base import Algorithm
from theory.algorithms.one_plus_lambda import mutation_rate
from theory.algorithms.parameters import parameter, whole
from theory.schedules import text
from theory.values import Number

MOST = 10**7  # individuals


class MuPlusOneEA(Algorithm):
    """The (mu+1) EA with standard bit mutation; ties favour the offspring.

    Parameters
    ----------
    mu : int, expression or text
        Number of points in the population; an expression in n and c is rounded up: ``sqrt(n)``.
    rate : expression, number or text
        Mutation rate p in the symbols n, c, t, k, v, where k and v are those of the parent chosen.

    Raises
    ------
    InputError

    Examples
    --------
    >>> MuPlusOneEA("sqrt(n)", "c/n")
    MuPlusOneEA(mu=sqrt(n), rate=c/n)
    """

    single = False
    strict = False

    def __init__(self, mu: object, rate: object) -> None:
        self.mu, self.rate = parameter(mu, "mu"), mutation_rate(rate)

    @property
    def key(self) -> str:
        return f"MuPlusOneEA(mu={self.mu}, rate={text(self.rate)})"

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for symbol in self.mu.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        self.settings(values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[mu]"""
        return [float(whole(self.mu, values, "mu", most=MOST))]

    def uncounted(self, values: dict[str, Number]) -> int:
        return whole(self.mu, values, "mu", most=MOST)
