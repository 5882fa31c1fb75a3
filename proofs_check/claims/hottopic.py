"""Claims about HotTopic, the function on which the (1+1) EA with rate c/n fails for c above 2.1369...

J. Lengler, A. Steger, "Drift Analysis and Evolutionary Algorithms Revisited", Combinatorics, Probability and Computing 27(5),
2018; J. Lengler, "A general dichotomy of evolutionary algorithms on monotone functions", IEEE TEVC 24, 2020 (the threshold).

Nothing near the threshold can be seen in runs of a size that can be simulated, so it is decided through Phi and the mean field;
runs show both sides far from it. The mean field and the guarded one are fluid limits without an error bound: at most consistent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.decide import Fact, facts, worst
from proofs_check.figure import Figure, Series
from proofs_check.region import Region, mean_region, ratio_region, regions, share_region
from proofs_check.verdict import POWER

PAPER = "drift-revisited"
SHARES: dict[str, Any] = {"alpha": "1/4", "beta": "1/10", "eps": "1/50"}
NAME = "(1+1) EA, rate c/n, HotTopic"


def threshold(setting: Setting) -> Iterator[Fact]:
    """The sign of Phi in balls on both sides of c_0, and at the published pair; the mutant's bracket lies 10^-9 higher."""
    import sympy

    from theory.monotone import hottopic as theory_of

    shift = Fraction(1, 10**9) if setting.mutant else Fraction(0)
    low, high = (Fraction(text) + shift for text in ("2.1369288434", "2.1369288435"))
    share = Fraction(str(theory_of.threshold(20)[1]))
    below = theory_of.phi_is_negative_for_all_shares(low)
    yield Fact(f"Phi < 0 for all alpha at c = {float(low):.12g}", "" if below else "could not be proved")
    above = theory_of.phi_is_positive(high, share)
    yield Fact(f"Phi > 0 for some alpha at c = {float(high):.12g}", "" if above else "could not be proved")
    yield Fact("Phi(2.2, 1/4) > 0", "" if theory_of.phi_is_positive("2.2", "1/4") else "could not be proved")
    c, alpha = sympy.symbols("c alpha", positive=True)
    known = theory_of.phi(c, alpha)
    slope = (1 - alpha) * (1 - sympy.exp(-c * (1 - alpha)) + alpha * c)
    same = sympy.simplify(slope - 1 - (1 - alpha) * known) == 0
    yield Fact("the slope of the linear map at 1 is 1 + (1 - alpha) Phi", "" if same else "it isn't")


def drift_field(setting: Setting) -> Outcome:
    """The change of the number of zero-bits in one step, measured, against the mean field; the mutant is OneMax's."""
    from scipy.special import ndtr, ndtri

    from proofs_check.monotone.field import measured_field
    from theory.monotone.meanfield import drift

    densities, constants = setting.choose((("1/20", "1/5"), (1, 4)), (("1/20", "1/10", "1/5", "2/5"), (1, 2, 3, 4)))
    steps, size = setting.choose(160_000, 500_000), 400
    field = measured_field(densities, constants, n=size, replicates=steps, seed=setting.seed, confidence=1 - setting.error)
    found, slack = [], 2 / size
    for point in field.points:
        prediction = sum(point.mean_field)
        if setting.mutant:
            prediction = sum(drift(point.density, point.density, point.c, "1/1000000"))  # hardly a hot bit
        low, high = point.low[2], point.high[2]
        near = abs(sum(point.mean_field) - sum(point.exact)) <= slack
        wrong = low > prediction + slack or high < prediction - slack or not near
        quantile = float(ndtri(1 - setting.error / (6 * len(field.points))))
        power = float(ndtr(setting.effect / (point.deviation / math.sqrt(steps)) - quantile))
        verdict = "refuted" if wrong else "consistent" if power >= POWER else "inconclusive"
        where = f"c = {point.c:g}, density {point.density:g}"
        reason = f"{where}: {steps} steps at n = {size}; power {power:.3g} to see a shift of {setting.effect:g}"
        room = min(high - prediction, prediction - low)
        exact = sum(point.exact)
        found.append((room, where, Outcome(verdict, reason, prediction, point.total, (low, high), power, exact)))
    told = worst(found)
    return Outcome(**{**told.__dict__, "figure": field.figure})


