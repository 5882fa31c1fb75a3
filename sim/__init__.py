"""Simulation: engines that are exact in distribution, for every process that ``theory`` can describe.

>>> from theory import OnePlusOneEA, OneMax, n, c
>>> from sim import simulate
>>> simulate(OnePlusOneEA(rate=c / n).on(OneMax()), n=100, c=1, replicates=10, seed=7).evaluations.shape
(10,)
"""

from __future__ import annotations

from sim.engines import ENGINES, engine_table, engines_for
from sim.iohprofiler_reader import from_iohprofiler
from sim.observe import Observe
from sim.runs import Runs
from sim.simulate import simulate
from sim.slopes import fit_slope
from sim.sweeps import Plan, SimulationCell, Sweep, sweep

__all__ = [
    "ENGINES", "Observe", "Plan", "Runs", "SimulationCell", "Sweep", "engine_table", "engines_for", "fit_slope",
    "from_iohprofiler", "simulate", "sweep",
]  # fmt: skip
