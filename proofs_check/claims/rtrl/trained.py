"""Claims of KF-RTRL and OK about trained networks, decided by records: string memorisation and a character language model.

Sizes are far below the papers': 32 units, 16 lanes, minutes of training. Methods are compared at equal characters a lane, each
with the best learning rate of one grid (:mod:`proofs_check.claims.rtrl.grids`). Nothing is claimed at equal seconds.

``python -m proofs_check.claims.rtrl.trained`` prints the tuning table and, for each comparison, what the pilot seeds show.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from proofs_check.advantage import Superiority, seeds_needed
from proofs_check.claim import Claim
from proofs_check.claims.rtrl.exact import KF_SOURCE, OK_SOURCE
from proofs_check.claims.rtrl.grids import COPY, TEXT, TRAINED
from proofs_check.training import Evidence, NoRecord, training_claim
from proofs_check.trials import RECORDS, Trained, chosen
from proofs_check.tuning import mean_of_trials


@dataclass(frozen=True)
class Compared:
    """A comparison: ``better`` is ahead of ``worse`` by more than ``margin``, with the declared effect (see ``training``)."""

    id: str
    paper: str
    trained: Trained
    better: str
    worse: str
    margin: float
    effect: float
    statement: str

    @property
    def comparison(self) -> Superiority:
        """For :func:`proofs_check.training.decide`."""
        return Superiority(self.better, self.worse, self.margin, self.trained.higher, self.trained.resolution)

    def evidence(self, folder: Path = RECORDS) -> Evidence:
        """The records; raises :class:`NoRecord`."""
        return self.trained.evidence((self.better, self.worse), folder)


COMPARED = (
    Compared("ok-copy-ahead-of-tbptt", "ok-rtrl", COPY, "OK(4)", "TBPTT-5", 1.0, 2.3,
             "On string memorisation OK(4) reaches longer strings than TBPTT-5 after equally many characters"),
    Compared("ok-copy-ahead-of-kf", "ok-rtrl", COPY, "OK(4)", "KF", 0.5, 2.3,
             "On string memorisation OK(4) reaches longer strings than KF"),
    Compared("kf-copy-ahead-of-uoro", "kf-rtrl", COPY, "KF", "UORO", 0.5, 2.3,
             "On string memorisation KF reaches longer strings than UORO"),
    Compared("kf-copy-more-updates", "kf-rtrl", COPY, "TBPTT-5", "TBPTT-25", 0.0, 0.0,
             "On string memorisation TBPTT-5 reaches longer strings than TBPTT-25 after equally many characters: it makes five "
             "times as many updates, so this is no evidence on the bias of truncation"),
    Compared("kf-text-ahead-of-uoro", "kf-rtrl", TEXT, "KF", "UORO", 0.2, 4.5,
             "On a text KF needs fewer bits a character than UORO"),
    Compared("ok-text-ahead-of-kf", "ok-rtrl", TEXT, "OK(4)", "KF", 0.04, 0.0,
             "On a text OK(4) needs fewer bits a character than KF"),
)  # fmt: skip
"""Margins and effects stand here alone. They were fixed on the pilot seeds, before verdict seeds were looked at. An effect of 0
is that of a comparison whose pilot seeds show too small a one for a claim: it is reported as found by this file's command."""


def claims(folder: Path = RECORDS) -> tuple[Claim, ...]:
    """Those whose effect is large enough; the others are *reported as found*."""
    sources = {"kf-rtrl": KF_SOURCE, "ok-rtrl": OK_SOURCE}
    return tuple(
        training_claim(
            one.id, one.paper, one.statement, sources[one.paper], one.comparison, partial(one.evidence, folder), one.effect
        )
        for one in COMPARED
        if seeds_needed(one.effect) is not None
    )


def pilot_lines(one: Compared, folder: Path = RECORDS) -> str:
    """What the pilot seeds show of a comparison, at the chosen settings; verdict seeds aren't read."""
    trained, methods = one.trained, (one.better, one.worse)
    best = chosen(trained.table(folder, methods), trained.higher)
    values = {method: trained.read(trained.grids[method][best[method]], trained.pilot, folder) for method in methods}
    sign = 1 if one.trained.higher else -1
    found = [sign * (values[one.better][seed] - values[one.worse][seed]) for seed in trained.pilot]
    if not all(map(math.isfinite, found)):
        return f"{one.id}: a pilot run diverged"
    mean, std = statistics.mean(found), max(statistics.stdev(found), one.trained.resolution / math.sqrt(6))
    effect = one.comparison.effect_in(mean, std)
    return (
        f"{one.id}: {one.better} ahead of {one.worse} by {mean:.4g}, std {std:.3g}; margin {one.margin:g}: "
        f"effect {effect:.3g} (declared {one.effect:g}, enough seeds: {seeds_needed(effect)})"
    )


def found_lines(one: Compared, folder: Path = RECORDS) -> str:
    """What the seeds that decide show of a comparison, whether it is a claim or not."""
    values, sign = one.evidence(folder).values, 1 if one.trained.higher else -1
    found = [sign * (values[one.better][seed] - values[one.worse][seed]) for seed in one.trained.verdict]
    means = ", ".join(f"{method} {statistics.mean(runs.values()):.4g}" for method, runs in values.items())
    return f"  found: {means}; ahead by {statistics.mean(found):.4g}, std {statistics.stdev(found):.3g} over {len(found)} seeds"


def main(arguments: Sequence[str] = ()) -> int:
    """Print what the pilot seeds show; the only argument is the folder of records."""
    folder = Path(arguments[0]) if arguments else RECORDS
    for trained in TRAINED:
        print(f"{trained.experiment}, {trained.metric}, seeds {', '.join(map(str, trained.tuning))}")
        for method in trained.grids:
            try:
                table = trained.table(folder, [method])
            except NoRecord as reason:
                print(f"  {method}: {reason}")
                continue
            best = chosen(table, trained.higher)[method]
            for setting, runs in table[method].items():
                shown = " ".join(f"{value:8.4g}" for value in runs.values())
                mark = "  <- chosen" if setting == best else ""
                print(f"  {method:9} {setting:10} {shown}  mean {mean_of_trials(runs, trained.higher):.4g}{mark}")
    for one in COMPARED:
        for lines in (pilot_lines, found_lines):
            try:
                print(lines(one, folder))
            except NoRecord as reason:
                print(f"{one.id}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