def levels(setting: Setting) -> Outcome:
    """Levels visited, the time of a level, and growth with the number of levels, at c = 1 and c = 4; the mutant swaps them."""
    import numpy as np

    from proofs_check.monotone.levels import hovering
    from theory.monotone.guarded import fixed_point

    n, few, many = setting.choose((3000, 15, 90), (10_000, 100, 400))
    easy, hard = (4, 1) if setting.mutant else (1, 4)
    error = setting.error / 6

    def at(c: int, count: int, seed: int) -> Any:
        runs = 60 if c == 1 else 30
        return hovering(n, c, count, replicates=runs, seed=setting.seed % 10**6 + seed, densities=False, progress=False, **SHARES)

    slow_few, slow_many = at(hard, few, 0), at(hard, many, 1000)
    quick_few, quick_many = at(easy, few, 2000), at(easy, many, 3000)
    point, times = fixed_point(4, **SHARES), slow_many.level_times(skip=3)
    assert point is not None
    nearly_all = int((20 * slow_many.visited >= 19 * many).sum())
    found: list[Region | Fact] = [
        share_region(f"c = 4, share of runs that visit 95 % of {many} levels", nearly_all, len(times), 0.5, 1.0, error),
        mean_region(f"c = 1, levels visited of {many}", quick_many.visited, 0, 25, 25, error),
        ratio_region(f"c = 4, the last of {many} levels against the last of {few}", slow_many.last_changes, slow_few.last_changes,
                     many / few / 2, math.inf, many / few, error),
        ratio_region(f"c = 1, T with {many} over T with {few} levels", quick_many.evaluations, quick_few.evaluations,
                     0.7, 1.4, 1.0, error),
    ]  # fmt: skip
    if setting.preset == "full":
        where = f"c = 4, T with {many} over T with {few} levels"
        found.append(ratio_region(where, slow_many.evaluations, slow_few.evaluations, 2.2, math.inf, 2.2, error))
    short = int(np.isnan(times).sum())
    if short:
        found.append(Fact("c = 4, time of a level", f"{short} of {len(times)} runs changed level fewer than 5 times"))
    else:
        floor, ceiling = 0.85 * point.time, 1.15 * point.time
        found.append(mean_region("c = 4, time of a level over n", times, floor, ceiling, point.time, error))
    outcome = regions(lambda _: found)(setting)
    return Outcome(**{**outcome.__dict__, "figure": _levels_figure(point.time, {hard: slow_many, easy: quick_many})})


def _levels_figure(time: float, told: dict[int, Any]) -> Figure:
    """When the i-th change of level comes; the line has the guarded mean field's slope and begins with the first at c = 4."""
    import numpy as np

    series = []
    for c, runs in told.items():
        shortest = max(1, int(np.quantile([one.size for one in runs.changes], 0.1)))  # reached by nine runs of ten
        rows = np.array([one[:shortest] for one in runs.changes if one.size >= shortest]) / runs.n
        means, errors = rows.mean(axis=0), rows.std(axis=0, ddof=1) / math.sqrt(len(rows))
        shown = np.unique(np.linspace(0, shortest - 1, 12).astype(int))
        at = tuple(float(i + 1) for i in shown)
        low, high = (tuple((means + side * 1.96 * errors)[shown].tolist()) for side in (-1, 1))
        series.append(Series(f"runs, c = {c}", "measured", at, tuple(means[shown].tolist()), low, high))
        if c == 4:
            line = tuple((means[0] + time * shown).tolist())
            series.append(Series("guarded mean field, c = 4", "prediction", at, line))
    return Figure("change of level", "step / n", tuple(series), title="HotTopic, level after level")


