"""Claims of "Drift Analysis and Evolutionary Algorithms Revisited" and of what it builds on, a file a theme.

J. Lengler, A. Steger, "Drift Analysis and Evolutionary Algorithms Revisited", arXiv 1608.03226; Combinatorics, Probability
and Computing 27(5), 2018: the (1+1) EA with rate c/n on linear and monotone functions.

=============  =============================================================================================
``formulas``   closed forms and bounds against whole chains, in rational arithmetic
``upper``      drift theorems from above, on exact chains and without one of their conditions
``lower``      drift theorems from below, fitness levels on both sides
``negative``   negative drift and concentration
``runtimes``   simulated runtimes against exact expectations, laws and bounds
=============  =============================================================================================

``common`` and ``chains`` hold what they share.
"""

from __future__ import annotations

from proofs_check.claims.drift_revisited import formulas, lower, negative, runtimes, upper
from proofs_check.claims.drift_revisited.common import EA, PAPER, exact_mean

CLAIMS = (*formulas.CLAIMS, *upper.CLAIMS, *lower.CLAIMS, *negative.CLAIMS, *runtimes.CLAIMS)

__all__ = ["CLAIMS", "EA", "PAPER", "exact_mean"]
