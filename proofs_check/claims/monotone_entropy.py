"""Claims of "When Does Hillclimbing Fail on Monotone Functions: an entropy compression argument".

J. Lengler, A. Martinsson, A. Steger, arXiv 1808.01137 (ANALCO 2019). The claims about the encoding are in
:mod:`proofs_check.claims.compression`. Here: on strictly monotone functions a round without an up-flip changes nothing, so that
simulating only the others, after a geometric waiting time, leaves the law of T as it is.
"""

from __future__ import annotations

from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited import EA, exact_mean
from proofs_check.decide import Law, Mean, Runs, laws, means
from theory import BinVal, Linear, OneMax

PAPER = "monotone-entropy"


def event_law(setting: Setting) -> list[Law]:
    """Event against reference engine. The mutant's reference run counts bits where BinVal weighs them."""
    values = {"n": setting.choose(30, 60), "c": 2}
    onemax, binval, linear = (EA.on(problem) for problem in (OneMax(), BinVal(), Linear(range(1, 101))))

    def runs(process, engine):
        return Runs(process, values, engine=engine)

    return [
        Law(runs(onemax, "event"), runs(onemax, "reference")),
        Law(runs(binval, "event"), runs(binval, "reference"), mutant=runs(onemax, "reference")),
        Law(runs(linear, "event"), runs(linear, "reference")),
    ]


def event_mean(setting: Setting) -> list[Mean]:
    """Event engine against the chain over all points."""
    size = setting.choose(10, 12)
    cells = [(BinVal(), 0.5), (BinVal(), 1), (BinVal(), 2), (Linear(range(1, 13)), 1)]
    return [exact_mean(problem, {"n": size, "c": constant}, 0.95, engine="event") for problem, constant in cells]


CLAIMS = (
    Claim(
        "event-law", PAPER,
        "(1+1) EA, rate c/n, strictly monotone functions: skipping rounds without up-flips keeps the law of T",
        "the argument is elementary: rounds without an up-flip never change the state", "a reference that runs OneMax for BinVal",
        0.07, laws(event_law, 5000, 20_000),
    ),
    Claim(
        "event-mean", PAPER,
        "(1+1) EA, rate c/n, linear functions: E[T] with rounds skipped is that of the chain over all points",
        "the argument is elementary: rounds without an up-flip never change the state", "the value times 0.95", 0.04,
        means("exact", event_mean, 20_000, 100_000),
    ),
)  # fmt: skip
