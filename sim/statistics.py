"""Figures for samples of runtimes: skewed always, censored where runs hit their budget.

All that :mod:`sim.intervals` has for complete samples and :mod:`sim.censored` for those with runs that were cut off. T is in
evaluations; ``evaluations`` holds T where ``hit`` and the budget where not.

>>> ert([2, 10, 3], [True, False, True])
7.5
"""

from __future__ import annotations

from sim.censored import (
    Quantile,
    ert,
    ert_interval,
    median,
    par,
    par_interval,
    quantile,
    restricted_mean,
    restricted_mean_interval,
    survival,
    survival_band,
)
from sim.intervals import mean_interval, proportion_interval, quantile_interval

__all__ = [
    "Quantile", "ert", "ert_interval", "mean_interval", "median", "par", "par_interval", "proportion_interval", "quantile",
    "quantile_interval", "restricted_mean", "restricted_mean_interval", "survival", "survival_band",
]  # fmt: skip
