"""The slowest and the fastest strictly monotone function for the (1+1) EA, as the mutation rate c/n varies: the front door.

The search is one of :mod:`proofs_check.monotone.dominance` (n <= 5; up to n = 4 in fractions throughout, at n = 5 in doubles
that are off by less than 10^-11) and of :mod:`proofs_check.monotone.enumeration` (n <= 4, in doubles, with ties too). What is
found is evaluated again by ``theory.exact`` in fractions, and so are OneMax, BinVal and Jansen's pessimist (the partially
ordered EA, FOGA 2007), whose runtime no strictly monotone function exceeds at rates up to 1/2. (Above, the pessimist's own
runtime falls as zero-bits are added, and he bounds nothing.)
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs_check.figure import Figure, Series
from proofs_check.monotone.dominance import ACCURACY, extreme
from proofs_check.monotone.enumeration import enumerate_orders
from proofs_check.monotone.orders import Order, binval, onemax
from proofs_check.progress import track
from theory.errors import InputError, nearest
from theory.values import exact, number

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("dominance", "enumeration")
STARTS = ("uniform", "worst")
_FRACTIONS = 4  # bits up to which the dynamic programme is run in fractions
_CLOSE = Fraction(1, 10**6)  # of c, to which a change of the slowest function is located


@dataclass(frozen=True)
class Row:
    """What was found at one c; all values are E[T] in fractions."""

    c: Fraction
    slowest: Order
    largest: Fraction
    fastest: Order
    smallest: Fraction
    onemax: Fraction
    binval: Fraction
    pessimist: Fraction


@dataclass(frozen=True)
class Piece:
    """An interval of c on which one function is the slowest at every c that was tried."""

    low: Fraction
    high: Fraction
    order: Order

    @property
    def name(self) -> str:
        """OneMax, BinVal, or the order itself."""
        return name_of(self.order)


@dataclass(frozen=True)
class Extremes:
    """The slowest and the fastest functions on n bits.

    Attributes
    ----------
    n : int
    start, method : str
    rows : tuple of Row
        One for each c, ascending.
    worst : tuple of Piece
        The slowest function by intervals of c; a change between two c of the grid is located to 10^-6. An interval says what was
        found at the c that were tried, no more (see :mod:`proofs_check.monotone.allrates` for all c at once).
    """

    n: int
    start: str
    method: str
    rows: tuple[Row, ...]
    worst: tuple[Piece, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a c: E[T] of the slowest, the fastest, OneMax, BinVal and the pessimist, and the ratio slowest/OneMax."""
        import pandas as pd

        names = ("largest", "smallest", "onemax", "binval", "pessimist")
        rows: list[dict[str, Any]] = [
            {"c": float(row.c)} | {name: float(getattr(row, name)) for name in names} for row in self.rows
        ]
        for shown, row in zip(rows, self.rows):
            shown |= {"ratio": float(row.largest / row.onemax), "slowest": name_of(row.slowest), "fastest": name_of(row.fastest)}
        return pd.DataFrame(rows)

    @property
    def figure(self) -> Figure:
        """E[T] over that of OneMax, against c."""
        at = tuple(float(row.c) for row in self.rows)

        def curve(label: str, kind: str, name: str) -> Series:
            return Series(label, kind, at, tuple(float(getattr(row, name) / row.onemax) for row in self.rows))

        series = (
            curve("pessimist (bound)", "upper", "pessimist"),
            curve("slowest of all", "exact", "largest"),
            curve("BinVal", "other", "binval"),
            curve("fastest of all", "lower", "smallest"),
        )
        return Figure("c", "E[T] / E[T] on OneMax", series, title=f"all strictly monotone functions, n = {self.n}")


