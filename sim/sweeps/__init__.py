"""Sweeps: plans of many cells, a store that survives being killed, one machine or many.

======================  ===============================================================================================
:mod:`~sim.sweeps.plan`      a plan is a table of cells, made from Python or from a YAML file
:mod:`~sim.sweeps.read`      how the text of a plan becomes cells, with line and column of what is wrong
:mod:`~sim.sweeps.cell`      what a sweep asks of a cell; the attempt to run one
:mod:`~sim.sweeps.simulation`  the cell that is a simulation
:mod:`~sim.sweeps.store`     finished cells on the disk, known by a key alone
:mod:`~sim.sweeps.table`     the table over all cells
:mod:`~sim.sweeps.run`       the loop
:mod:`~sim.sweeps.cluster`   the same loop with the cells on the machines of a dask cluster
======================  ===============================================================================================
"""

from __future__ import annotations

from sim.sweeps.plan import Plan
from sim.sweeps.run import Sweep, sweep
from sim.sweeps.simulation import SimulationCell

__all__ = ["Plan", "SimulationCell", "Sweep", "sweep"]
