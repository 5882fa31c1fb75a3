"""Exact expected runtimes and runtime distributions.

Which method answers :func:`expected_runtime`, the first that applies (T counts offspring):

===============================================  ====================================  =================================
process                                          starts                                method, accuracy
===============================================  ====================================  =================================
partially-ordered EA, Dynamic BinVal, dynamic    all                                   chain over k in a band, elimination
linear, Metropolis on OneMax, n <= 100000                                              without subtractions
                                                                                       (:mod:`theory.exact.counts`)
(1+1) EA on OneMax, n <= 2*10^7                  all                                   banded chain in difference form;
                                                                                       below 1e-10, proved
                                                                                       (:mod:`theory.exact.onemax`)
(1+1) EA and RLS(1) on LeadingOnes               uniform (every n); others             closed forms; a few roundings, or
                                                 n <= 20000, not the worst             n roundings for other starts
                                                                                       (:mod:`theory.exact.leadingones`)
(1+1) EA with a rate for each position on the    uniform (every n)                     sum over the levels; a few roundings
first n bits of LeadingOnes                                                            (:mod:`theory.exact.positions`)
(1+1) EA and RLS(1) on Needle, n <= 1000         uniform                               closed sum in balls; the last
                                                                                       digit (:mod:`theory.exact.needle`)
RLS(1) on strictly monotone functions            all                                   coupon collector; a few roundings
problems in the number of zero-bits alone        all                                   chain over z, elimination without
(Jump, Needle, OneMax, Plateau, Trap),                                                 subtractions; above n = 2000 the
n <= 10000 (variances: 2000)                                                           middle of a ball
                                                                                       (:mod:`theory.exact.symmetric`)
any problem, n <= 12                             all                                   chain over all 2^n points, likewise
                                                                                       (:mod:`theory.exact.fullchain`)
(1+1) EA, rate in n, c, v, on any problem,       all                                   level by level without a matrix;
n <= 16                                                                                below 1e-9, proved
                                                                                       (:mod:`theory.exact.levels`)
===============================================  ====================================  =================================

Rates may depend on n, c, k and v (on LeadingOnes above n = 12: not on k), on :class:`theory.InitialSegment` on the position i.
The fast EA, whose rate is drawn for each offspring, has the chains over z to n = 1000, over the levels of LeadingOnes from a
uniform start to n = 20000, and over all points (:mod:`theory.exact.mixtures`).

``rational=True`` gives fractions at small n, and :func:`expected_runtime_interval` a ball that is guaranteed to contain the
value, for every lumped chain to n = 10000 (:mod:`theory.exact.interval`). :func:`fixed_target` and :func:`fixed_budget` ask for a
part of a run, :func:`optimal_rate` and :func:`optimal_rates` for the best mutation rates, and :func:`to_prism` writes a process
for an independent model checker.
"""

from theory.exact.distribution import RuntimeDistribution
from theory.exact.errors import NoExactMethod
from theory.exact.matrices import full_transition_matrix, transition_matrix_by_zeros
from theory.exact.optimal import OptimalRate, OptimalRates, optimal_rate, optimal_rates
from theory.exact.prism import to_prism
from theory.exact.runtime import (
    METHODS,
    expected_runtime,
    expected_runtime_interval,
    expected_runtimes_by_zeros,
    runtime_distribution,
    runtime_moments,
    worst_start,
)
from theory.exact.targets import fixed_budget, fixed_target

__all__ = [
    "METHODS",
    "NoExactMethod",
    "OptimalRate",
    "OptimalRates",
    "RuntimeDistribution",
    "expected_runtime",
    "expected_runtime_interval",
    "expected_runtimes_by_zeros",
    "fixed_budget",
    "fixed_target",
    "full_transition_matrix",
    "optimal_rate",
    "optimal_rates",
    "runtime_distribution",
    "runtime_moments",
    "to_prism",
    "transition_matrix_by_zeros",
    "worst_start",
]
