"""Claims about what static rates can do for every n at once: which runtimes are possible, and that none of them is the best.

The lower side is a budget: what one choice of rates gives to all lengths together is at most 1, so that a sum over n of 1/E[T]
with weights is bounded. Whether such a sum converges for a given f is decided from exponents (:mod:`theory.summability`), never
from a partial sum; here the decision is held against integrals.

Notation: q_i is the probability that bit i of an initial segment is the first one to flip; h_i = -ln(1-p_i); E[T(m)] is for m
bits and a uniform start; ln^(s) is the s-fold logarithm.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from proofs_check.bounded import Bounded, Picture, ball_of, bounded
from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.chains import Rows, from_uniform
from proofs_check.claims.hidden_subset.common import PAPER, SOURCE
from proofs_check.decide import Fact, facts

_FEWEST = {1: 3, 2: 16}
"""From which n on the s-fold logarithm, and the next one, exceed 0 and the terms fall."""


# ---- which f can be reached


def product_of_logs(s: int, eps: Fraction, text: str = "n") -> str:
    """ln n lnln n ... (ln^(s) n)^(1 + eps).

    >>> product_of_logs(2, Fraction(1, 2))
    'log(n)*log(log(n))**(3/2)'
    """
    logs = []
    for _ in range(s):
        text = f"log({text})"
        logs.append(text)
    return "*".join([*logs[:-1], f"{logs[-1]}**({1 + eps})" if eps else logs[-1]])


def frontier(setting: Setting) -> Iterator[Fact]:
    """n ln n and n^2, times ln n ... (ln^(s) n)^(1+eps), are reached iff eps > 0; the mutant: also at eps = 0.

    Beside it, for s = 1 and 2, what the decision says of the series itself: its partial sums exceed every bound at eps = 0,
    and lie below the integral and one term at eps > 0. Then a better f for every f, and the derivations of the budgets.
    """
    from theory.bounds.hidden_subset_static import leadingones_budget, onemax_budget
    from theory.bounds.initial_segment import harmonic_lemma
    from theory.summability import improve, leadingones_feasible, static_feasible

    for s in range(1, setting.choose(4, 6)):
        for eps in (Fraction(0), Fraction(1, 100), Fraction(1)):
            wanted = eps > 0 or setting.mutant
            logs = product_of_logs(s, eps)
            for name, decide, f in (
                ("OneMax", static_feasible, f"n*log(n)*{logs}"), ("LeadingOnes", leadingones_feasible, f"n**2*{logs}")
            ):  # fmt: skip
                yield Fact(f"{name}, {f}", "" if decide(f) == wanted else f"is {'' if wanted else 'not '}out of reach")
    for s, first in _FEWEST.items():
        yield _grows(s, first, setting.choose(1000, 10_000))
        for eps in (Fraction(1, 2), Fraction(1)):
            yield _settles(s, eps, first, setting.choose(1000, 10_000))
    for f, gain in (("n*log(n)**3", "log(n)"), ("n*log(n)**2*log(log(n))**(11/10)", "log(n)"), ("n**2*log(n)**2", "n")):
        better = improve(f, gain)
        yield _of_smaller_order(f, better)
        yield Fact(f"better than {f}: derivation", "" if better.derivation.replay().holds else "does not hold")
    for derivation in (onemax_budget().derivation, leadingones_budget().derivation, harmonic_lemma()):
        assert derivation is not None
        replay = derivation.replay()
        yield Fact(f"derivation: {derivation.theorem}", "" if replay.holds else str(replay))


def _terms(s: int, eps: Fraction, first: int, count: int) -> list[Any]:
    """1/(n ln n ... (ln^(s) n)^(1+eps)) as balls, n = first, ..., first + count - 1."""
    from flint import arb

    found = []
    for n in range(first, first + count):
        product, log = arb(n), arb(n)
        for j in range(1, s + 1):
            log = log.log()
            product *= log if j < s else log ** ball_of(1 + eps)
        found.append(1 / product)
    return found


def _folded(s: int, n: int) -> Any:
    """The s-fold logarithm as a ball."""
    from flint import arb

    value = arb(n)
    for _ in range(s):
        value = value.log()
    return value


def _grows(s: int, first: int, count: int) -> Fact:
    """At eps = 0 the integral of the terms is ln^(s+1), which has no bound: a sum of falling terms is at least as large."""
    total = sum(_terms(s, Fraction(0), first, count))
    below = _folded(s + 1, first + count) - _folded(s + 1, first)
    return Fact(f"s = {s}, eps = 0: the sum exceeds its integral", "" if total >= below else f"{total} is below {below}")


def _settles(s: int, eps: Fraction, first: int, count: int) -> Fact:
    """At eps > 0 a partial sum and the tail beyond it, between their limits, are the whole tail between its own."""
    from theory.summability import tail_bounds

    terms = "1/(n*" + product_of_logs(s, eps) + ")"
    (low, high), (rest_low, rest_high) = (tail_bounds(terms, at) for at in (first, first + count))
    total = sum(_terms(s, eps, first, count))
    fits = low <= total + rest_high and total + rest_low <= high
    return Fact(f"s = {s}, eps = {eps}: sum and tail", "" if fits else f"{total} and a tail aren't between {low} and {high}")


def _of_smaller_order(f: str, better: Any) -> Fact:
    """The better f over f tends to 0; with n = e^(e^k) its logarithms are e^k and k."""
    import sympy

    from theory.parse import expression
    from theory.symbols import n

    k = sympy.Symbol("k", positive=True)
    ratio = sympy.simplify((better.runtime / expression(f, "f", {"n": n})).subs(n, sympy.exp(sympy.exp(k))))
    limit = sympy.limit(ratio, k, sympy.oo)
    return Fact(f"better than {f}: {better.runtime}", "" if limit == 0 else f"the ratio tends to {limit}")


# ---- initial segments, whatever the rates


def first_flips(rates: list[Fraction]) -> list[Fraction]:
    """q_1, ..., q_n.

    >>> first_flips([Fraction(1, 2), Fraction(1, 3)])
    [Fraction(1, 2), Fraction(1, 6)]
    """
    still, found = Fraction(1), []
    for p in rates:
        found.append(still * p)
        still *= 1 - p
    return found


def chain_of(rates: list[Fraction], value: Any) -> Rows:
    """The (1+1) EA that flips bit i with the i-th rate: one state a point, bit i is the i-th binary digit.

    >>> chain_of([Fraction(1, 3)], lambda x: x)[0]
    {1: Fraction(1, 3), 0: Fraction(2, 3)}
    """
    size = len(rates)
    rows: Rows = []
    for x in range(2**size):
        row: dict[int, Fraction] = {}
        for y in range(2**size):
            if y != x and value(y) >= value(x):
                chance = Fraction(1)
                for i, p in enumerate(rates):
                    chance *= p if (x ^ y) >> i & 1 else 1 - p
                row[y] = chance
        rows.append(row | {x: 1 - sum(row.values(), Fraction(0))})
    return rows


def leading(size: int) -> Any:
    """The number of ones at the front, the first bit being the lowest digit."""
    return lambda x: next((i for i in range(size) if not x >> i & 1), size)


def sequences(length: int) -> Iterator[tuple[str, list[Fraction]]]:
    """Rates that fall, that don't, and random ones."""
    draw = random.Random(length)
    yield "1/(i+1)", [Fraction(1, i + 1) for i in range(1, length + 1)]
    yield "1/(2 i^2)", [Fraction(1, 2 * i * i) for i in range(1, length + 1)]
    yield "1/10", [Fraction(1, 10)] * length
    yield "1/2 and 1/50 in turn", [Fraction(1, 2 if i % 2 else 50) for i in range(length)]
    for number in range(3):
        yield f"random {number}", [Fraction(draw.randrange(1, 50), 100) for _ in range(length)]


