"""Theorems that bound E[T] from below, and fitness levels on both sides: on small chains, in fractions, without a condition.

He, Yao 2001 (additive); Witt 2013 (multiplicative); Doerr, Fouz, Witt 2011 (variable); Sudholt 2013 (fitness levels with
viscosity); Doerr, Kötzing 2021 (with visit probabilities); Corus, Dang, Eremeev, Lehre 2018 (level-based). See
:mod:`theory.drift`.

Bounds from below times 101/100, or without a factor, are the mutants.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, comb
from typing import Any

from proofs_check.bounded import Bounded, Picture, bounded, value_of
from proofs_check.claim import Claim, Setting
from proofs_check.claims.drift_revisited.chains import Rows, crash, drifts, expected, lazy, rows_of
from proofs_check.claims.drift_revisited.common import EA, PAPER, exactly, number, refused
from proofs_check.claims.drift_revisited.upper import Cases
from proofs_check.decide import Fact
from theory import RLS, BinVal, Jump, LeadingOnes, OneMax, c, k, n, v

_NEAR_N = Picture("n", "E[T] from 0^n", log_y=True, title="(1+1) EA on OneMax, rate 1/n")
_UNIFORM = Picture("n", "E[T]", title="(1+1) EA on OneMax, rate 1/n, uniform start")


def _more(setting: Setting) -> Fraction:
    """The factor of lower bounds."""
    return Fraction(101, 100) if setting.mutant else Fraction(1)


def _on_onemax(theorem: Any, setting: Setting, sizes: tuple[int, ...], *start: int) -> Iterator[Bounded]:
    """A theorem on OneMax from 0^n, read exactly; drawn for the (1+1) EA with c = 1."""
    for size in sizes:
        for process, values in (
            (RLS().on(OneMax()), {"n": size}),
            (EA.on(OneMax()), {"n": size, "c": 1}),
            (EA.on(OneMax()), {"n": size, "c": 2}),
        ):
            found = value_of(theorem(process, values), values)
            at = float(size) if values.get("c") == 1 else None
            where = f"{process}, {', '.join(f'{x} = {y}' for x, y in values.items())}"
            yield Bounded(where, "lower", found, exactly(process, "zeros", **values), at=at, factor=_more(setting))


# ---- additive


def additive_lower(setting: Setting) -> Cases:
    """A lazy walk (exact), OneMax by its largest drift; overshoot only helps; X to 0 or 2X has drift 0."""
    from theory.drift import AdditiveDriftLower as Theorem

    more, third = _more(setting), number("1/3")
    for size in (1, 5, 20):
        found = value_of(Theorem.apply(third, start=size, step_bound=1))
        yield Bounded(f"lazy walk from {size}", "lower", found, expected(lazy(["1/3"] * size), size), factor=more)
    sizes = setting.choose((4, 10, 20), (4, 10, 20, 40))
    yield from _on_onemax(lambda process, values: Theorem.apply(process, start=values["n"], **values), setting, sizes)
    leap = [*rows_of({0: 1}), *({x: Fraction(1)} for x in range(1, 9)), *rows_of({0: "1/9", 9: "8/9"})]  # X = state - 8
    found = value_of(Theorem.apply(1, start=1, step_bound=2))
    yield Bounded("overshoot from 1 to -8", "lower", found, expected(leap, 9, range(9)), factor=more)
    fall = crash(9, 1)
    yield refused("one step to 0", lambda: Theorem.apply(k, delta=1, start=9, largest=9), "drift <= 1")
    yield Bounded("one step to 0, d = 1", "lower", Fraction(9), expected(fall, 9), fails=True)
    yield refused("X to 0 or 2X", lambda: Theorem.apply(drift=0, delta=number("1/10"), start=1), "E|X_t+1 - X_t| <= K")
    yield Bounded("X to 0 or 2X, d = 1/10", "lower", Fraction(10), _doubling(), fails=True)


def _doubling() -> Fraction:
    """E[T] of X to 0 or 2X with probability 1/2 each: T is geometric whatever X is, so one state stands for all X > 0."""
    return expected(rows_of({0: 1}, {0: "1/2", 1: "1/2"}), 1)


# ---- multiplicative


def multiplicative_lower(setting: Setting) -> Cases:
    """X falls by a tenth in each step, OneMax; the mutant leaves out (1 - beta)/(1 + beta)."""
    from theory.drift import MultiplicativeDriftLower as Theorem

    decay = _decay(10_000, 4)
    beta = Fraction(1, 9)
    less = (1 + beta) / (1 - beta) if setting.mutant else Fraction(1)
    found = value_of(Theorem.apply(decay, start=10_000, beta=number(beta), aim=6561, delta=number("1/10")))
    yield Bounded("a tenth less in each step", "lower", found, Fraction(4), factor=less)
    for size in setting.choose((5, 20), (5, 20, 40)):
        for process, values in ((RLS().on(OneMax()), {"n": size}), (EA.on(OneMax()), {"n": size, "c": 1})):
            found = value_of(Theorem.apply(process, **values), values)
            at = float(size) if "c" in values else None
            yield Bounded(f"{process}, n = {size}", "lower", found, exactly(process, "zeros", **values), at=at)
    rows, options = crash(59, "1/10"), {"delta": number("1/10"), "beta": number("1/4"), "aim": 1}
    assert all(drift == Fraction(x, 10) for x, drift in drifts(rows).items())
    yield refused("to 0 with probability 1/10", lambda: Theorem.apply(rows, **options), "beta")
    naive = _witt(59, 1, Fraction(1, 10), Fraction(1, 4))
    yield Bounded("to 0 with probability 1/10", "lower", naive, expected(rows, 59), fails=True)
    fall = crash(59, 1)
    yield refused("one step to 0", lambda: Theorem.apply(fall, **options), "drift <= delta s")
    yield Bounded("one step to 0", "lower", naive, expected(fall, 59), fails=True)


def _decay(top: int, steps: int) -> Rows:
    """From top a tenth less in each step; the other states stay where they are."""
    rows: Rows = [{x: Fraction(1)} for x in range(top + 1)]
    for _ in range(steps):
        rows[top] = {top * 9 // 10: Fraction(1)}
        top = top * 9 // 10
    return rows


def _witt(start: int, aim: int, delta: Fraction, beta: Fraction) -> Any:
    """(ln s_0 - ln s_aim)/delta (1 - beta)/(1 + beta) as a ball."""
    from flint import arb

    from proofs_check.bounded import ball_of

    return (arb(start).log() - arb(aim).log()) * ball_of((1 - beta) / (1 + beta) / delta)


# ---- variable


def variable_lower(setting: Setting) -> Cases:
    """Local search on OneMax (exact), the (1+1) EA; a chain that rises, jumps, falls too fast, or an h that falls."""
    import sympy

    from theory.drift import VariableDriftLower as Theorem

    more = _more(setting)
    for size in (3, 10):
        found = value_of(Theorem.apply(k / n, start=n, xi=k - 1), {"n": size})
        yield Bounded(
            f"RLS, OneMax, formula, n = {size}", "lower", found, exactly(RLS().on(OneMax()), "zeros", n=size), factor=more
        )
    yield from _on_onemax(lambda p, at: Theorem.apply(p, **at), setting, setting.choose((4, 10, 20), (4, 10, 20, 40)))
    half = rows_of(
        {0: 1}, {1: 1}, {1: "1/2", 2: "1/2"}, {3: 1}, {2: "1/2", 4: "1/2"}, *({x: 1} for x in (5, 6, 7)), {4: "1/2", 8: "1/2"}
    )
    real = value_of(Theorem.apply(v / 4, start=8, xi=v / 2, h=v / 2, aim=1))
    yield Bounded("X halved with probability 1/2, real X", "lower", real, expected(half, 8, {0, 1, 3, 5, 6, 7}), factor=more)
    rises = rows_of({0: 1}, {0: "1/2", 1: "7/16", 9: "1/16"}, *({s: 1} for s in range(2, 9)), {1: 1})
    assert drifts(rises)[1] == 0 and drifts(rises)[9] == 8  # h(0) = 1/100 at xi(1) = 0, h(1) = 8 at xi(9) = 1
    yield refused("from 1 to 0 or 9", lambda: Theorem.apply(rises), "X_t = 1 may rise to 9")
    yield Bounded("from 1 to 0 or 9, h(0) = 1/100", "lower", Fraction(100), expected(rises, 1), fails=True)
    jumps = crash(39, "1/10")  # drift s/10 = h(s) with xi(s) = s
    claimed = sum((Fraction(10, s) for s in range(1, 39)), Fraction(0))
    yield refused("to 0 with probability 1/10", lambda: Theorem.apply(jumps, failure=number("1/10")), "h > 0")
    yield Bounded("to 0 with probability 1/10, xi(s) = s", "lower", claimed, expected(jumps, 39), fails=True)
    fast = lambda: Theorem.apply(k, start=n, xi=sympy.Max(k - n, 0), h=(k + 1) / n)  # noqa: E731
    yield refused("one step to 0, h = (s+1)/n", fast, "drift <= h(xi(s))")
    yield Bounded(
        "one step to 0, h = s/10",
        "lower",
        sum((Fraction(10, s) for s in range(1, 10)), Fraction(0)),
        expected(crash(9, 1), 9),
        fails=True,
    )
    falling = sympy.Piecewise((9, k < 1), (sympy.Rational(1, 100), True))
    yield refused("h falls", lambda: Theorem.apply(k, start=9, xi=sympy.Max(k - 9, 0), h=falling), "non-decreasing")
    yield Bounded("one step to 0, h falls", "lower", Fraction(1, 9) + 800, expected(crash(9, 1), 9), fails=True)


# ---- fitness levels with viscosity


def _sudholt() -> Rows:
    """From level 2 to the optimum with probability 1/2, else it stays; level 1 is left with probability 1/1000."""
    return rows_of({0: 1}, {0: "1/1000", 1: "999/1000"}, {0: "1/2", 2: "1/2"})


def viscosity_products(setting: Setting) -> Cases:
    """P(2 -> j) <= u_2 gamma_2j and gamma_21 >= chi (gamma_21 + gamma_20) hold, and 1/u_2 + chi/u_1 = 501 isn't a lower bound.

    The mutant tries to show the same of a chain on which P(2 -> j) = u_2 gamma_2j.
    """
    from theory.drift import Viscosity as Theorem

    rows, chi, u = _sudholt(), Fraction(1, 2), {1: Fraction(1, 1000), 2: Fraction(1)}
    if setting.mutant:
        rows = rows_of({0: 1}, {0: "1/1000", 1: "999/1000"}, {0: "1/2", 1: "1/2"})
    gamma = {0: Fraction(1, 2), 1: Fraction(1, 2)}
    fulfilled = all(rows[2].get(j, 0) <= u[2] * gamma[j] for j in (0, 1)) and gamma[1] >= chi * (gamma[0] + gamma[1])
    yield Fact("the products bound every transition, and gamma fulfils its condition", "" if fulfilled else "one is larger")
    yield Fact("level 1 is left with probability u_1", "" if rows[1][0] == u[1] else "it isn't")
    yield Bounded("1/u_2 + chi/u_1", "lower", 1 / u[2] + chi / u[1], expected(rows, 2), fails=True)
    yield Bounded("chi = P(lands on 1 | leaves 2)", "lower", value_of(Theorem.apply(rows)), expected(rows, 2))


def viscosity_lower(setting: Setting) -> Cases:
    """LeadingOnes with chi = 1/2 (exact from a uniform start behind), OneMax and BinVal read exactly; each condition."""
    from theory.drift import Viscosity as Theorem

    more = _more(setting)
    yield from _levels(setting, "lower", more)
    skipped = crash(9, 1)
    yield Bounded(
        "jumps over every level, chi = 1", "lower", value_of(Theorem.apply(1, 9, chi=1)), expected(skipped, 9), fails=True
    )
    fast = rows_of({0: 1}, {0: 1}, {1: 1})
    slow = value_of(Theorem.apply(number("1/10"), 2, chi=1))
    yield Bounded("u = 1/10 in the place of 1", "lower", slow, expected(fast, 2), fails=True)
    lost = rows_of({0: 1}, {0: "1/10", 3: "9/10"}, {1: 1}, {2: 1})
    yield Bounded("a fitness that falls", "lower", value_of(Theorem.apply(lost, 3)), expected(lost, 3), factor=more)


def viscosity_upper(setting: Setting) -> Cases:
    """The same from above, where the fitness must not fall."""
    from theory.drift import Viscosity as Theorem

    yield from _levels(setting, "upper", 2 - _more(setting))
    visits = lazy([1] * 8)
    low = value_of(Theorem.apply(1, 8, chi=0, direction="upper"))
    yield Bounded("visits every level, chi = 0", "upper", low, expected(visits, 8), fails=True)
    wrong = value_of(Theorem.apply(number("1/2"), 1, chi=1, direction="upper"))
    yield Bounded("u = 1/2 in the place of 1/10", "upper", wrong, expected(crash(1, "1/10"), 1), fails=True)
    lost = rows_of({0: 1}, {0: "1/10", 3: "9/10"}, {1: 1}, {2: 1})
    yield refused("a fitness that falls", lambda: Theorem.apply(lost, 3, direction="upper"), "never falls")
    yield Bounded("a fitness that falls", "upper", Fraction(1 + 1 + 10), expected(lost, 3), fails=True)


def _levels(setting: Setting, direction: str, factor: Fraction) -> Iterator[Bounded]:
    from theory.drift import Viscosity as Theorem

    p = c / n
    for size in setting.choose((3, 5), (3, 5, 7)):
        law = {k: Fraction(1, 2 ** (size - k + 1)) for k in range(1, size + 1)}  # the level of a uniform start: k - 1 below n - 1
        law[0] = Fraction(1, 2**size)
        leave = p * (1 - p) ** (n - k)
        start = {level: number(x) for level, x in law.items()}
        found = value_of(
            Theorem.apply(leave.subs(n, size), start, chi=number("1/2"), direction=direction, where=(c < size,)), {"c": 1}
        )
        truth = exactly(EA.on(LeadingOnes()), n=size, c=1)
        yield Bounded(f"LeadingOnes, chi = 1/2, n = {size}", direction, found, truth, factor=factor)
    for problem in (OneMax(), BinVal()):
        for size in (3, 4, 5, 6, 8, 10) if problem.symmetric else setting.choose((3, 4), (3, 4, 5, 6)):
            values: dict[str, Any] = {"n": size, "c": 1}
            found = value_of(Theorem.apply(EA.on(problem), direction=direction, **values), values)
            at = float(size) if problem.symmetric else None
            yield Bounded(f"{problem}, n = {size}", direction, found, exactly(EA.on(problem), **values), at=at, factor=factor)


# ---- visit probabilities


def visit_probabilities(setting: Setting) -> Cases:
    """Exact with exact v_k and u_k: OneMax, Jump, LeadingOnes with v = 1/2; each condition."""
    from theory.drift import VisitProbabilities as Theorem

    more, p = _more(setting), c / n
    for process, values in (
        (EA.on(OneMax()), {"n": 7, "c": Fraction(3, 2)}),
        (EA.on(Jump(3)), {"n": 7, "c": 1}),
        (RLS().on(OneMax()), {"n": 9}),
    ):
        for start in ("uniform", 5):
            found = value_of(Theorem.apply(process, start, **values), values)
            truth = exactly(process, start, **values)
            yield Bounded(f"{process}, start {start}", "lower", found, truth, factor=more)
            yield Bounded(f"{process}, start {start}", "upper", found, truth, factor=2 - more)
    half = Theorem.apply(p * (1 - p) ** (n - k), visits=number("1/2"), start=n, where=(c < n,))
    for size in setting.choose((3, 5), (3, 5, 8)):
        truth = exactly(EA.on(LeadingOnes()), n=size, c=1)
        found = value_of(half, {"n": size, "c": 1})
        yield Bounded(f"LeadingOnes, v = 1/2, n = {size}", "lower", found, truth, at=float(size), factor=more)
    skipped, fast, slow = crash(9, 1), rows_of({0: 1}, {0: 1}, {1: 1}), crash(1, "1/100")
    yield Bounded(
        "jumps over every level, v = 1", "lower", value_of(Theorem.apply(1, 9, visits=1)), expected(skipped, 9), fails=True
    )
    tenth = value_of(Theorem.apply(number("1/10"), 2, visits=1))
    yield Bounded("u = 1/10 in the place of 1", "lower", tenth, expected(fast, 2), fails=True)
    wrong = value_of(Theorem.apply(number("1/2"), 1, visits=1, direction="upper"))
    yield Bounded("u = 1/2 in the place of 1/100", "upper", wrong, expected(slow, 1), fails=True)
    lost = rows_of({0: 1}, {0: "1/10", 3: "9/10"}, {1: 1}, {2: 1})
    yield Bounded("a fitness that falls, from above", "upper", Fraction(1 + 1 + 10), expected(lost, 3), fails=True)


# ---- level-based


def level_based(setting: Setting) -> Cases:
    """One level below the target in closed form, two levels by the chain on the number at the better one; each condition.

    The mutant leaves out the sum over the levels: 8/delta^2 alone.
    """
    from theory.drift import LevelBased as Theorem

    split: dict[str, Any] = {"gamma": number("2/5"), "delta": 1}
    for z in ("1/3", "1/1000"):
        chance = Fraction(z)
        size = _needed(1, chance)
        rows = rows_of({0: 1}, {0: chance, 1: 1 - chance})
        found = value_of(Theorem.apply(rows, size=size, parents=size // 4, **split))
        truth = size / (1 - (1 - chance) ** size)
        bound = Fraction(8) if setting.mutant else found
        yield Bounded(f"one level, z = {z}, lambda = {size}", "upper", bound, truth)
    up, fall, size = Fraction(1, 1000), Fraction(1, 8), _needed(2, Fraction(1, 2000))
    rows = rows_of({0: 1}, {0: up, 1: 1 - up - fall, 2: fall}, {1: up, 2: 1 - up})
    found = value_of(Theorem.apply(rows, size=size, parents=size // 4, **split))
    yield Bounded(f"two levels, lambda = {size}", "upper", found, _population(rows, size, size // 4))
    rows = rows_of({0: 1}, {0: "1/4000", 1: "1999/4000", 2: "1/2"}, {1: "1/10000", 2: "9999/10000"})
    chances, size = [number("1/10000")] * 2, _needed(2, Fraction(1, 10_000))
    naive = value_of(Theorem.apply(chances, size=size, **split))
    yield refused("(G2), no selection", lambda: Theorem.apply(rows, size=size, parents=size, z=chances, **split), "(G2)")
    yield Bounded("(G2), no selection", "upper", naive, _population(rows, size, size), fails=True)
    depth = 12
    fallback = rows_of(
        {0: 1}, *({j - 1: "1/10", j: "17/30", depth: "1/3"} for j in range(1, depth)), {depth - 1: "1/10", depth: "9/10"}
    )
    alone = lambda: Theorem.apply(fallback, size=1, parents=1, gamma=number("1/2"), delta=number("1/3"))  # noqa: E731
    yield refused("(G3), lambda = 1", alone, "(G3)")
    claimed = _corus([Fraction(1, 10)] * depth, 1, Fraction(1, 3))
    yield Bounded("(G3), lambda = 1", "upper", claimed, expected(fallback, depth), fails=True)


def _needed(levels: int, z: Fraction) -> int:
    """The smallest lambda, a multiple of 4, with (G3) for gamma = 2/5, delta = 1: 10 ln(128 m/z)."""
    from math import log

    return 4 * (ceil(10 * log(128 * (levels + 1) / z)) // 4 + 1)


def _corus(z: list[Fraction], size: int, delta: Fraction) -> Any:
    """8/delta^2 times the sum of lambda ln(6 delta lambda/(4 + z delta lambda)) + 1/z as a ball."""
    from flint import arb

    from proofs_check.bounded import ball_of

    inner = (ball_of(6 * delta * size / (4 + x * delta * size)).log() * size + ball_of(1 / x) for x in z)
    return ball_of(8 / delta**2) * sum(inner, arb(0))


def _population(rows: Rows, size: int, parents: int) -> Any:
    """E[T] in individuals of a population on two levels below the target, all at the lowest; a ball.

    The state is the number at level 1: of the next generation, none at the target, it is binomial.
    """
    from flint import arb, arb_mat, ctx

    from proofs_check.bounded import ball_of

    with ctx.workprec(400):
        matrix, ones = arb_mat(size + 1, size + 1), arb_mat(size + 1, 1)
        for many in range(size + 1):
            best = min(many, parents)
            drawn = [
                (best * rows[1].get(j, Fraction(0)) + (parents - best) * rows[2].get(j, Fraction(0))) / parents for j in range(3)
            ]
            one, low = ball_of(drawn[1]), ball_of(drawn[2])
            for j in range(size + 1):
                matrix[many, j] = arb(int(many == j)) - comb(size, j) * one**j * low ** (size - j)
            ones[many, 0] = arb(1)
        return size * matrix.solve(ones)[0, 0]


_LEADINGONES = Picture("n", "E[T]", title="(1+1) EA on LeadingOnes, rate 1/n, uniform start")
_SAME = "the bound times 101/100"
CLAIMS = (
    Claim(
        "theorem-additive-lower", PAPER, "additive drift at most d, E|X_(t+1) - X_t| bounded: E[T] >= X_0/d, overshoot or not; "
        "each condition is needed", "He, Yao 2001", _SAME, 0.0, bounded(additive_lower, "exact chains", _NEAR_N),
        formula=r"\mathrm{E}[X_t - X_{t+1} \mid X_t] \le d \;\Rightarrow\; \mathrm{E}[T] \ge \frac{X_0}{d}",
        where="T is the first t with X_t <= 0",
    ),
    Claim(
        "theorem-multiplicative-lower", PAPER, "drift at most d s, steps of beta s with probability at most beta d/ln s, never "
        "rising: E[T] >= ln(s_0/s_aim)/d (1-beta)/(1+beta)", "Witt 2013", "the factor (1-beta)/(1+beta) is left out", 0.0,
        bounded(multiplicative_lower, "exact chains", _NEAR_N),
        formula=r"\mathrm{E}[T] \ge \frac{\ln(s_0/s_{\mathrm{aim}})}{d} \cdot \frac{1-\beta}{1+\beta}",
        where="from s_0 to s_aim or below; d s is the largest drift from s, beta as in the statement",
    ),
    Claim(
        "theorem-variable-lower", PAPER, "X never rises, X_(t+1) >= xi(X_t), drift at most h(xi(s)): E[T] >= integral of 1/h; "
        "each condition is needed", "Doerr, Fouz, Witt 2011", _SAME, 0.0, bounded(variable_lower, "exact chains", _NEAR_N),
        formula=r"\mathrm{E}[T] \ge \int_{a}^{X_0} \frac{dz}{h(z)}",
        where="T is the first t with X_t <= a; h(xi(s)) is the largest drift from s, xi(s) the least value after it",
    ),
    Claim(
        "fitness-levels-need-landing", PAPER, "P(i -> j) <= u_i gamma_ij with gamma_ij >= chi (gamma_ij + ...) doesn't give E[T] "
        ">= 1/u_i + chi sum of 1/u_j: chi must bound where a step lands", "derived here; cf. Sudholt 2013",
        "a chain with P(i -> j) = u_i gamma_ij, on which it does", 0.0, bounded(viscosity_products, "the chain 2 -> 0 with 1/2"),
    ),
    Claim(
        "theorem-viscosity-lower", PAPER, "level k left upwards with at most u_k, a step up lands on j with at least chi: E[T] "
        ">= 1/u_k + chi (1/u_1 + ... + 1/u_(k-1))", "Sudholt 2013, reconstructed", _SAME, 0.0,
        bounded(viscosity_lower, "exact chains", _UNIFORM),
        formula=r"\mathrm{E}[T] \ge \frac{1}{u_k} + \chi \sum_{j=1}^{k-1} \frac{1}{u_j}",
        where="from level k; level 0 is the best one",
    ),
    Claim(
        "theorem-viscosity-upper", PAPER, "level k left upwards with at least u_k, a step up lands on j with at most chi, "
        "fitness never falls: E[T] <= the same sum", "Sudholt 2013, reconstructed", "the bound times 99/100", 0.0,
        bounded(viscosity_upper, "exact chains", _UNIFORM),
        formula=r"\mathrm{E}[T] \le \frac{1}{u_k} + \chi \sum_{j=1}^{k-1} \frac{1}{u_j}",
        where="from level k; level 0 is the best one",
    ),
    Claim(
        "theorem-visit-probabilities", PAPER, "level k visited with at least v_k, left with at most u_k: E[T] >= sum of v_k/u_k; "
        "and <= the other way round; equal if both are exact", "Doerr, Kötzing 2021", "the sum times 101/100 and 99/100", 0.0,
        bounded(visit_probabilities, "exact chains", _LEADINGONES),
        formula=r"\mathrm{E}[T] \ge \sum_{k} \frac{v_k}{u_k}",
    ),
    Claim(
        "theorem-level-based", PAPER, "under (G1), (G2), (G3): E[T] <= 8/delta^2 sum of lambda ln(6 delta lambda/(4 + z delta "
        "lambda)) + 1/z; each condition is needed", "Corus, Dang, Eremeev, Lehre 2018 (cited)", "8/delta^2 alone", 0.0,
        bounded(level_based, "populations on one and two levels"),
        formula=(
            r"\mathrm{E}[T] \le \frac{8}{\delta^2} \sum_{j} \left( \lambda \ln\frac{6 \delta \lambda}{4 + z_j "
            r"\delta \lambda} + \frac{1}{z_j} \right)"
        ),
        where=(
            "lambda is the size of the population, z_j the least probability to sample something better than "
            "level j, delta the advantage of (G2)"
        ),
    ),
)  # fmt: skip
