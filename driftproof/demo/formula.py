"""Formulas for a page: MathML, which browsers draw by themselves, so that nothing has to be loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sympy import Expr
from sympy.printing.mathml import MathMLPresentationPrinter

if TYPE_CHECKING:
    from theory import Bound

_SIGNS = {"upper": "≤", "lower": "≥", "exact": "=", "theta": "∈ Θ of"}


class _Printer(MathMLPresentationPrinter):
    """Positive terms first, ln for the natural logarithm, H_k for harmonic numbers."""

    def _as_ordered_terms(self, expr: Expr, order: object = None) -> list[Expr]:
        return sorted(super()._as_ordered_terms(expr, order=order), key=lambda term: term.could_extract_minus_sign())

    def _print_harmonic(self, expr: Expr) -> object:
        sub = self.dom.createElement("msub")
        letter = self.dom.createElement("mi")
        letter.appendChild(self.dom.createTextNode("H"))
        sub.appendChild(letter)
        sub.appendChild(self._print(expr.args[0]))
        return sub


def mathml(expr: Expr) -> str:
    """An expression as the inside of a <math> element.

    >>> from theory.symbols import n
    >>> mathml(n**2)
    '<msup><mi>n</mi><mn>2</mn></msup>'
    """
    text = _Printer({"ln_notation": True}).doprint(expr)
    text = re.sub(r"</?math[^>]*>", "", text)
    text = re.sub(r"&ExponentialE;|ⅇ", "e", text)
    return text.replace("<mo>log</mo>", "<mi>ln</mi>").replace("<mi>log</mi>", "<mi>ln</mi>")


def statement(bound: Bound) -> str:
    """A bound as a <math> element."""
    sign = _SIGNS.get(bound.direction, "≈")
    if bound.direction == "asymptotic":
        sign = {"both": "=", "upper": "≤", "lower": "≥"}[bound.side] + " (1 + o(1)) ·"
    quantity = {"E[T]": "<mi>E</mi><mo>[</mo><mi>T</mi><mo>]</mo>"}.get(bound.quantity, f"<mtext>{bound.quantity}</mtext>")
    quantity = quantity.replace("P[T > t]", "P[T &gt; t]")
    return f"<math displaystyle='true'><mrow>{quantity}<mo>{sign}</mo>{mathml(bound.expr)}</mrow></math>"
