"""Claims of "The linear hidden subset problem for the (1+1) EA with scheduled and adaptive mutation rates", a file a theme.

H. Einarsson, M. M. Gauy, J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, arXiv 1808.05566; Theoretical Computer
Science 785, 2019. The paper's abstract is the source of what is claimed; derivations and predictions at finite n were made here.

=============  =============================================================================================
``constants``  constants, identities and closed forms, decided without statistics
``schedules``  the schedules alpha ln t/t and alpha W(t)/t: the exact law, predictions, slopes, order
``adaptive``   rates that follow the run
``static``     static rates on hidden subsets and initial segments; LeadingOnes with its own schedule
``feasible``   which runtimes static rates can have at every n at once
``lower``      what no rates can do; schedules that jump; bits without weight
=============  =============================================================================================

``common`` holds what they share.
"""

from __future__ import annotations

from proofs_check.claims.hidden_subset import adaptive, constants, feasible, lower, schedules, static
from proofs_check.claims.hidden_subset.common import PAPER

CLAIMS = (*constants.CLAIMS, *schedules.CLAIMS, *adaptive.CLAIMS, *static.CLAIMS, *feasible.CLAIMS, *lower.CLAIMS)

__all__ = ["CLAIMS", "PAPER"]
