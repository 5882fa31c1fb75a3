"""Templates: the families of potentials among which the best one is looked for.

A template is a cone: X = sum of theta_j b_j with theta_j >= 0, where each b_j >= 0 is a function of the state that is
0 at the end of a run. Put on a chain it becomes :class:`Columns`, the exact values of the b_j.

=============  ==================================================================================================
``States``     one free value a state: every potential
``Levels``     one weight a fitness level: every potential that falls with the fitness
``Bits``       one weight a bit; X is the sum of the weights of the zero-bits (linear functions)
``Basis``      the cone spanned by given expressions in k and v, e.g. ``Basis(k, log(k + 1))``
``Concave``    every concave non-decreasing function of one expression (what variable drift can prove of it, and more)
=============  ==================================================================================================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import scipy.sparse
import sympy
from flint import fmpq
from sympy import Expr

from theory.errors import InputError, nearest
from theory.parse import expression
from theory.symbols import SYMBOLS, c, k, n, v
from theory.synthesis.chains import FiniteChain, as_float
from theory.synthesis.rounding import rounded
from theory.text import formula
from theory.values import exact

LARGEST = 2_000_000
"""Entries of a template put on a chain."""


@dataclass(frozen=True)
class Columns:
    """The functions b_j on the states of a chain: of each the states where it isn't 0, with its values there."""

    states: int
    entries: tuple[tuple[tuple[int, fmpq], ...], ...]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.entries)

    def floats(self) -> scipy.sparse.csr_matrix:
        """Shape (states, functions)."""
        known: dict[fmpq, float] = {}
        places, columns, data = [], [], []
        for j, entries in enumerate(self.entries):
            for i, x in entries:
                if x not in known:
                    known[x] = as_float(x)
                places.append(i)
                columns.append(j)
                data.append(known[x])
        return scipy.sparse.csr_matrix((data, (places, columns)), shape=(self.states, len(self)))

    def potential(self, theta: Sequence[fmpq]) -> list[fmpq]:
        """X at every state."""
        result = [fmpq(0)] * self.states
        for entries, weight in zip(self.entries, theta):
            if weight:
                for i, x in entries:
                    result[i] += weight * x
        return result

    def pull(self, weights: Sequence[Any]) -> list[Any]:
        """sum_i weights_i b_j(i), for every j."""
        return [sum((x * weights[i] for i, x in entries), fmpq(0)) for entries in self.entries]

    def largest(self) -> list[fmpq]:
        """max_i b_j(i), for every j."""
        return [max((x for _, x in entries), default=fmpq(0)) for entries in self.entries]


class Template(ABC):
    """A family of potentials.

    Attributes
    ----------
    word : str
        The name that :func:`theory.synthesise` understands.
    bits : bool
        It needs the points themselves.
    least : bool
        Its potentials with a given drift have a smallest one, state by state, which is best from every start.
    """

    word: ClassVar[str]
    bits: ClassVar[bool] = False
    least: ClassVar[bool] = False

    @property
    def data(self) -> tuple:
        """The template as it stands in a derivation."""
        return (self.word,)

    @property
    def counts(self) -> bool:
        """It is written in k."""
        return False

    @property
    @abstractmethod
    def text(self) -> str:
        """In words."""

    @abstractmethod
    def on(self, chain: FiniteChain, values: dict[str, Any]) -> Columns:
        """The template's functions on a chain."""


@dataclass(frozen=True)
class States(Template):
    """One free value a state."""

    word = "states"
    least = True

    @property
    def text(self) -> str:
        return "all potentials"

    def on(self, chain: FiniteChain, values: dict[str, Any]) -> Columns:
        names = tuple(f"X at {chain.label(int(i)).partition(',')[0]}" for i in chain.inner)
        return Columns(len(chain), tuple(((int(i), fmpq(1)),) for i in chain.inner), names)


