"""The error rate of every claim, fixed once: the probability with which ``check`` refutes it although it is true.

Their sum is at most 0.01, so that a refutation anywhere in the whole list means something. A claim keeps its rate whatever
is selected; a new claim takes what is left. A claim decided without statistics has the rate 0.

Training claims are a family of their own: few seeds are affordable, so their rates add up to at most 0.05. There the rate is the
probability of a wrong verdict either way: that what is false is found consistent, or what is true refuted.
"""

from __future__ import annotations

import zlib

LARGEST_SUM = 0.01
LARGEST_TRAINING_SUM = 0.05

ERROR_RATES: dict[str, float] = {
    # drift-revisited
    "onemax-chain": 0.0,
    "leadingones-formula": 0.0,
    "rls-formulas": 0.0,
    "needle-formula": 0.0,
    "bounds-at-small-n": 0.0,
    "onemax-mean": 2e-4,
    "onemax-law": 2e-4,
    "leadingones-mean": 2e-4,
    "rls-mean": 2e-4,
    "needle-mean": 2e-4,
    "jump-mean": 2e-4,
    "linear-upper": 2e-4,
    "multiplicative-upper": 2e-4,
    "multiplicative-tail": 2e-4,
    "theorem-additive-upper": 0.0,
    "theorem-multiplicative-upper": 0.0,
    "theorem-multiplicative-tail": 0.0,
    "theorem-variable-upper": 0.0,
    "theorem-headwind": 0.0,
    "theorem-fitness-levels": 0.0,
    "onemax-bounds": 0.0,
    "theorem-additive-lower": 0.0,
    "theorem-multiplicative-lower": 0.0,
    "theorem-variable-lower": 0.0,
    "fitness-levels-need-landing": 0.0,
    "theorem-viscosity-lower": 0.0,
    "theorem-viscosity-upper": 0.0,
    "theorem-visit-probabilities": 0.0,
    "theorem-level-based": 0.0,
    "theorem-negative-drift": 0.0,
    "theorem-negative-simplified": 0.0,
    "theorem-negative-scaling": 0.0,
    "theorem-negative-multiplicative": 0.0,
    "theorem-concentration-late": 0.0,
    "theorem-concentration-early": 0.0,
    "multiplicative-ccdf": 1e-4,
    "witt-ccdf": 1e-4,
    "negative-drift-cdf": 1e-4,
    "linear-easiest": 0.0,
    "linear-domination": 0.0,
    "binval-above-onemax": 0.0,
    "two-bits": 0.0,
    "witt-potential": 0.0,
    "acceptance-rules": 0.0,
    "synthesised-weights": 0.0,
    "linear-lower": 1e-4,
    "binval-margin": 1e-4,
    "linear-slope": 1e-4,
    "onemax-expansion": 0.0,
    "onemax-expansion-mean": 1e-4,
    "onemax-best-rate": 0.0,
    "onemax-rate-curve": 1e-4,
    "leadingones-best-rate": 0.0,
    "leadingones-rate-curve": 1e-4,
    "leadingones-adaptive": 0.0,
    "leadingones-adaptive-mean": 1e-4,
    "leadingones-law": 0.0,
    "leadingones-variance": 0.0,
    "leadingones-law-runs": 1e-4,
    "dynamic-binval-threshold": 0.0,
    "dynamic-binval-growth": 0.0,
    "dynamic-binval-mean": 1e-4,
    "zeta-threshold": 0.0,
    "zeta-hottopic": 0.0,
    "plateau-mean": 1e-4,
    "trap-mean": 1e-4,
    "metropolis-mean": 1e-4,
    "poea-exponent": 0.0,
    "monotone-small-rates": 0.0,
    "hottopic-threshold": 0.0,
    "hottopic-drift-field": 1e-4,
    "hottopic-levels": 1e-4,
    "hottopic-density": 1e-4,
    "rls-expansion": 0.0,
    "jump-escape": 0.0,
    # monotone-entropy
    "event-law": 2e-4,
    "event-mean": 2e-4,
    "monotone-worst-n4": 0.0,
    "monotone-far": 0.0,
    "codec-threshold": 0.0,
    "poea-blowup": 0.0,
    "binval-growth": 1e-4,
    "codec-round-trip": 0.0,
    "codec-kraft": 0.0,
    "codec-power": 0.0,
    "codec-telescoping": 0.0,
    "codec-pair-lemma": 0.0,
    "codec-tail": 1e-4,
    "codec-ordinary": 1e-4,
    "codec-hot": 1e-4,
    "codec-certificate": 1e-4,
    # hidden-subset
    "hs-constants": 0.0,
    "hs-budget": 0.0,
    "hs-leadingones": 0.0,
    "hs-invariance": 0.0,
    "hs-exact-law": 1e-4,
    "hs-prediction": 1e-4,
    "hs-slope": 1e-4,
    "hs-ordering": 1e-4,
    "hs-mistuned": 1e-4,
    "hs-linear": 1e-4,
    "hs-slow-down": 1e-4,
    "hs-stationary": 1e-4,
    "hs-adaptive": 1e-4,
    "hs-epochs": 1e-4,
    "hs-exchanged": 1e-4,
    "hs-static": 0.0,
    "hs-segment-leadingones": 1e-4,
    "hs-hand-off": 1e-4,
    "hs-static-frontier": 0.0,
    "hs-segment-budget": 0.0,
    "hs-sqrt-limit": 0.0,
    "hs-sqrt": 1e-4,
    "hs-any-rates-exact": 0.0,
    "hs-any-rates": 1e-4,
    "hs-averages": 0.0,
    "hs-jumps": 1e-4,
    "hs-irrelevant": 1e-4,
    # kf-rtrl
    "kf-derivations": 0.0,
    "kf-step-noise": 0.0,
    "kf-scalar-chain": 0.0,
    "kf-variance-bound": 0.0,
    "kf-unbiased": 1e-4,
    "kf-ordering": 1e-4,
    "kf-scaling": 1e-4,
    "kf-martingale": 1e-4,
    "kf-bounded": 0.0,
    "kf-no-growth": 1e-4,
    # ok-rtrl
    "ok-derivations": 0.0,
    "ok-optimality": 0.0,
    "ok-enumeration": 0.0,
    "ok-steps": 0.0,
    "ok-unbiased": 1e-4,
    "ok-ordering": 1e-4,
    # catalogue
    "catalogue-ea-onemax": 0.0,
    "catalogue-ea-leadingones": 0.0,
    "catalogue-ea-binval": 0.0,
    "catalogue-ea-linear": 0.0,
    "catalogue-ea-needle": 0.0,
    "catalogue-ea-jump-2": 0.0,
    "catalogue-ea-plateau-2": 0.0,
    "catalogue-ea-trap": 0.0,
    "catalogue-ea-partiallyorderedea": 0.0,
    "catalogue-ea-dynamicbinval": 0.0,
    "catalogue-ea-hottopic": 0.0,
    "catalogue-ea-strict-needle": 0.0,
    "catalogue-rls-onemax": 0.0,
    "catalogue-rls-leadingones": 0.0,
    "catalogue-rls-binval": 0.0,
    "catalogue-rls-linear": 0.0,
    "catalogue-rls-needle": 0.0,
    "catalogue-rls-plateau-2": 0.0,
    "catalogue-rls-partiallyorderedea": 0.0,
    "catalogue-rls-dynamicbinval": 0.0,
    "catalogue-rls-hottopic": 0.0,
    "catalogue-ea-hiddensubset-onemax": 0.0,
    "catalogue-ea-log-hiddensubset-onemax": 0.0,
    "catalogue-ea-lambert-hiddensubset-onemax": 0.0,
    "catalogue-ea-log-hiddensubset-binval": 0.0,
    "catalogue-ea-log-onemax": 0.0,
    "catalogue-ea-sqrt-hiddensubset-leadingones": 0.0,
    "catalogue-ea-1d-v-p-1-leadingones": 0.0,
    "catalogue-ea-1d-i-p-1-initialsegment-onemax": 0.0,
    "catalogue-ea-cd-i-p-1-2-initialsegment-onemax": 0.0,
    "catalogue-ea-1d-i-p-1-initialsegment-leadingones": 0.0,
    "catalogue-ea-cd-i-p-1-2-initialsegment-leadingones": 0.0,
    "catalogue-metropolis-alpha-n-onemax": 0.0,
    "catalogue-ea-dynamiclinear": 0.0,
    "catalogue-ea-partiallyorderedea-d2": 0.0,
    "catalogue-ea-hiddensubset-leadingones": 0.0,
    "catalogue-ea-strict-jump-2": 0.0,
    "catalogue-ea-strict-plateau-2": 0.0,
    "catalogue-ea-strict-trap": 0.0,
    "catalogue-runs": 2e-4,
    "catalogue-mutants": 0.0,
    "ok-truncation-blind": 1e-4,
    "kf-rtrl-smoke-repeats": 0.0,
    "ok-rtrl-smoke-repeats": 0.0,
}

TRAINING_ERROR_RATES: dict[str, float] = {
    "ok-copy-ahead-of-tbptt": 2e-3,
    "ok-copy-ahead-of-kf": 2e-3,
    "kf-copy-ahead-of-uoro": 2e-3,
    "kf-text-ahead-of-uoro": 2e-3,
}
"""Those of claims that read records of trained networks (:mod:`proofs_check.training`)."""


def error_rate(claim: str) -> float:
    """The error rate of a claim of either family.

    >>> error_rate("onemax-mean")
    0.0002
    """
    return ERROR_RATES[claim] if claim in ERROR_RATES else TRAINING_ERROR_RATES[claim]


def seed_of(claim: str) -> int:
    """The seed of a claim: fixed by its name.

    >>> seed_of("onemax-mean") == seed_of("onemax-mean")
    True
    """
    return zlib.crc32(claim.encode())
