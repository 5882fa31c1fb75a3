"""The compact genetic algorithm: two samples a generation, of which the better one pulls the frequencies by 1/K.

G. R. Harik, F. G. Lobo, D. E. Goldberg, *The compact genetic algorithm*, IEEE Trans. Evolutionary Computation 3 (1999);
S. Droste, *A rigorous analysis of the compact genetic algorithm for linear functions*, Natural Computing 5 (2006). In a
generation

* x and y are sampled (:mod:`theory.algorithms.estimation`), x first;
* if f(y) > f(x) they change names: x is the better one. A tie leaves x the first sample, which has the same law as a coin, as the
  two are exchangeable;
* p_i becomes p_i + (x_i - y_i) / K, set to the border where it would lie beyond.

Frequencies are called well-behaved where 1/2 - 1/n, the way to a border, is a multiple of 1/K, so where K (n - 2) / (2n) is whole
(without borders: where K is even). For other K a frequency that comes from a border lies on another lattice than one that never
was there; both are exact here.
"""

from __future__ import annotations

from theory.algorithms.estimation import EstimationOfDistribution
from theory.algorithms.parameters import parameter, whole
from theory.values import Number


class CompactGA(EstimationOfDistribution):
    """The compact genetic algorithm, cGA.

    T counts samples, two a generation. The current point, of which potentials are recorded, is the better sample of the last
    generation; before the first one ends there is none (NaN). In potentials, ``p`` is the expected number of zero-bits of a
    sample.

    Parameters
    ----------
    K : int, expression or text
        The hypothetical population size; an expression in n and c is rounded up: ``sqrt(n)*log(n)``.
    borders : bool
        Whether the frequencies stay in [1/n, 1 - 1/n]; otherwise in [0, 1].

    Raises
    ------
    InputError

    Examples
    --------
    >>> CompactGA("sqrt(n)*log(n)")
    CompactGA(K=sqrt(n)*log(n))
    >>> from sim import simulate
    >>> from theory import OneMax
    >>> runs = simulate(CompactGA(40).on(OneMax()), n=20, replicates=50, seed=1, budget=10**5, observe={"targets": [15]})
    >>> runs.engine, runs.censored, bool((runs.observed["hits"][:, 0] <= runs.evaluations).all())
    ('sparse', 0, True)
    """

    def __init__(self, K: object, borders: bool = True) -> None:
        super().__init__(borders)
        self.K = parameter(K, "K")

    @property
    def key(self) -> str:
        return f"CompactGA(K={self.K}{'' if self.borders else ', borders=False'})"

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for symbol in self.K.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        self.check_parts(whole(self.K, values, "K"), "K", values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[K, 1 if there are borders]"""
        return [float(whole(self.K, values, "K")), float(self.borders)]