@dataclass(frozen=True)
class Levels(Template):
    """One weight a fitness level: X is the sum of the weights of the levels still to be left."""

    word = "levels"

    @property
    def text(self) -> str:
        return "all potentials that depend on the fitness alone and fall with it"

    def on(self, chain: FiniteChain, values: dict[str, Any]) -> Columns:
        if chain.rank is None or chain.fitness is None:
            raise InputError("template: a matrix has no fitness levels; take 'states'")
        rank = np.asarray(chain.rank)
        ranks = sorted({int(rank[i]) for i in chain.inner})
        _limit(len(ranks) * len(chain))
        entries, names = [], []
        for r in ranks:
            below = [int(i) for i in chain.inner if rank[i] <= r]
            entries.append(tuple((i, fmpq(1)) for i in below))
            names.append(f"level v = {chain.fitness[int(np.flatnonzero(rank == r)[0])]}")
        return Columns(len(chain), tuple(entries), tuple(names))


@dataclass(frozen=True)
class Bits(Template):
    """One weight a bit: X = sum of g_i over the zero-bits (of the canonical point: the bits that differ from the optimum)."""

    word = "bits"
    bits = True

    @property
    def text(self) -> str:
        return "all sums of weights of the zero-bits"

    def on(self, chain: FiniteChain, values: dict[str, Any]) -> Columns:
        assert chain.bits is not None
        if any(not chain.bits[i].all() for i in np.flatnonzero(chain.end)):
            raise InputError("template: a run ends at points with zero-bits, where a sum of weights is not 0; take 'states'")
        entries = [tuple((int(i), fmpq(1)) for i in np.flatnonzero(chain.bits[:, j] == 0)) for j in range(chain.bits.shape[1])]
        return Columns(len(chain), tuple(entries), tuple(f"g_{j + 1}" for j in range(len(entries))))


@dataclass(frozen=True, init=False)
class Basis(Template):
    """The cone spanned by expressions in k, v, n, c, nowhere negative; each is taken to be 0 at the end of a run.

    Values that are irrational are replaced by fractions of 64 bits: what is proved is about these.

    Examples
    --------
    >>> Basis("k", "log(k + 1)").text
    'all combinations of k, log(k + 1) with non-negative weights'
    """

    expressions: tuple[Expr, ...]
    word = "basis"

    def __init__(self, *expressions: Any) -> None:
        if not expressions:
            raise InputError("template: a basis needs at least one expression in k or v")
        object.__setattr__(self, "expressions", tuple(expression(x, "template", _symbols()) for x in expressions))

    @property
    def data(self) -> tuple:
        return (self.word, *self.expressions)

    @property
    def counts(self) -> bool:
        return any(k in expr.free_symbols for expr in self.expressions)

    @property
    def text(self) -> str:
        names = ", ".join(map(formula, self.expressions))
        if len(self.expressions) == 1:
            return f"all multiples of {names}"
        return f"all combinations of {names} with non-negative weights"

    def on(self, chain: FiniteChain, values: dict[str, Any]) -> Columns:
        _limit(len(self.expressions) * len(chain))
        entries = []
        for expr in self.expressions:
            found = values_of(expr, chain, values)
            for i, x in enumerate(found):
                if x < 0:
                    raise InputError(
                        f"template: {formula(expr)} is {as_float(x):.6g} at {chain.label(i)}; it must not be negative"
                    )
            entries.append(tuple((i, x) for i, x in enumerate(found) if x))
        return Columns(len(chain), tuple(entries), tuple(map(formula, self.expressions)))


@dataclass(frozen=True, init=False)
class Concave(Template):
    """All concave non-decreasing functions of an expression (default k; on the levels of LeadingOnes n - v).

    They are the combinations of Min(X, s) over the values s of X.
    """

    expr: Expr | None
    word = "concave"

    def __init__(self, expr: Any = None) -> None:
        object.__setattr__(self, "expr", None if expr is None else expression(expr, "template", _symbols()))

    @property
    def data(self) -> tuple:
        return (self.word,) if self.expr is None else (self.word, self.expr)

    @property
    def counts(self) -> bool:
        return self.expr is not None and k in self.expr.free_symbols

    @property
    def text(self) -> str:
        return f"all concave non-decreasing functions of {'the potential' if self.expr is None else formula(self.expr)}"

    def on(self, chain: FiniteChain, values: dict[str, Any]) -> Columns:
        expr = self.expr if self.expr is not None else (n - v if chain.kind == "levels" else k)
        (inner,) = Basis(expr).on(chain, values).entries
        steps = sorted({x for _, x in inner})
        _limit(len(steps) * len(inner))
        entries = tuple(tuple((i, min(x, s)) for i, x in inner) for s in steps)
        return Columns(len(chain), entries, tuple(f"Min({formula(expr)}, {s})" for s in steps))


