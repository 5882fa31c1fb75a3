"""Claims of "Drift Analysis and Evolutionary Algorithms Revisited" and of what it builds on, a file a theme.

J. Lengler, A. Steger, "Drift Analysis and Evolutionary Algorithms Revisited", arXiv 1608.03226; Combinatorics, Probability
and Computing 27(5), 2018: the (1+1) EA with rate c/n on linear and monotone functions.

===============  ===========================================================================================
``formulas``     closed forms and bounds against whole chains, in rational arithmetic
``upper``        drift theorems from above, on exact chains and without one of their conditions
``lower``        drift theorems from below, fitness levels on both sides
``negative``     negative drift and concentration
``tails``        tails at every t against DKW bands
``linear``       linear functions between OneMax and Witt's bound, potentials, rules of acceptance
``onemax``       the expansion of E[T] on OneMax at finite n, the best rate
``leadingones``  best and adaptive rates, law and variance on LeadingOnes
``runtimes``     simulated runtimes against exact expectations, laws and bounds
``others``       Dynamic BinVal, power laws of flip numbers, plateaus, trap, Metropolis
===============  ===========================================================================================

``common`` and ``chains`` hold what they share.
"""

from __future__ import annotations

from proofs_check.claims.drift_revisited import (
    formulas,
    leadingones,
    linear,
    lower,
    negative,
    onemax,
    others,
    runtimes,
    tails,
    upper,
)
from proofs_check.claims.drift_revisited.common import EA, PAPER, exact_mean

_THEMES = (formulas, upper, lower, negative, tails, linear, onemax, leadingones, runtimes, others)
CLAIMS = tuple(claim for theme in _THEMES for claim in theme.CLAIMS)

__all__ = ["CLAIMS", "EA", "PAPER", "exact_mean"]
