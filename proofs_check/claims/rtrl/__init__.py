"""Claims of KF-RTRL and OK: unbiased Kronecker approximations of real-time recurrent learning.

A. Mujika, F. Meier, A. Steger, *Approximating real-time recurrent learning with random Kronecker factors*, NeurIPS 2018, arXiv
1805.10842 (``kf-rtrl``); F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of
real time recurrent learning*, ICML 2019, arXiv 1902.03993 (``ok-rtrl``).

==============  ==================================================================================
``exact``       closed forms and bounds in fractions, over all signs; needs no networks
``measured``    the estimators of :mod:`nets.rtrl` on recurrent networks with frozen weights
``truncation``  what the gradient of a window doesn't see, at frozen weights
``trained``     trained networks, by their records
==============  ==================================================================================
"""

from __future__ import annotations

from proofs_check.claims.rtrl import exact, measured, trained, truncation
from proofs_check.claims.rtrl.exact import KF_SOURCE, OK_SOURCE
from proofs_check.repeats import repeats

REPEATS = (repeats("kf-rtrl", "kf-rtrl.copy", KF_SOURCE), repeats("ok-rtrl", "ok-rtrl.copy", OK_SOURCE))
CLAIMS = (*exact.CLAIMS, *measured.CLAIMS, *truncation.CLAIMS, *trained.claims(), *REPEATS)
