"""The univariate marginal distribution algorithm: lambda samples a generation, and the frequencies of the mu best of them.

H. Mühlenbein, G. Paaß, *From recombination of genes to the estimation of distributions I. Binary parameters*, PPSN 1996. In a
generation

* lambda points are sampled (:mod:`theory.algorithms.estimation`);
* the mu best are selected, uniformly among equally good ones where the cut falls between them;
* p_i becomes the share of one-bits at position i among the selected, set to the border where it would lie beyond.
"""

from __future__ import annotations

from theory.algorithms.estimation import EstimationOfDistribution
from theory.algorithms.parameters import parameter, whole
from theory.errors import InputError
from theory.values import Number


class UMDA(EstimationOfDistribution):
    """The univariate marginal distribution algorithm.

    T counts samples, lambda a generation. The current point, of which potentials are recorded, is the best sample of the last
    generation (uniform among equally good ones); before the first one ends there is none (NaN). In potentials, ``p`` is the
    expected number of zero-bits of a sample.

    Parameters
    ----------
    mu : int, expression or text
        Number of samples selected; an expression in n and c is rounded up: ``4*log(n)``.
    lam : int, expression or text
        Number lambda of samples a generation, at least mu; e.g. ``8*log(n)``.
    borders : bool
        Whether the frequencies stay in [1/n, 1 - 1/n]; otherwise in [0, 1].

    Raises
    ------
    InputError

    Examples
    --------
    >>> UMDA("4*log(n)", "8*log(n)")
    UMDA(mu=4*log(n), lam=8*log(n))
    >>> from sim import simulate
    >>> from theory import OneMax
    >>> runs = simulate(UMDA(10, 20).on(OneMax()), n=20, replicates=50, seed=1, budget=10**5)
    >>> bool((runs.generations == -(-runs.evaluations // 20)).all())
    True
    """

    def __init__(self, mu: object, lam: object, borders: bool = True) -> None:
        super().__init__(borders)
        self.mu, self.lam = parameter(mu, "mu"), parameter(lam, "lam")
        if self.mu.is_number and self.lam.is_number and self.mu > self.lam:
            raise InputError(f"mu: {mu!r} of {lam!r} samples can't be selected; mu must be at most lam")

    @property
    def key(self) -> str:
        return f"UMDA(mu={self.mu}, lam={self.lam}{'' if self.borders else ', borders=False'})"

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for symbol in self.mu.free_symbols | self.lam.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        mu, lam = whole(self.mu, values, "mu"), whole(self.lam, values, "lam")
        if mu > lam:
            raise InputError(f"mu: {self.mu} is {mu} at these values, more than lam = {lam}; mu must be at most lam")
        self.check_parts(mu, "mu", values)

    def settings(self, values: dict[str, Number]) -> list[float]:
        """[mu, lambda, 1 if there are borders]"""
        return [float(whole(self.mu, values, "mu")), float(whole(self.lam, values, "lam")), float(self.borders)]
