"""Fixed budgets in closed form: the expected fitness after t offspring.

T. Jansen, C. Zarges, *Performance analysis of randomised search heuristics operating with a fixed budget*, TCS 545 (2014).

RLS on OneMax: each of the k_t zero-bits is the flipped one with probability 1/n, so E[k_{t+1} | x_t] = (1 - 1/n) k_t. Other
pairs: :func:`theory.exact.fixed_budget`.
"""

from __future__ import annotations

from theory.bounds.common import Bound, Check, Source, argument, concluding, is_rls
from theory.facts import DriftFact, Identity
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import k, n, t

QUANTITY = "E[f(x_t)]"
SOURCE = Source(
    "fixed budget (Jansen, Zarges 2014)",
    "@article{JansenZarges2014,\n  author = {Jansen, Thomas and Zarges, Christine},\n"
    "  title = {Performance analysis of randomised search heuristics operating with a fixed budget},\n"
    "  journal = {Theoretical Computer Science},\n  volume = {545},\n  pages = {39--58},\n  year = {2014},\n}",
)


def bounds(process: Process) -> list[Bound]:
    """E[f(x_t)] of RLS on OneMax, exact for every t >= 0."""
    if not (isinstance(process.problem, OneMax) and is_rls(process)):
        return []
    stays = (1 - 1 / n) ** t
    derivation = argument(
        "linearity of expectation",
        "A zero-bit is flipped with probability 1/n, and accepted; a one-bit is never lost. So E[k_t+1 | x_t] = (1 - 1/n) k_t.",
        "By induction E[k_t] = (1 - 1/n)^t E[k_0], and E[k_0] = n/2 for a uniform start.",
        checks=(
            Check("E[k_t - k_t+1 | x_t] = k_t/n", "on the whole chain", "premise", DriftFact(process, k / n, "==")),
            Check("the induction step", "symbolically", "premise", Identity(stays * k - stays * k / n, stays * (1 - 1 / n) * k)),
        ),
    )
    from_k = Bound(QUANTITY, "exact", n - k * stays, start=k, source=SOURCE, derivation=derivation)
    uniform = Bound(QUANTITY, "exact", n - n / 2 * stays, start="uniform", source=SOURCE, derivation=derivation)
    return [concluding(bound, "the mean shrinks", start=mean, delta=1 / n) for bound, mean in ((from_k, k), (uniform, n / 2))]
