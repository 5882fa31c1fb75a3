"""Randomised algorithms against an oblivious adversary: the value of the game, with its certificates.

J. von Oswald, S. Kobayashi, Y. Akram, A. Steger, *Learning randomized algorithms with transformers*, ICLR 2025 (arXiv
2408.10818), trains networks whose worst expected loss these values bound. The minimax theorem is J. von Neumann's (1928), its use
for lower bounds A. C. Yao's, *Probabilistic computations*, FOCS 1977; ski rental is A. R. Karlin et al., Algorithmica 11 (1994).

Notation: L[x][s] is the loss of the deterministic algorithm s on the input x. A randomised algorithm is a distribution over s,
the adversary's mixed strategy one over x, and the value is V = min over algorithms of the largest expected loss. For every
algorithm ``strategy`` and every distribution of inputs ``adversary``

    min_s E_adversary L[x][s]  <=  V  <=  max_x E_strategy L[x][s],

which is checked in fractions: the linear programme only has to find the two.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Symbol

from theory.bound import Bound, Source
from theory.errors import InputError
from theory.facts import Computation, Identity
from theory.learning.common import at_least, entry, premise, statement

LEARNED = Source(
    "randomised algorithms (cf. von Oswald, Kobayashi, Akram, Steger 2025)",
    entry("inproceedings", "OswaldEtAl2025",
          author="von Oswald, Johannes and Kobayashi, Seijin and Akram, Yassir and Steger, Angelika",
          title="Learning randomized algorithms with transformers",
          booktitle="International Conference on Learning Representations", year="2025"),
)  # fmt: skip
YAO = Source(
    "minimax (cf. Yao 1977)",
    entry("inproceedings", "Yao1977", author="Yao, Andrew Chi-Chih",
          title="Probabilistic computations: toward a unified measure of complexity",
          booktitle="Foundations of Computer Science (FOCS)", pages="222--227", year="1977"),
)  # fmt: skip
SKI = Source(
    "ski rental (Karlin, Manasse, McGeoch, Owicki 1994)",
    entry("article", "KarlinEtAl1994",
          author="Karlin, Anna R. and Manasse, Mark S. and McGeoch, Lyle A. and Owicki, Susan",
          title="Competitive randomized algorithms for nonuniform problems",
          journal="Algorithmica", volume="11", number="6", pages="542--571", year="1994"),
)  # fmt: skip
N = Symbol("N", integer=True, positive=True)
B = Symbol("B", integer=True, positive=True)
Losses = Sequence[Sequence[Any]]
_CELLS = 1_000_000  # of a game's matrix


# ---- games


@dataclass(frozen=True)
class Game:
    """A solved game.

    Attributes
    ----------
    strategy : tuple of Fraction
        The randomised algorithm: a probability for each column s.
    adversary : tuple of Fraction
        The hard distribution: a probability for each row x.
    lower, upper : Fraction
        What the two guarantee; equal where the optimum was found exactly, else less than 1e-6 apart.
    """

    strategy: tuple[Fraction, ...]
    adversary: tuple[Fraction, ...]
    lower: Fraction
    upper: Fraction


def guaranteed_loss(losses: Losses, strategy: Sequence[Fraction]) -> Fraction:
    """max_x sum_s p_s L[x][s]: no input makes the randomised algorithm lose more.

    >>> guaranteed_loss([[0, 1], [1, 0]], [Fraction(1, 2), Fraction(1, 2)])
    Fraction(1, 2)
    """
    _distribution(strategy, len(losses[0]), "strategy")
    return max(sum((Fraction(x) * y for x, y in zip(row, strategy) if y), Fraction(0)) for row in losses)


def certified_loss(losses: Losses, adversary: Sequence[Fraction]) -> Fraction:
    """min_s sum_x y_x L[x][s]: no algorithm loses less on inputs drawn like this, so no randomised one on the worst input.

    >>> certified_loss([[0, 1], [1, 0]], [Fraction(1, 2), Fraction(1, 2)])
    Fraction(1, 2)
    """
    _distribution(adversary, len(losses), "adversary")
    rows = [(row, y) for row, y in zip(losses, adversary) if y]
    return min(sum((Fraction(row[s]) * y for row, y in rows), Fraction(0)) for s in range(len(losses[0])))


def _distribution(chances: Sequence[Fraction], size: int, name: str) -> None:
    if len(chances) != size or min(chances) < 0 or sum(chances) != 1:
        raise InputError(f"{name}: give {size} probabilities, as fractions that sum to 1")


def solve_game(losses: Losses) -> Game:
    """The value of a matrix game, with a best randomised algorithm and a hardest distribution of inputs.

    A linear programme (HiGHS) finds the two in floating point. The equations that hold at each with equality are then solved in
    fractions; what is returned was checked in fractions.

    Parameters
    ----------
    losses : sequence of rows of numbers
        L[x][s], one row an input, one column a deterministic algorithm; read exactly.

    Returns
    -------
    Game

    Raises
    ------
    InputError

    Examples
    --------
    >>> game = solve_game([[0, 1, 2], [2, 1, 0]])
    >>> game.lower == game.upper == 1
    True
    """
    from theory.values import exact, number

    if not isinstance(losses, Iterable) or not all(isinstance(row, Iterable) and not isinstance(row, str) for row in losses):
        raise InputError("losses: give rows of numbers")
    rows = [[exact(number(x, "losses")) for x in row] for row in losses]
    if not rows or not rows[0] or len({len(row) for row in rows}) != 1 or len(rows) * len(rows[0]) > _CELLS:
        raise InputError(f"losses: give rows of equal length, at least one number and at most {_CELLS}")
    columns = [list(column) for column in zip(*rows)]
    strategy = _best_mixture(rows)
    adversary = _best_mixture([[-x for x in column] for column in columns])
    return Game(strategy, adversary, certified_loss(rows, adversary), guaranteed_loss(rows, strategy))


def _best_mixture(rows: list[list[Fraction]]) -> tuple[Fraction, ...]:
    """The distribution over columns that makes the largest row smallest."""
    import numpy as np
    from scipy.optimize import linprog

    matrix = np.array([[float(x) for x in row] for row in rows])
    height, width = matrix.shape
    found = linprog(
        np.append(np.zeros(width), 1.0),
        A_ub=np.hstack([matrix, -np.ones((height, 1))]),
        b_ub=np.zeros(height),
        A_eq=np.append(np.ones(width), 0.0)[None, :],
        b_eq=[1.0],
        bounds=[(0, None)] * width + [(None, None)],
        method="highs-ds",  # a vertex: its tight rows determine it
    )
    if found.x is None:
        raise InputError("losses: the linear programme found no solution; their sizes may be too different")
    scale = max(1.0, float(np.abs(matrix).max()))
    support = [s for s in range(width) if found.x[s] > 1e-9]
    tight = [x for x in range(height) if matrix[x] @ found.x[:width] > found.x[width] - 1e-9 * scale]
    exactly = _solve(rows, support, tight)
    if exactly is None:  # not a vertex, or a degenerate one: close enough, and checked like any other
        near = [max(Fraction(float(y)), Fraction(0)).limit_denominator(10**12) for y in found.x[:width]]
        return tuple(y / sum(near) for y in near)
    mixture = [Fraction(0)] * width
    for s, y in zip(support, exactly):
        mixture[s] = y
    return tuple(mixture)


def _solve(rows: list[list[Fraction]], support: list[int], tight: list[int]) -> list[Fraction] | None:
    """Probabilities on the support that make the tight rows equal, if they are determined and not negative."""
    from flint import fmpq, fmpq_mat

    unknowns = len(support) + 1
    table = [[*(rows[x][s] for s in support), Fraction(-1), Fraction(0)] for x in tight]
    table.append([Fraction(1)] * len(support) + [Fraction(0), Fraction(1)])
    system = fmpq_mat(len(table), unknowns + 1, [fmpq(x.numerator, x.denominator) for row in table for x in row])
    reduced, rank = system.rref()
    if rank != unknowns or any(reduced[i, i] != 1 for i in range(unknowns)):
        return None
    values = [reduced[i, unknowns] for i in range(len(support))]
    found = [Fraction(int(y.p), int(y.q)) for y in values]
    return found if min(found) >= 0 else None


def game_bounds(losses: Losses, name: str = "worst expected loss") -> list[Bound]:
    """The value of a game as bounds that carry their certificates: exact, or an upper and a lower one less than 1e-6 apart.

    Parameters
    ----------
    losses : sequence of rows of numbers
    name : str
        What the value is of.

    Returns
    -------
    list of Bound

    Examples
    --------
    >>> [bound] = game_bounds([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    >>> bound.expr, bound.derivation.replay().holds
    (2/3, True)
    """
    from theory.values import exact, number

    game = solve_game(losses)
    matrix = tuple(tuple(exact(number(x, "losses")) for x in row) for row in losses)
    upper = premise(
        "a randomised algorithm loses no more on any input", "in fractions, input by input",
        Computation("theory.learning.game_values:guaranteed_loss",
                    (("losses", matrix), ("strategy", game.strategy)), game.upper, f"its largest expected loss is {game.upper}"),
    )  # fmt: skip
    lower = premise(
        "on a distribution of inputs no algorithm loses less", "in fractions, algorithm by algorithm",
        Computation("theory.learning.game_values:certified_loss",
                    (("losses", matrix), ("adversary", game.adversary)), game.lower, f"the smallest mean loss is {game.lower}"),
    )  # fmt: skip
    quantity = f"min {name}"
    if game.lower == game.upper:
        return [statement(quantity, "exact", _rational(game.upper), (), YAO, "minimax", (lower, upper))]
    return [
        statement(quantity, "upper", _rational(game.upper), (), YAO, "minimax", (upper,)),
        statement(quantity, "lower", _rational(game.lower), (), YAO, "minimax", (lower,)),
    ]


def _rational(x: Fraction) -> sympy.Rational:
    return sympy.Rational(x.numerator, x.denominator)


# ---- two games with a closed form


def recall_game(bits: int) -> list[list[int]]:
    """One-bit recall: N bits are stored in one, then one of them is asked for. Loss 1 for a wrong answer.

    Parameters
    ----------
    bits : int
        N, 1 to 3.

    Returns
    -------
    list of list of int
        2^N N rows (bits and the position asked for), one column for each pair of an encoder and a decoder that differs.
    """
    if isinstance(bits, bool) or not isinstance(bits, int) or not 1 <= bits <= 3:
        raise InputError(f"bits: {bits!r} must be 1, 2 or 3; there are 2^(2^N) encoders")
    words = list(itertools.product((0, 1), repeat=bits))
    columns = {
        tuple(int(decoder[encoder[i]][asked] != word[asked]) for i, word in enumerate(words) for asked in range(bits))
        for encoder in itertools.product((0, 1), repeat=len(words))
        for decoder in itertools.product(words, repeat=2)
    }
    return [list(row) for row in zip(*sorted(columns))]


def recall_average(bits: int) -> Fraction:
    """The smallest mean error of one-bit recall over all inputs, from all pairs of answers that a decoder may hold.

    For each of the two messages the decoder holds a word; the best encoder sends the message whose word is nearer.

    >>> recall_average(3)
    Fraction(1, 4)
    """
    words = list(itertools.product((0, 1), repeat=bits))

    def distance(a: tuple, b: tuple) -> int:
        return sum(x != y for x, y in zip(a, b))

    best = min(sum(min(distance(word, one), distance(word, other)) for word in words) for one in words for other in words)
    return Fraction(best, bits * len(words))


def recall_agrees(averages: tuple = (1, 2, 3, 4, 5), games: tuple = (1, 2)) -> bool:
    """Whether the formula of one-bit recall is the best average, and the value of the game with both certificates."""
    from theory.balls import number_of

    def formula(bits: int) -> Fraction:
        return Fraction(str(number_of(_RECALL, {N: Fraction(bits)})))

    solved = [(bits, solve_game(recall_game(bits))) for bits in games]
    return all(recall_average(bits) == formula(bits) for bits in averages) and all(
        game.lower == game.upper == formula(bits) for bits, game in solved
    )


_RECALL = sympy.Rational(1, 2) - sympy.binomial(N - 1, sympy.floor((N - 1) / 2)) / 2**N


@functools.cache
def one_bit_recall() -> Bound:
    """The least worst-case error of storing N bits in one bit, with a seed shared by encoder and decoder.

    >>> [1 - one_bit_recall().evaluate(N=size) for size in (2, 3, 4, 8)]
    [0.75, 0.75, 0.6875, 0.63671875]
    """
    j = Symbol("j", integer=True, nonnegative=True)
    spread = sympy.Sum(sympy.binomial(N, j) * sympy.Abs(2 * j - N), (j, 0, N)) / 2**N / 2  # E|J - N/2| for J ~ Bin(N, 1/2)
    checks = (
        premise("1/2 - E|J - N/2|/N is the formula, J ~ Bin(N, 1/2)", "at sizes 1, 2, 3, 4, 7",
                Identity(sympy.Rational(1, 2) - spread / N, _RECALL)),
        premise("best average and value of the game", "by enumeration for N <= 5, by linear programmes for N <= 2, in fractions",
                Computation("theory.learning.game_values:recall_agrees",
                            (("averages", (1, 2, 3, 4, 5)), ("games", (1, 2))), True,
                            "the best average and the value of the game are the formula")),
    )  # fmt: skip
    return statement(
        "min worst error", "exact", _RECALL, (at_least(N, 1),), LEARNED, "symmetry", checks,
        ("Flipping bits and permuting positions takes every input to every other, and algorithms to algorithms. A uniform such "
         "change of the algorithm that is best on average has that average on every input, and no one has a smaller worst case.",
         "The decoder holds a word for each message; if they differ in D places the average error is 1/2 - E|J_D - D/2|/N, "
         "which is smallest for D = N as E|J_D - D/2| never falls with D."),
        last=("one bit about many", {"N": N}),
    )  # fmt: skip


def ski_rental_certificates(price: int) -> tuple[Fraction, Fraction]:
    """(lower, upper) ends of the competitive ratio of ski rental, from the closed form of both players' strategies.

    Renting costs 1 a day, buying B. Buy on day i = 1, ..., B with probability proportional to (1 - 1/B)^(B-i); the season has
    x < B days with probability proportional to x (1 - 1/B)^x, else it never ends.

    >>> ski_rental_certificates(2)
    (Fraction(4, 3), Fraction(4, 3))
    """
    left = 1 - Fraction(1, price)
    buy = [left ** (price - i) for i in range(1, price + 1)]
    buy = [x / sum(buy) for x in buy]
    never = 3 * price  # days of a season, and a day of buying, beyond which nothing changes but for the worse

    def cost(days: int, bought: int) -> int:
        return days if days < bought else bought - 1 + price

    upper = max(
        sum((y * cost(days, i) for i, y in enumerate(buy, 1)), Fraction(0)) / min(days, price) for days in range(1, never + 1)
    )
    seasons = {days: days * left ** (days - 1) / price for days in range(1, price)}
    seasons[never] = price * left ** (price - 1)
    whole = sum(seasons.values())
    lower = min(
        sum((y * cost(days, i) / min(days, price) for days, y in seasons.items()), Fraction(0)) / whole
        for i in range(1, never + 1)
    )
    return lower, upper


def ski_rental_agrees(prices: tuple = tuple(range(1, 13))) -> bool:
    """Whether both ends are 1/(1 - (1 - 1/B)^B)."""
    return all(set(ski_rental_certificates(price)) == {1 / (1 - (1 - Fraction(1, price)) ** price)} for price in prices)


@functools.cache
def ski_rental() -> Bound:
    """1/(1 - (1 - 1/B)^B): the best competitive ratio of ski rental with the price B; 2 - 1/B without random bits.

    >>> from fractions import Fraction
    >>> ski_rental().evaluate(B=3) == float(Fraction(27, 19))
    True
    """
    i = Symbol("i", integer=True, positive=True)
    days = Symbol("x", integer=True, positive=True)
    left = 1 - 1 / B
    ratio = 1 / (1 - left**B)
    buy = ratio / B * left ** (B - i)
    paid = sympy.Sum(buy * (i - 1 + B), (i, 1, days)) + days * sympy.Sum(buy, (i, days + 1, B))
    checks = (
        premise("the buyer pays ratio times x on a season of x <= B days, so also on longer ones", "at sizes up to 7",
                Identity(paid, ratio * days, (days <= B, at_least(B, 2)))),
        premise("both players' strategies give the ratio", "in fractions, against everything, for B = 1, ..., 12",
                Computation("theory.learning.game_values:ski_rental_agrees",
                            (("prices", tuple(range(1, 13))),), True, "the closed strategies certify the ratio")),
    )  # fmt: skip
    return statement(
        "min competitive ratio", "exact", ratio, (at_least(B, 1),), SKI, "minimax", checks,
        ("The adversary makes the buyer indifferent: with z_x = P(x days)/x and Z the sums of the z behind x, z_x (B - 1) = Z.",),
        last=("a buyer who is indifferent", {"B": B}),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    return [("one-bit recall", one_bit_recall()), ("ski rental", ski_rental())]
