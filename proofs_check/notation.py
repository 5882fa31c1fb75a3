"""What the letters of statements and formulas mean: those of all claims, and those that stand for more than a number.

A claim's own letters are explained by the claim (``Claim.where``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A letter, how it is found in a text, and what it means."""

    name: str
    pattern: str
    meaning: str
    paper: str = ""  # the only one in which it means that


COMMON = (
    Letter("T", r"\bT\b", "the runtime: the number of offspring until the optimum is found; that of the start isn't counted"),
    Letter("n", r"\bn\b", "the number of bits, on hidden subsets and initial segments of those that count"),
    Letter("c, p", r"\bc\b|\bp\b", "the mutation rate: every bit flips with probability p = c/n, for itself"),
    Letter("k", r"\bk\b", "the number of zero-bits, that is, of wrong ones; or the variable of a sum"),
    Letter("v", r"\bv\b", "the fitness of the current point"),
    Letter("t", r"\bt\b", "the number of an offspring; 1 is the first"),
    Letter("E[...], P[...]", r"\bE\b|\bP\b", "expectation and probability"),
)
SPECIAL = (
    Letter("H_k", r"\bH_[a-zA-Z(]", "the harmonic number 1 + 1/2 + ... + 1/k"),
    Letter("H_Z", r"\bH_Z", "the harmonic number of Z, the number of zero-bits of the random start"),
    Letter("b(1)", r"\bb\(1\)", "Witt's bound (n a p q^(1-n) + ln(1/p) + (n-1) ln q + 1) / ((1 - 1/a) p q^(n-1)) with q = 1 - p, "
           "at the best a > 1"),
    Letter("X_t, X_0", r"\bX_(t|0)|\bX\b", "the potential after t steps, and at the start"),
    Letter("s_min", r"\bs_\(?min", "the smallest positive value of the potential"),
    Letter("E_OneMax(n, p)", r"\bE_OneMax", "the exact expected runtime of the (1+1) EA with rate p on OneMax with n bits"),
    Letter("V_LO(v, p)", r"\bV_LO", "the probability that a run on LeadingOnes from 0^n ever has exactly v ones in front"),
    Letter("C_1(c)", r"\bC_1\b", "the coefficient of n in the expected runtime on OneMax, e^c/c (gamma - ln 2 + an integral)"),
    Letter("p(s)", r"\bp\(s\)|\bp_s\b", "the mutation rate of offspring s"),
    Letter("m_D(n)", r"\bm_D", "E[p (1-p)^(n-1)] for a rate p drawn from D: how likely one given relevant bit flips, no other"),
    Letter("E_1(x)", r"\bE_1\b", "the integral of e^(-u)/u from x on"),
    Letter("W(t)", r"\bW\(", "Lambert's function: W e^W = t"),
    Letter("alpha, beta", r"\balpha\b|\bbeta\b", "alpha = 1.5447, beta = 3.5525: the best schedule has the rate alpha ln t/t "
           "and takes about beta n ln n", "hidden-subset"),
    Letter("binom(n, k)", r"\bbinom\b", "n over k"),
)  # fmt: skip


def letters(*texts: str, paper: str = "", said: str = "") -> list[Letter]:
    """What stands in these texts (words, or LaTeX) of a paper's claim, is more than a number, and isn't said already.

    >>> [letter.name for letter in letters("E[T] = n H_k", r"\\frac{1}{V_{LO}(v, p)}")]
    ['H_k', 'V_LO(v, p)']
    """
    plain = " ".join(map(_plain, texts))
    found = [letter for letter in SPECIAL if letter.paper in ("", paper) and re.search(letter.pattern, plain)]
    found = [letter for letter in found if not re.search(letter.pattern, said)]
    return [letter for letter in found if not (letter.name == "H_k" and not re.search(r"\bH_(?!Z)", plain))]


def _plain(text: str) -> str:
    """LaTeX without its signs: V_{LO} as V_LO."""
    text = re.sub(r"\\(mathrm|operatorname|text|mathit)\b", "", text)
    text = re.sub(r"([_^])\{([^{}]*)\}", r"\1\2", text)
    return re.sub(r"[\\{}$]", " ", text)


_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "lambda": "λ", "mu": "μ", "xi": "ξ", "chi": "χ",
    "rho": "ρ", "tau": "τ", "phi": "φ", "Phi": "Φ", "sigma": "σ", "theta": "θ", "Lambda": "Λ", "pi": "π",
    "eta": "η", "kappa": "κ", "zeta": "ζ",
}  # fmt: skip


def signs(text: str) -> str:
    """Words with formulas as people type them, with the signs that they stand for.

    >>> signs("X_0 <= 2/eps"), signs("beta eta")
    ('X_0 ≤ 2/ε', 'β η')
    """
    text = text.replace("<=", "≤").replace(">=", "≥")
    return re.sub(r"(?<![A-Za-z])(" + "|".join(_GREEK) + r")(?![A-Za-z])", lambda found: _GREEK[found[1]], text)
