"""What the literature says of pairs that are not derived here: one row a result, with the status that it deserves.

``cited``: the statement was seen in its source. ``recalled``: from memory, hidden unless asked for, never used as a fact. Rows
name algorithm and problem by the usual words (``OnePlusLambdaEA``), whether or not they can be run yet.

Symbols beyond n, c, t, k, v: lam and mu (population sizes), K (of the cGA), m (edges or gap), s (success ratio), beta (exponent
of a power law), w (largest weight), eps > 0, gamma (some constant > 0), omega (something that tends to infinity).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import E, Rational, Symbol, exp, log, sqrt

from theory.bound import Bound, Source
from theory.symbols import c, n

lam, mu, K, m, w = (Symbol(name, positive=True) for name in ("lam", "mu", "K", "m", "w"))
ratio, beta, eps, gamma, omega = (Symbol(name, positive=True) for name in ("s", "beta", "eps", "gamma", "omega"))


def _log_plus(x: sympy.Expr) -> sympy.Expr:
    """The logarithm, but at least 1."""
    return sympy.Max(1, log(x))


@dataclass(frozen=True)
class Entry:
    """A row: names of algorithm and problem, with parameters in brackets, and what is known."""

    algorithm: str
    problem: str
    bound: Bound
    note: str = ""

    def __str__(self) -> str:
        return f"{self.algorithm} on {self.problem}: {self.bound}" + (f" ({self.note})" if self.note else "")


def _row(
    algorithm: str, problem: str, direction: str, expr: Any, source: str, status: str = "recalled", *, note: str = "",
    quantity: str = "E[T]", start: Any = "uniform", unit: str = "evaluations", where: tuple = (), side: str = "both",
) -> Entry:  # fmt: skip
    start = start if quantity == "E[T]" else "any"
    bound = Bound(quantity, direction, sympy.sympify(expr), where, status, start, unit, Source(source), side=side)
    return Entry(algorithm, problem, bound, note)


def _onemax() -> list[Entry]:
    box = "black-box complexity"
    return [
        _row("FastEA(beta)", "OneMax", "theta", n * log(n), "Doerr, Le, Makhmara, Nguyen 2017", where=(beta > 1,)),
        _row("OnePlusLambdaEA(lam, rate=c/n)", "OneMax", "asymptotic",
             exp(c) / c * n * log(n) / lam + n / 2 * log(log(lam)) / log(lam), "Gießen, Witt 2017", unit="generations",
             where=(lam >= 3,)),
        _row("SelfAdjustingEA(two-rate)", "OneMax", "theta", n / log(lam) + n * log(n) / lam,
             "Doerr, Gießen, Witt, Yang 2019; lower bound Badkobeh, Lehre, Sudholt 2014", unit="generations", where=(lam >= 2,),
             note="optimal for lam-parallel unary unbiased algorithms, as the self-adaptive (1,lam) EA (Doerr, Witt, Yang 2021)"),
        _row("OneCommaLambdaEA(lam, rate=1/n)", "OneMax", "threshold", log(n) / log(E / (E - 1)), "Rowe, Sudholt 2014",
             quantity="threshold lam", note="above it O(n log n + lam n) evaluations, a constant factor below it exponential"),
        _row("OneCommaLambdaEA(self-adjusting lam, s < 1)", "OneMax", "theta", n * log(n),
             "Hevia Fajardo, Sudholt (arXiv 2104.05624)", "cited", where=(ratio < 1,), side="upper",
             note="O(n) generations, O(n log n) evaluations"),
        _row("OneCommaLambdaEA(self-adjusting lam, s >= 18)", "OneMax", "theta", exp(gamma * n),
             "Hevia Fajardo, Sudholt (arXiv 2104.05624)", "cited", where=(ratio >= 18,), side="lower",
             note="exponential, for some constant gamma > 0"),
        _row("MuPlusOneEA(mu, rate=1/n)", "OneMax", "theta", mu * n + n * log(n), "Witt 2006"),
        _row("(mu+lam) EA", "OneMax", "theta",
             n * log(n) / lam + n * mu / lam + n * _log_plus(_log_plus(lam / mu)) / _log_plus(lam / mu), "Antipov, Doerr 2021",
             unit="generations", note="rate 1/n"),
        _row("(2+1) GA", "OneMax", "asymptotic", exp(c) / (c * (1 + c)) * n * log(n), "Sudholt 2017",
             note="smallest at c = (1 + sqrt(5))/2"),
        _row("OnePlusLambdaLambdaGA(best static lam)", "OneMax", "theta", n * sqrt(log(n) * log(log(log(n))) / log(log(n))),
             "Doerr, Doerr 2018", where=(n >= 16,)),
        _row("OnePlusLambdaLambdaGA(self-adjusting)", "OneMax", "theta", n, "Doerr, Doerr 2018",
             note="heavy-tailed parameters too (Antipov, Buzdalov, Doerr)"),
        _row("CompactGA(K)", "OneMax", "theta", K * sqrt(n), "Sudholt, Witt 2019", where=(K >= sqrt(n) * log(n),),
             note="for K at least a constant times sqrt(n) log n; best order n log n"),
        _row("UMDA(mu, lam)", "OneMax", "theta", lam * sqrt(n), "Witt 2019", side="upper", where=(mu >= sqrt(n) * log(n),),
             note="O(lam n) already for mu >= const log n; Omega(mu sqrt(n) + n log n) (Krejca, Witt 2020)"),
        _row("best unary unbiased", "OneMax", "asymptotic", n * log(n), "Doerr, Doerr, Yang 2020",
             note="n ln n - c n + o(n) with 0.2539 < c < 0.2665"),
        _row("any", "OneMax", "theta", n / log(n), "Erdős, Rényi 1963; Droste, Jansen, Wegener 2006", quantity=box),
        _row("any", "OneMax", "asymptotic", 2 * n * log(2) / log(n), "Erdős, Rényi 1963", quantity=box, side="upper",
             note="by random sampling"),
        _row("any unary unbiased", "OneMax", "theta", n * log(n), "Lehre, Witt 2012", quantity=box),
        _row("any binary unbiased", "OneMax", "theta", n, "Doerr, Johannsen, Kötzing, Lehre, Wagner, Winzen 2011", quantity=box,
             side="upper"),
        _row("any elitist (1+1)", "OneMax", "theta", n, "Doerr, Lengler 2017", quantity=box),
    ]  # fmt: skip


def _without_idle_steps() -> Entry:
    """The (1+1) EA that draws again until some bit flips: its generations are those of the (1+1) EA that flip something."""
    from theory import LeadingOnes, OnePlusOneEA
    from theory.derivation import Check, Derivation
    from theory.facts import Identity, RuntimeFact

    p = c / n
    plain = ((1 - p) ** (1 - n) - (1 - p)) / (2 * p**2)
    j = Symbol("j", integer=True, positive=True)
    p_ = Symbol("p", positive=True)
    some = sympy.Sum(sympy.binomial(n, j) * p_**j * (1 - p_) ** (n - j), (j, 1, n))
    derivation = Derivation(
        "Wald's identity",
        "the number of steps that flip something has mean P(flip something) E[T]",
        steps=(
            "Steps that flip nothing change nothing. Left out, they thin the run of the (1+1) EA independently of the rest.",
            "A step flips something with probability 1 - (1-p)^n, and E[T] of the (1+1) EA is known exactly.",
        ),
        checks=(
            Check("P(a step flips something) = 1 - (1-p)^n", "exactly", "premise", Identity(some, 1 - (1 - p_) ** n, (p_ < 1,))),
            Check("E[T] of the (1+1) EA", "on the whole chain", "premise",
                  RuntimeFact(OnePlusOneEA(p).on(LeadingOnes()), plain, "==", sizes=(1, 2, 3, 4), where=(c < n,))),
        ),
    )  # fmt: skip
    bound = Bound(
        "E[T]", "exact", plain * (1 - (1 - p) ** n), (sympy.Gt(c, 0, evaluate=False), c < n), start="uniform",
        source=Source("sum over the levels (Böttcher, Doerr, Neumann 2010), without idle steps"), derivation=derivation,
    )  # fmt: skip
    return Entry("(1+1) EA_>0 (rate=c/n)", "LeadingOnes", bound, "the infimum over c is n^2/2, as c -> 0")


def _leadingones() -> list[Entry]:
    box = "black-box complexity"
    return [
        _without_idle_steps(),
        _row("SelfAdjustingEA((1:s+1)-rule, F -> 1, s = e - 1)", "LeadingOnes", "asymptotic", E / 4 * n**2,
             "Doerr, Doerr, Lengler (arXiv 1902.02588)", "cited"),
        _row("RLS(best number of flips at each level)", "LeadingOnes", "asymptotic", Rational(388, 1000) * n**2,
             "Doerr 2019; Doerr, Wagner 2018", note="the constant is rounded"),
        _row("hyper-heuristic on RLS(1) and RLS(2)", "LeadingOnes", "asymptotic", (1 + log(2)) / 4 * n**2,
             "Lissovoi, Oliveto, Warwicker 2017"),
        _row("OnePlusLambdaEA(lam, rate=1/n)", "LeadingOnes", "theta", n**2 + lam * n, "Jansen, De Jong, Wegener 2005"),
        _row("MuPlusOneEA(mu, rate=1/n)", "LeadingOnes", "theta", mu * n * log(n) + n**2, "Witt 2006"),
        _row("UMDA(mu, lam)", "LeadingOnes", "theta", n * lam * log(lam) + n**2, "Dang, Lehre 2015", side="upper",
             where=(lam >= 2,)),
        _row("any", "LeadingOnes", "theta", n * log(log(n)), "Afshani, Agrawal, Doerr, Doerr, Larsen, Mehlhorn 2019",
             quantity=box, where=(n >= 16,)),
        _row("any unary unbiased", "LeadingOnes", "theta", n**2, "Lehre, Witt 2012", quantity=box),
    ]  # fmt: skip


def _valleys_and_plateaus() -> list[Entry]:
    gap, width = Symbol("m", integer=True, positive=True), Symbol("k", integer=True, positive=True)
    some = Symbol("P_1_to_k", positive=True)
    return [
        _row("FastEA(beta)", "Jump(m)", "theta", gap ** (beta - Rational(1, 2)) * (E * n / gap) ** gap,
             "Doerr, Le, Makhmara, Nguyen 2017", side="upper", where=(beta > 1,),
             note="a factor m^(beta - 1/2) over the best static rate m/n"),
        _row("SD-(1+1) EA", "Jump(m)", "asymptotic", (E * n / gap) ** gap, "Rajabi, Witt 2022"),
        _row("(mu+1) GA", "Jump(m)", "theta", n ** (gap - 1) * log(n), "Dang et al. 2018", side="upper",
             note="crossover; for suitable mu"),
        _row("CompactGA(K)", "Jump(m)", "theta", n * log(n), "Doerr 2021", side="upper", where=(gap < log(n) / 20,)),
        _row("OnePlusLambdaLambdaGA(optimal parameters)", "Jump(m)", "theta",
             n ** ((gap + 1) / 2) * gap ** (-gap / 2) * exp(gamma * gap),
             "Antipov, Doerr, Karavaev 2022", side="upper", note="for some constant gamma"),
        _row("any unbiased mutation with enough one-bit flips", "Plateau(k)", "asymptotic", sympy.binomial(n, width) / some,
             "Antipov, Doerr 2021", note="P_1_to_k: the probability that mutation flips 1 to k bits; k constant"),
        _row("Metropolis", "DeceptiveLeadingBlocks", "theta", n**2, "Wang, Zheng, Doerr 2024", side="upper",
             note="elitist mutation-based algorithms: n^3"),
        _row("RLS", "RoyalRoad(k)", "theta", 2**width * n / width * log(n / width), "folklore", side="upper",
             note="blocks times the time of a block's Needle"),
    ]  # fmt: skip


def _monotone() -> list[Entry]:
    return [
        _row("MuPlusOneEA(mu, rate=c/n)", "HotTopic", "theta", n**omega, "Lengler, Zou (arXiv 1907.12821)", "cited", side="lower",
             note="superpolynomial on some HotTopic, for every c > 0 and mu_0(c) <= mu <= n"),
        _row("OnePlusOneEA(rate=c/n)", "every strictly monotone function", "theta", n * log(n) ** 2,
             "Lengler, Martinsson, Steger (arXiv 1808.01137)", "cited", side="upper", note="for c <= c_0 with some c_0 > 1"),
        _row("OnePlusOneEA(rate=1/n)", "every strictly monotone function", "theta", n ** Rational(3, 2),
             "Jansen 2007; Doerr, Jansen, Sudholt, Winzen, Zarges 2013", "cited", side="upper"),
        _row("OnePlusOneEA(rate=c/n)", "some strictly monotone function", "theta", exp(gamma * n),
             "Lengler, Steger (arXiv 1608.03226)", "cited", side="lower", where=(c > Rational(11, 5),),
             note="for some constant gamma > 0"),
        _row("OnePlusOneEA(rate=1/n)", "SwitchingDynamicBinVal", "theta", n ** Rational(3, 2),
             "Kaufmann, Larcher, Lengler, Sieberling (arXiv 2311.07438)", "cited"),
    ]  # fmt: skip


def _combinatorial() -> list[Entry]:
    edges = "m edges"
    return [
        _row("OnePlusOneEA(rate=1/m)", "MinimumSpanningTree", "theta", m**2 * (log(n) + log(w)), "Neumann, Wegener 2007",
             side="upper",
             note=f"{edges}, largest weight w; simulated annealing against Metropolis: Wegener 2005, Doerr, Rajabi, Witt 2022"),
        _row("OnePlusOneEA(rate=1/m)", "MaximumMatching", "theta", m ** (2 * sympy.ceiling(1 / eps)),
             "Giel, Wegener 2003", side="upper", note="(1 + eps)-approximation"),
        _row("OnePlusOneEA", "EulerianCycle(edge permutations)", "theta", m**5, "Neumann 2004", side="upper", note=edges),
        _row("OnePlusOneEA", "EulerianCycle(adjacency-list matchings)", "theta", m * log(m), "Doerr, Johannsen 2007",
             side="upper", note=edges, where=(m >= 2,)),
        _row("OnePlusOneEA", "ShortestPaths", "theta", n**2 * sympy.Max(Symbol("l", positive=True), log(n)),
             "Doerr, Happ, Klein 2007", side="upper", note="l: most edges on a shortest path"),
        _row("OnePlusOneEA", "Sorting(INV, HAM or EXC)", "theta", n**2 * log(n), "Scharnow, Tinnefeld, Wegener 2004"),
        _row("OnePlusOneEA(rate=1/n)", "Partition", "theta", n**2, "Witt 2005", side="upper", note="4/3-approximation"),
        _row("OnePlusOneEA", "VertexCover", "theta", omega, "Friedrich et al. 2010; Oliveto, He, Yao",
             quantity="approximation ratio", side="lower", note="arbitrarily bad on some graphs; restarts help"),
        _row("OnePlusOneEA", "MaxCut", "theta", 1, "folklore", quantity="approximation ratio", side="upper",
             note="a constant factor only; rings and bipartite graphs as special cases"),
    ]  # fmt: skip


GROUPS: tuple[Callable[[], list[Entry]], ...] = (_onemax, _leadingones, _valleys_and_plateaus, _monotone, _combinatorial)


@functools.cache
def _entries() -> tuple[Entry, ...]:
    return tuple(entry for group in GROUPS for entry in group())


def literature(algorithm: str | None = None, problem: str | None = None, status: str | None = None) -> list[Entry]:
    """Results of the literature that are not derived here.

    Parameters
    ----------
    algorithm, problem : str, optional
        Names; case, hyphens, underscores and what stands in brackets don't matter.
    status : {"cited", "recalled"}, optional
        Without it the recalled ones are left out.

    Returns
    -------
    list of Entry

    Examples
    --------
    >>> for entry in literature(algorithm="one-comma-lambda-ea", status="cited"):
    ...     print(entry.bound.side, entry.bound.expr, entry.bound.source)
    upper n*log(n) Hevia Fajardo, Sudholt (arXiv 2104.05624)
    lower exp(gamma*n) Hevia Fajardo, Sudholt (arXiv 2104.05624)
    """
    return [
        entry
        for entry in _entries()
        if (entry.bound.status != "recalled" if status is None else entry.bound.status == status)
        and (algorithm is None or fold(algorithm) == fold(entry.algorithm))
        and (problem is None or fold(problem) == fold(entry.problem))
    ]


def fold(name: str) -> str:
    """A name without what doesn't matter in it.

    >>> fold("One-Plus_Lambda EA(lam=3)")
    'onepluslambdaea'
    """
    name = name.strip()
    head = name if name.startswith("(") else name.split("(")[0]
    return "".join(sign for sign in head.lower() if sign not in "-_ ")