TEMPLATES: tuple[type[Template], ...] = (States, Levels, Bits, Basis, Concave)


def read_template(template: Any) -> Template:
    """A template from what the user gives: one of the classes, its word, an expression, or several.

    Raises
    ------
    InputError

    Examples
    --------
    >>> read_template("bits"), read_template("k")
    (Bits(), Basis(expressions=(k,)))
    """
    if isinstance(template, Template):
        return template
    plain = {one.word: one for one in TEMPLATES if one is not Basis}
    if isinstance(template, type) and template in plain.values():
        return template()
    if isinstance(template, str):
        if template in plain:
            return plain[template]()
        if template.isidentifier() and template not in SYMBOLS:
            raise InputError(f"template: unknown word '{template}'; {nearest(template, plain, 'or an expression in k or v')}")
        return Basis(template)
    if isinstance(template, (tuple, list)):
        return Basis(*template)
    if isinstance(template, Expr):
        return Basis(template)
    raise InputError(f"template: {template!r} must be one of {', '.join(plain)}, or expressions in k or v")


def from_data(data: tuple) -> Template:
    """The inverse of :attr:`Template.data`."""
    chosen = {one.word: one for one in TEMPLATES}.get(data[0]) if data else None
    if chosen is None:
        raise InputError(f"template: {data!r} is none")
    return chosen(*data[1:])


def values_of(expr: Expr, chain: FiniteChain, values: dict[str, Any]) -> list[fmpq]:
    """An expression at every state, 0 at the ends; where it is irrational, a fraction of 64 bits near it."""
    from theory.balls import at, number_of

    missing = (chain.zeros is None and k in expr.free_symbols) or (chain.fitness is None and v in expr.free_symbols)
    if missing:
        where = {"levels": "the levels of LeadingOnes have no k; write it in v", "matrix": "a matrix has neither k nor v"}
        raise InputError(f"template: {formula(expr)} has no value here; {where.get(chain.kind, 'write it in k')}")
    put = {SYMBOLS[name]: Fraction(exact(x)) for name, x in values.items()}
    known: dict[tuple, fmpq] = {}
    result = []
    for i in range(len(chain)):
        if chain.end[i]:
            result.append(fmpq(0))
            continue
        here = dict(put)
        if k in expr.free_symbols and chain.zeros is not None:
            here[k] = Fraction(int(chain.zeros[i]))
        if v in expr.free_symbols and chain.fitness is not None:
            here[v] = Fraction(chain.fitness[i] if not isinstance(chain.fitness[i], np.integer) else int(chain.fitness[i]))
        key = (here.get(k), here.get(v))
        if key not in known:
            value = number_of(expr, here)
            if value.is_Rational:
                known[key] = fmpq(int(value.p), int(value.q))
            elif value.has(sympy.zoo, sympy.oo, sympy.nan):
                raise InputError(f"template: {formula(expr)} has no value at {chain.label(i)}")
            else:
                try:
                    known[key] = rounded(_fraction(at(expr, here, bits=80)))
                except ValueError:
                    raise InputError(f"template: {formula(expr)} has no real value at {chain.label(i)}") from None
        result.append(known[key])
    return result


def _fraction(value: Any) -> fmpq:
    mantissa, exponent = value.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def _symbols() -> dict[str, sympy.Symbol]:
    return {"k": k, "v": v, "n": n, "c": c}


def _limit(entries: int) -> None:
    if entries > LARGEST:
        raise InputError(
            f"template: it has {entries} values on this chain, more than {LARGEST}; take fewer functions or a smaller n"
        )
