"""What is trained for training claims: the methods of one experiment, the settings that each was tried with, and the seeds.

The setting of each method that decides is computed from the records of the tuning seeds, never chosen by hand: the best mean, of
equal means the setting that stands last on the grid. (A grid of learning rates goes from the largest to the smallest.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nets.core.config import Config
from nets.core.records import load_record
from proofs_check.training import Evidence, NoRecord, from_records
from proofs_check.tuning import mean_of_trials
from theory.errors import InputError

RECORDS = Path(__file__).parents[1] / "records"

Table = dict[str, dict[str, dict[int, float]]]
"""``{method: {setting: {seed: value}}}``."""


@dataclass(frozen=True)
class Trained:
    """One experiment and everything that is trained of it.

    Attributes
    ----------
    experiment, metric : str
        Names; the last value of the metric is compared.
    higher : bool
        Whether larger values are better.
    resolution : float
        The unit of the values, 0 if they aren't rounded.
    grids : {method: {setting: config}}
    tuning : tuple of int
        Seeds of all settings.
    verdict : tuple of int
        Seeds of the chosen settings, which decide.
    more_pilots : tuple of int
        Seeds of the chosen settings on which margins and effects were fixed, beside those of the tuning.
    """

    experiment: str
    metric: str
    higher: bool
    resolution: float
    grids: Mapping[str, Mapping[str, Config]]
    tuning: tuple[int, ...]
    verdict: tuple[int, ...]
    more_pilots: tuple[int, ...] = ()

    @property
    def pilot(self) -> tuple[int, ...]:
        """The seeds on which margins and effects were fixed."""
        return (*self.tuning, *self.more_pilots)

    def table(self, folder: Path = RECORDS, methods: Sequence[str] | None = None) -> Table:
        """What the records hold of the tuning seeds.

        Raises
        ------
        NoRecord
            If one is missing or stale.
        """
        names = self.grids if methods is None else methods
        return {
            method: {setting: self.read(config, self.tuning, folder) for setting, config in self.grids[method].items()}
            for method in names
        }

    def read(self, config: Config, seeds: Sequence[int], folder: Path = RECORDS) -> dict[int, float]:
        """The metric of some seeds of a config; raises :class:`NoRecord`."""
        found = load_record(self.experiment, config, folder)
        if isinstance(found, str):
            raise NoRecord(found)
        try:
            return dict(zip(seeds, found.values(self.metric, seeds), strict=True))
        except InputError as error:
            raise NoRecord(f"{error}; make it anew (python -m proofs_check.recorded)") from None

    def evidence(self, methods: Sequence[str], folder: Path = RECORDS) -> Evidence:
        """What claims about these methods are decided on.

        Raises
        ------
        NoRecord
            If a record is missing or stale.
        """
        best = chosen(self.table(folder, methods), self.higher)
        load: Callable[[str, Any], Any] = partial(load_record, folder=folder)
        grids = {method: self.grids[method] for method in methods}
        found = from_records(
            self.experiment, self.metric, grids, best, verdict=self.verdict, pilot=self.pilot, tuning=self.tuning, load=load
        )
        curves = {method: self._curves(grids[method][best[method]], folder) for method in methods}
        return replace(found, curves=curves, axes=("thousand characters", self.metric.partition("/")[2]))

    def _curves(self, config: Config, folder: Path) -> dict[int, list[tuple[float, float]]]:
        found = load_record(self.experiment, config, folder)
        assert not isinstance(found, str)  # its values were read before
        return {seed: [(row[2] / 1000, row[3]) for row in found.seeds[seed].curves[self.metric]] for seed in self.verdict}


def chosen(table: Table, higher: bool) -> dict[str, str]:
    """The setting of each method with the best mean; of equal ones the last. A setting that diverged on a seed is the worst.

    >>> chosen({"KF": {"lr=0.1": {100: 3.0}, "lr=0.01": {100: 3.0}, "lr=0.001": {100: 2.0}}}, higher=True)
    {'KF': 'lr=0.01'}
    """
    sign = 1 if higher else -1
    best = {}
    for method, grid in table.items():
        means = {setting: sign * mean_of_trials(runs, higher) for setting, runs in grid.items()}
        best[method] = [setting for setting, mean in means.items() if mean == max(means.values())][-1]
    return best