def extremes(
    n: int,
    c: Sequence[Any] | Any = (Fraction(1, 2), 1, Fraction(3, 2)),
    *,
    start: str = "uniform",
    method: str = "dominance",
    ties: bool = False,
    progress: bool | None = None,
) -> Extremes:
    """Search all strictly monotone functions on n bits for the slowest and the fastest one, at each c.

    Parameters
    ----------
    n : int
        At most 5; with ``method="enumeration"`` at most 4.
    c : number or sequence of numbers
        0 < c < n.
    start : {"uniform", "worst"}
        Of the runs; "worst" is each function's own worst point.
    method : {"dominance", "enumeration"}
        The dynamic programme (hundredths of a second a c), or all orders one by one.
    ties : bool
        Enumerate the orders with ties too (at n = 4 nine million up to symmetry, a second or two a search). The dynamic programme
        needs no ties: they are never slower nor faster.
    progress : bool, optional
        Show a progress bar after two seconds; default: if standard error is a terminal.

    Returns
    -------
    Extremes

    Raises
    ------
    InputError

    Examples
    --------
    >>> found = extremes(3, [1, 2])
    >>> [(float(piece.low), float(piece.high), piece.name) for piece in found.worst]
    [(1.0, 1.5, 'BinVal'), (1.5, 2.0, 'OneMax')]
    >>> round(float(found.rows[0].largest), 9), round(float(found.rows[0].pessimist), 9)
    (6.655566802, 6.902255639)
    """
    if method not in METHODS:
        raise InputError(f"method: unknown method {method!r}; {nearest(str(method), METHODS)}")
    if start not in STARTS:
        raise InputError(f"start: unknown start {start!r}; {nearest(str(start), STARTS)}")
    if ties and method == "dominance":
        raise InputError('ties: dominance needs no ties, they are never slower nor faster; give method="enumeration" to see it')
    constants = sorted({exact(number(x, "c")) for x in (c if isinstance(c, (list, tuple)) else [c])})
    if not constants:
        raise InputError("c: is empty; give at least one number")
    for constant in constants:
        if not 0 < constant < n:
            raise InputError(f"c: {constant} must lie strictly between 0 and n = {n}")
    find = functools.partial(_found, n, start=start, method=method, ties=ties)
    rows = tuple(_row(n, one, start, find) for one in track(constants, len(constants), "searching", progress))
    return Extremes(n, start, method, rows, tuple(_pieces(rows, start, find)))


def name_of(order: Order) -> str:
    """OneMax or BinVal, where the expected runtimes are theirs for two rates (ties and swaps that don't matter aside).

    >>> name_of(Order.listed([7, 3, 5, 6, 1, 2, 4, 0]))
    'OneMax'
    """
    for name, known in (("OneMax", onemax(order.n)), ("BinVal", binval(order.n))):
        if all(order.expected_runtime(p) == known.expected_runtime(p) for p in (Fraction(1, 7), Fraction(2, 7))):
            return name
    return str(order)


def runtime(problem: Any, n: int, c: Fraction, start: str = "uniform") -> Fraction:
    """E[T] of the (1+1) EA with rate c/n by ``theory.exact`` in fractions."""
    from theory import OnePlusOneEA
    from theory.exact import expected_runtime

    process = OnePlusOneEA("c/n").on(problem)
    return Fraction(expected_runtime(process, n=n, c=c, start=start, rational=True))


def _found(n: int, c: Fraction, slowest: bool, *, start: str, method: str, ties: bool) -> tuple[Order, Fraction]:
    """The extreme function, evaluated again in fractions; of several that doubles can't tell apart the exact extreme."""
    if method == "dominance":
        one = extreme(n, c / n, slowest=slowest, start=start, exact=n <= _FRACTIONS)
        orders: tuple[Order, ...] = (one.order,)
        value = float(one.value)
    else:
        many = enumerate_orders(n, float(c / n), slowest=slowest, start=start, ties=ties)
        orders, value = many.orders, many.value
    values = [(order.expected_runtime(c / n, start), order) for order in orders]
    largest, order = (max if slowest else min)(values, key=lambda pair: pair[0])
    again = runtime(order.problem(), n, c, start)
    assert again == largest and abs(float(again) / value - 1) < ACCURACY
    return order, again


def _row(n: int, c: Fraction, start: str, find: Callable[..., tuple[Order, Fraction]]) -> Row:
    from theory import BinVal, OneMax, PartiallyOrderedEA

    slowest, largest = find(c, True)
    fastest, smallest = find(c, False)
    known = (runtime(problem, n, c, start) for problem in (OneMax(), BinVal(), PartiallyOrderedEA()))
    return Row(c, slowest, largest, fastest, smallest, *known)


def _pieces(rows: tuple[Row, ...], start: str, find: Callable[..., tuple[Order, Fraction]]) -> list[Piece]:
    """The slowest function followed from one c to the next, and the point where another one takes over."""
    pieces, low, order = [], rows[0].c, rows[0].slowest
    for before, row in itertools.pairwise(rows):
        if order.expected_runtime(row.c / order.n, start) == row.largest:
            continue
        good, bad = before.c, row.c
        while bad - good > _CLOSE:
            middle = (good + bad) / 2
            p = middle / order.n
            # at rate 1/2 offspring are uniform and all functions alike, which is no reason to go on with this one
            slower = p != Fraction(1, 2) and float(order.expected_runtime(p, start)) >= float(find(middle, True)[1]) * (1 - 1e-14)
            good, bad = (middle, bad) if slower else (good, middle)
        pieces.append(Piece(low, bad if bad != row.c else good, order))
        low, order = pieces[-1].high, row.slowest
    return [*pieces, Piece(low, rows[-1].c, order)]
