"""Formulas for a page: MathML, which browsers draw by themselves, so that nothing has to be loaded."""

from __future__ import annotations

import re
from functools import cache

from proofs_check.notation import signs

_THIN = '<mspace width="0.167em" />'


@cache
def mathml(latex: str, display: bool = True) -> str:
    """LaTeX, without dollar signs, as a <math> element.

    >>> mathml("n^2", display=False)
    '<math display="inline"><mrow><msup><mi>n</mi><mn>2</mn></msup></mrow></math>'
    """
    from latex2mathml.converter import convert

    text = convert(latex.replace(r"\log", r"\ln"), display="block" if display else "inline")
    text = re.sub(r' xmlns="[^"]*"', "", text)
    alone = r"(?<!<msup>)(?<!<msub>)<mi>ln</mi>"  # beside its exponent nothing may stand in <msup>
    text = re.sub(rf"{alone}(?!<m[rof][^>]*>(?:<mo[^>]*>)?&#x00028;)", rf"<mi>ln</mi>{_THIN}", text)
    return re.sub(r"(?<!<mrow>)(?<!<msup>)(?<!<msub>)<mi>(ln|exp)</mi>", rf"{_THIN}<mi>\1</mi>", text)


def typeset(text: str) -> str:
    """Words with formulas as people type them, as HTML: x_1 and n^2 with what is small in its place.

    >>> typeset("E[T] <= e n^(3/2) + X_0")
    'E[T] ≤ e n<sup>3/2</sup> + X<sub>0</sub>'
    """
    from markupsafe import escape

    html = str(escape(signs(text)))
    inner = r"\(((?:[^()]|\([^()]*\))*)\)"  # with one pair of brackets in it
    html = re.sub(rf"(?<=[\w)])(?<!_)_(?:(\w+)|{inner})", lambda found: f"<sub>{found[1] or found[2]}</sub>", html)
    return re.sub(rf"\^(?:([A-Z]\(\w\)|-?\w+\*?)|{inner})", lambda found: f"<sup>{found[1] or found[2]}</sup>", html)
