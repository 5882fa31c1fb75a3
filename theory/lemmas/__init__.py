"""The lemmas on which the bounds of the catalogue rest: each a statement, and the formula that it concludes.

The last step of a derivation puts expressions into a lemma: :class:`Applied` names the lemma and says what is put where, so that
anybody who has the book of lemmas (the ``.toml`` files of this folder) can work out the conclusion again and hold it against the
bound. Each entry of the book has

==============  =====================================================================================================
``says``        the statement: hypotheses and conclusion, in words
``quantity``    of what, e.g. ``E[T]``
``direction``   ``upper``, ``lower``, ``exact``, ``asymptotic``, ``theta`` or ``threshold``
``given``       the names of what is put in: numbers, or functions of an index
``needs``       hypotheses that can be tried on a process, where there are any: relations between what is given and, at each
                point but the optimum, ``X`` (its zero-bits), ``drift`` = E[X_t - X_t+1], the probabilities ``fall`` and ``rise``
                of a smaller and a larger X, ``leave`` of a better fitness, ``done`` of the optimum; ``rate``; ``X_0``, the mean
                over the start (over any start: the largest)
``formula``     the conclusion, in what is given and the symbols n, c, k, t
``source``      author and year, or why it holds
==============  =====================================================================================================

A file holds the lemmas of one theme. Formulas are written as sympy reads them.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy
from sympy import Basic, Expr, Symbol

from theory.errors import InputError, nearest
from theory.symbols import c, k, n, t, v

_FUNCTIONS: dict[str, Any] = {
    name: getattr(sympy, name)
    for name in (
        "Sum", "Product", "Integral", "Piecewise", "Max", "Min", "Eq", "Lambda", "Rational", "log", "exp", "sqrt", "harmonic",
        "binomial", "factorial", "gamma", "polygamma", "floor", "ceiling", "atan", "LambertW", "oo", "pi", "E", "EulerGamma",
    )
}  # fmt: skip
_INDICES = {
    **{name: Symbol(name, integer=True, positive=True) for name in ("j", "l")},
    **{name: Symbol(name, integer=True, nonnegative=True) for name in ("a", "b", "i", "u")},
    "x": Symbol("x", positive=True),
}
NAMES = {**_FUNCTIONS, **_INDICES, "n": n, "c": c, "k": k, "t": t, "v": v}
"""What a formula may use beside what is given."""


@dataclass(frozen=True)
class Lemma:
    """One entry of the book; see the head of this file."""

    name: str
    says: str
    quantity: str
    direction: str
    given: tuple[str, ...]
    formula: str
    source: str
    needs: tuple[str, ...] = ()

    def conclude(self, **given: Basic) -> Expr:
        """The formula with what is given put in.

        Examples
        --------
        >>> from theory import c, n
        >>> lemma("multiplicative drift").conclude(start=n, low=sympy.Integer(1), delta=c / n)
        n*(log(n) + 1)/c
        """
        _check(self, given)
        return sympy.sympify(self.formula, locals={**NAMES, **given})


def _check(lemma: Lemma, given: dict[str, Basic]) -> None:
    if set(given) != set(lemma.given):
        raise InputError(f"given: '{lemma.name}' needs {', '.join(lemma.given)}, not {', '.join(given) or 'nothing'}")
    for name, value in given.items():
        if not isinstance(value, Basic):  # sympy would evaluate a text as Python
            raise InputError(f"{name}: {str(value)[:40]!r} must be an expression")


@functools.cache
def lemmas() -> dict[str, Lemma]:
    """The whole book, by name.

    >>> sorted(lemmas()) == sorted(set(lemmas())) and "additive drift" in lemmas()
    True
    """
    found: dict[str, Lemma] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert name not in found, f"{name} stands twice in the book"
            found[name] = Lemma(name, **{**entry, "given": tuple(entry["given"]), "needs": tuple(entry.get("needs", ()))})
    return found


def lemma(name: str) -> Lemma:
    """One lemma of the book.

    >>> lemma("aditive drift")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: lemma: 'aditive drift' is not in the book; did you mean additive drift?
    """
    if name not in lemmas():
        raise InputError(f"lemma: {name!r} is not in the book; {nearest(str(name), lemmas())}")
    return lemmas()[name]


@dataclass(frozen=True)
class Applied:
    """The last step of a derivation: a lemma, and what is put into it.

    Attributes
    ----------
    lemma : str
        Its name in the book.
    given : tuple of (name, expression)
        A function of an index is a ``sympy.Lambda``.
    where : tuple of relations
        The hypotheses under which the conclusion is drawn: the conditions of the bound, apart from those under which the process
        exists. A free parameter's range is among them.
    put : tuple of (symbol, expression)
        What the symbols of ``given`` stand for in the end, e.g. p for c/n; the premises may be about the symbol.

    Examples
    --------
    >>> from theory import k, n
    >>> last = applied("additive drift", start=n, lowest=0, delta=1 / n)
    >>> last.expr
    n**2
    """

    lemma: str
    given: tuple = ()
    where: tuple = ()
    put: tuple = ()

    @property
    def expr(self) -> Expr:
        """The conclusion."""
        return lemma(self.lemma).conclude(**dict(self.given)).subs(dict(self.put))

    @property
    def text(self) -> str:
        """The lemma's name and what is put in, on one line."""
        from theory.text import formula

        said = ", ".join(f"{name} = {formula(value)}" for name, value in (*self.given, *((str(x), y) for x, y in self.put)))
        return f"{self.lemma}: {said}" if said else self.lemma


def applied(name: str, where: tuple = (), put: tuple = (), **given: Any) -> Applied:
    """A lemma with what is put into it; checked against the book."""
    ready = {key: value if isinstance(value, Basic) else sympy.sympify(value) for key, value in given.items()}
    _check(lemma(name), ready)
    return Applied(name, tuple(ready.items()), tuple(where), tuple(put))


def of(index: Symbol, expr: Any) -> sympy.Lambda:
    """A function of an index, to be put into a lemma.

    >>> of(k, k / n)(3)
    3/n
    """
    return sympy.Lambda(index, sympy.sympify(expr))