def density(setting: Setting) -> Outcome:
    """The mean share of zero-bits at changes of level against the guarded mean field, within 6 %; the mutant has eps doubled."""
    from proofs_check.monotone.levels import hovering
    from theory.monotone.guarded import fixed_point

    n, cases = setting.choose((10_000, ((4, "1/10"),)), (50_000, ((4, "1/10"), (3, "1/10"), (4, "1/50"))))
    runs, skip, found, drawn = 30, 5, [], []
    for c, beta in cases:
        shares = SHARES | {"beta": beta}
        point = fixed_point(c, **shares)
        told = fixed_point(c, **(shares | {"eps": "1/25"} if setting.mutant else shares))
        assert point is not None and told is not None
        levels = setting.choose(12, 20)
        how = {"start": round(point.density, 4), "replicates": runs, "seed": setting.seed % 10**6, "progress": False}
        measured = hovering(n, c, levels, **how, **shares)  # type: ignore[arg-type]
        where = f"c = {c}, beta = {beta}, n = {n}, {runs} runs of {levels} levels"
        sample, near = measured.mean_densities(skip), told.density
        found.append(mean_region(where, sample, 0.94 * near, 1.06 * near, near, setting.error / len(cases)))
        drawn.append((c, beta, measured, near))
    outcome = regions(lambda _: found)(setting)
    return Outcome(**{**outcome.__dict__, "figure": _density_figure(drawn)})


def _density_figure(drawn: list[tuple[int, str, Any, float]]) -> Figure:
    """The mean density at each change of level, with what the guarded mean field says it settles at."""
    import numpy as np

    series = []
    for c, beta, measured, near in drawn:
        shortest = min(len(one) for one in measured.densities) - 1
        rows = np.array([one[:shortest] for one in measured.densities])
        means, errors = rows.mean(axis=0), rows.std(axis=0, ddof=1) / math.sqrt(len(rows))
        at = tuple(float(i) for i in range(1, shortest + 1))
        label = f"c = {c}, beta = {beta}"
        series.append(Series(f"guarded mean field, {label}", "prediction", (at[0], at[-1]), (near, near)))
        low, high = (tuple((means + side * 1.96 * errors).tolist()) for side in (-1, 1))
        series.append(Series(f"runs, {label}", "measured", at, tuple(means.tolist()), low, high))
    return Figure("change of level", "share of zero-bits", tuple(series), title="Where HotTopic hovers")


_SHARES = (
    "alpha and beta are the shares of bits in A and B; a level is reached when B has at most the share eps of zero-bits; "
    "the guarded mean field is the fluid limit in which the bits of the last level's B may not lose their density"
)
CLAIMS = (
    Claim(
        "hottopic-threshold", PAPER, f"{NAME}: near the optimum the number of zero-bits can grow iff Phi(c, alpha) > 0 for some "
        "alpha, that is for c > c_0, 2.1369288434 < c_0 < 2.1369288435; and Phi(2.2, 1/4) > 0",
        "Lengler, Steger 2018; Lengler 2020; the digits are derived here", "a bracket 10^-9 higher", 0.0,
        facts("certified", threshold, "signs in balls, an identity by sympy"),
        r"\Phi(c,\alpha) = c\alpha - e^{-c(1-\alpha)} - \frac{\alpha}{1-\alpha}", "alpha is the share of bits that are hot",
    ),
    Claim(
        "hottopic-drift-field", PAPER, f"{NAME}: the expected change of the number of zero-bits in a step, at equal densities in "
        "hot bits and others, is the mean field's, up to 2/n", "Lengler, Steger 2018; the mean field is derived here",
        "the drift of OneMax", 0.01, drift_field,
    ),
    Claim(
        "hottopic-levels", PAPER, f"{NAME}, alpha = 1/4, beta = 1/10, eps = 1/50: at c = 4 most runs visit nearly all levels, "
        "each in the guarded mean field's time within 15 %, so that T grows with the number of levels; at c = 1 fewer than 25 "
        "levels are visited and T doesn't depend on their number", "Lengler, Steger 2018", "c = 1 and c = 4 exchanged", 0.2,
        levels, "", _SHARES,
    ),
    Claim(
        "hottopic-density", PAPER, f"{NAME}, alpha = 1/4, eps = 1/50: at changes of level the share of zero-bits is the fixed "
        "point of the guarded mean field, within 6 %", "Lengler, Steger 2018; the guarded mean field is derived here",
        "eps = 1/25", 0.06, density, "", _SHARES,
    ),
)  # fmt: skip
