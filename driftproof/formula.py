"""Formulas for a page: MathML, which browsers draw by themselves, so that nothing has to be loaded."""

from __future__ import annotations

import re
from functools import cache


@cache
def mathml(latex: str, display: bool = True) -> str:
    """LaTeX, without dollar signs, as a <math> element.

    >>> mathml("n^2", display=False)
    '<math display="inline"><mrow><msup><mi>n</mi><mn>2</mn></msup></mrow></math>'
    """
    from latex2mathml.converter import convert

    text = convert(latex.replace(r"\log", r"\ln"), display="block" if display else "inline")
    return re.sub(r' xmlns="[^"]*"', "", text)


GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "lambda": "λ", "mu": "μ", "xi": "ξ", "chi": "χ",
    "rho": "ρ", "tau": "τ", "phi": "φ", "Phi": "Φ", "sigma": "σ", "theta": "θ", "Lambda": "Λ", "pi": "π",
}  # fmt: skip


def plain(text: str) -> str:
    """Words with formulas as people type them, with the signs that they stand for.

    >>> plain("X_0 <= 2/eps")
    'X_0 ≤ 2/ε'
    """
    text = text.replace("<=", "≤").replace(">=", "≥")
    return re.sub(r"(?<![A-Za-z])(" + "|".join(GREEK) + r")(?![A-Za-z])", lambda found: GREEK[found[1]], text)


def typeset(text: str) -> str:
    """The same as HTML: x_1 and n^2 with what is small in its place.

    >>> typeset("E[T] <= e n^(3/2) + X_0")
    'E[T] ≤ e n<sup>3/2</sup> + X<sub>0</sub>'
    """
    from markupsafe import escape

    html = str(escape(plain(text)))
    html = re.sub(r"(?<=[\w)])(?<!_)_(?:(\w+)|\(([^()]*)\))", lambda found: f"<sub>{found[1] or found[2]}</sub>", html)
    return re.sub(r"\^(?:(-?\w+\*?)|\(([^()]*)\))", lambda found: f"<sup>{found[1] or found[2]}</sup>", html)