def last_block(half: int, share: Fraction = Fraction(1, 10**6)) -> list[Fraction]:
    """1/(i+1) for the first half, then rates for which all q_i are the same, and small: there the block's bound is sharp."""
    rates = [Fraction(1, i + 1) for i in range(1, half + 1)]
    left = Fraction(1, half + 1)
    for _ in range(half):
        rates.append(share / left)
        left -= share
    return rates


def segments(setting: Setting) -> Iterator[Bounded | Fact]:
    """The budget of LeadingOnes and OneMax in fractions and balls; the mutant's bound for a block is larger by a hundredth."""
    from flint import arb

    size, few = setting.choose(24, 60), setting.choose(3, 4)
    more = Fraction(101, 100) if setting.mutant else Fraction(1)
    for name, rates in (*sequences(size), ("sharp for the last block", last_block(size // 2))):
        q = first_flips(rates)
        times = [sum((1 / x for x in q[:m]), Fraction(0)) / 2 for m in range(1, size + 1)]
        for m in range(1, few + 1):
            exact = from_uniform(chain_of(rates[:m], leading(m)), 2**m - 1)
            yield Bounded(f"{name}, m = {m}: half the sum of the 1/q_i", "exact", times[m - 1], exact)
        left = Fraction(1)
        for p in rates:
            left *= 1 - p
        yield Bounded(f"{name}: the q_i add up to 1 - (1-p_1) ... (1-p_n)", "exact", 1 - left, sum(q))
        yield Bounded(f"{name}: sum of m/E[T(m)]", "upper", 4 * (1 - left), sum(m / t for m, t in enumerate(times, 1)))
        m = size // 2
        block = sum(q[m:], Fraction(0))
        yield Bounded(f"{name}: E[T(2m)] for m = {m}", "lower", Fraction(m * m) / (2 * block), times[-1], factor=more)
        total, spent = arb(0), arb(0)
        for k in range(1, few + 1):
            total += arb(k + 1).log() / ball_of(from_uniform(chain_of(rates[:k], int.bit_count), 2**k - 1))
            spent -= ball_of(1 - rates[k - 1]).log()
        yield Bounded(f"{name}, OneMax: sum of ln(m+1)/E[T(m)], m <= {few}", "upper", 4 * arb(2).log() * spent, total)
    yield from _reached(setting.choose(200, 2000))


def _reached(last: int) -> Iterator[Bounded]:
    """f(n) = n^2 ln^2(n+2) is reached: p_i = i/(2 f(i)) <= 1/2 has E[T(n)] <= f(n)/P, P the product of the 1 - p_i, i <= n."""
    from flint import arb

    total, left = arb(0), arb(1)
    for i in range(1, last + 1):
        f = arb(i) ** 2 * arb(i + 2).log() ** 2
        p = i / (2 * f)
        total += 1 / (2 * left * p)
        left *= 1 - p
        if i in (1, 3, 10, 30, 100, last):
            where = f"p_i = i/(2 f(i)), n = {i}: E[T(n)] <= f(n)/P"
            yield Bounded(where, "upper", f / left, total, at=float(i), line="f(n)/P")


CLAIMS = (
    Claim(
        "hs-static-frontier", PAPER, "Static rates and an unknown n: OneMax in O(f(n)) at every n needs that the sum of "
        "(ln n)/f(n) converges, LeadingOnes the sum of n/f(n); so n ln n and n^2, times ln n lnln n ... (ln^(s) n)^(1+eps), "
        "are reached iff eps > 0, and whatever is reached, something of smaller order is, too",
        f"Doerr, Doerr, Kötzing 2019; {SOURCE}", "eps = 0 is reached, too", 0.0,
        facts("certified", frontier, "exponents, balls around sums and tails, derivations replayed"),
        formula=(
            r"\sum_n \frac{\ln n}{f(n)} < \infty, \qquad f(n) = n \ln n \cdot \ln n \ln\ln n \cdots "
            r"(\ln^{(s)} n)^{1+\varepsilon}"
        ),
        where="ln^(s) is the s-fold logarithm",
    ),
    Claim(
        "hs-segment-budget", PAPER, "Initial segment of m bits, bit i flipped at any rate p_i: on LeadingOnes the sum of "
        "m/E[T(m)] is at most 4 (q_1 + q_2 + ...) <= 4, and E[T(2m)] at least m^2/2 over the sum of the q_i of its last m bits; "
        "on OneMax the sum of ln(m+1)/E[T(m)] is at most 4 ln 2 times that of -ln(1-p_i)",
        f"Doerr, Doerr, Kötzing 2019; {SOURCE}; the constants are derived here", "the bound for the last bits times 1.01", 0.0,
        bounded(
            segments, "fractions and balls, seven sequences of rates and a sharp one",
            Picture("n", "E[T] on LeadingOnes", log_x=True, log_y=True, title="p_i = i/(2 f(i)), f(n) = n^2 ln^2(n+2)"),
        ),
        formula=r"\sum_m \frac{m}{\mathrm{E}[T(m)]} \le 4 \sum_i q_i \le 4, \qquad q_i = p_i \prod_{j<i} (1-p_j)",
        where="q_i is the probability that bit i is the first one to flip",
    ),
)  # fmt: skip
