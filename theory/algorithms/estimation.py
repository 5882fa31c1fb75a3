"""What estimation-of-distribution algorithms have in common: a frequency for each position instead of a population.

Krejca, Witt, *Theory of estimation-of-distribution algorithms*, in: Doerr, Neumann (eds.), Theory of Evolutionary Computation,
Springer (2020). Notation: p_i is the frequency of position i; a sample has a one-bit there with probability p_i, independently of
the other positions. All frequencies begin at 1/2. With ``borders`` they are kept in [1/n, 1 - 1/n] (what would lie outside is set
to the nearest border), otherwise in [0, 1], where a position may stay forever.

Frequencies are whole numbers of 1/(2 n K), where K is the algorithm's denominator: exact, nothing is rounded on the way.

There is no start point: every sample is an offspring. T is the number of samples up to and with the first optimal one.
"""

from __future__ import annotations

from typing import Any

from theory.algorithms.base import Algorithm, truth
from theory.errors import InputError
from theory.values import Number

MOST_PARTS = 2**53  # of 1: so that a frequency is exact as a float, too
NO_START = "every frequency begins at 1/2 and each sample counts, so there is no start point to choose; leave start out"


class EstimationOfDistribution(Algorithm):
    """Base of CompactGA and UMDA."""

    single = False
    strict = False
    parameter = "distance"
    """In potentials ``p`` is the expected number of zero-bits of a sample, the sum of 1 - p_i."""

    def __init__(self, borders: bool) -> None:
        self.borders = truth(borders, "borders")

    def check_start(self, start: Any) -> None:
        if not isinstance(start, str) or start != "uniform":
            raise InputError(f"start: {self.name} can't start in {str(start)[:40]}: {NO_START}")

    def uncounted(self, values: dict[str, Number]) -> int:
        return 0

    def check_parts(self, denominator: int, argument: str, values: dict[str, Number]) -> None:
        """Refuse what has no frequencies, or too many."""
        n = int(values["n"])
        if self.borders and n == 1:
            raise InputError("n: with one bit there is no frequency between the borders 1/n and 1 - 1/n; take borders=False")
        if 2 * n * denominator > MOST_PARTS:
            raise InputError(f"{argument}: {denominator} is too large for n = {n}; 2 n {argument} can be at most 2^53")
