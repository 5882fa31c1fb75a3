"""Claims of the entropy-compression argument, in its reconstructed form: the codec of :mod:`proofs_check.codec`, run.

J. Lengler, A. Martinsson, A. Steger, arXiv 1808.01137 (ANALCO 2019), prove O(n log^2 n) for rates c/n with c up to some c_0 > 1
by such an argument. The encoding here is a RECONSTRUCTION, so these claims are about it, not about the paper's text; what they
share is the master inequality: a code that can be decoded can't compress likely runs. What it saves as z grows is the subject of
:mod:`proofs_check.claims.entropy_certificate`.

Notation: K rounds; S the saving, the bits that a run's choices are worth minus the length of its code; R(y) the gain at a point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check import statistics
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.decide import Fact, facts, worst
from proofs_check.verdict import POWER
from theory import BinVal, HotTopic, Linear, OneMax

PAPER = "monotone-entropy"
SOURCE = "reconstruction of the argument of Lengler, Martinsson, Steger (2018)"


def round_trip(setting: Setting) -> Iterator[Fact]:
    """Encode, decode, compare, over functions, rates, modes and coders. The mutant's decoder has another function."""
    from proofs_check.codec import decode, encode, random_monotone, record
    from theory.errors import InputError

    weights = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
    small = [(OneMax(), "OneMax"), (BinVal(), "BinVal"), (random_monotone(7, 1), "a random table"), (Linear(weights), "linear")]
    cells = [(f, name, 7, 3, mode) for f, name in small for mode in ("exact", "pair")]
    cells += [(OneMax(), "OneMax", 60, 12, "pair"), (BinVal(), "BinVal", 60, 12, "pair")]
    cells += [(HotTopic("1/4", "1/10", "1/20", 5), "HotTopic", 30, 8, "pair")]
    for f, name, n, start, mode in cells:
        for c in ("0.6", "1.1", "2.5"):
            for seed, (strict, coder) in enumerate(((False, "words"), (True, "integers"), (True, "words"), (False, "integers"))):
                run = record(f, n=n, rounds=setting.choose(60, 400), c=c, start=start, seed=setting.seed + seed, strict=strict)
                if not run.rounds:
                    continue
                code = encode(f, run, mode=mode, coder=coder)
                other = (BinVal() if isinstance(f, OneMax) else OneMax()) if setting.mutant else f
                try:
                    wrong = "" if decode(other, code) == run else "another run came out"
                except InputError as error:
                    wrong = str(error)
                if not wrong and code.overhead > 128:
                    wrong = f"the coder adds {code.overhead:.0f} bits"
                yield Fact(f"{name}, n = {n}, c = {c}, {mode} mode, {coder}", wrong)


def _small_codes(setting: Setting) -> Iterator[tuple[str, Any]]:
    """Exact codes of 3 bits, over functions, rates, tau and acceptance."""
    from proofs_check.codec import random_monotone
    from proofs_check.codec.kraft import exact_code

    functions = [(OneMax(), "OneMax"), (BinVal(), "BinVal"), (random_monotone(3, 1, ties=2), "a random table")]
    for f, name in functions:
        for c in ("0.6", 1, 2):
            for tau, strict in ((1, False), ("1.5", False), (1, True)):
                yield (
                    f"{name}, n = 3, c = {c}, tau = {tau}, accepting {'>' if strict else '>='}",
                    exact_code(f, 3, c, tau, strict),
                )


def kraft(setting: Setting) -> Iterator[Fact]:
    """By enumeration of all runs, and by a transfer matrix with more bits. The mutant leaves rejected rounds out of the code."""
    from proofs_check.codec.kraft import every_run, transfer

    for where, code in _small_codes(setting):
        rounds = setting.choose(2, 3)
        rows = transfer(code)
        ahead = [code.final(y) if y != code.optimum else Fraction(0) for y in range(2**code.n)]
        for _ in range(6 if setting.mutant else rounds):
            ahead = [
                sum((ahead[y] * (1 if setting.mutant and y == x else q) for y, q in row.items()), Fraction(0))
                for x, row in enumerate(rows)
            ]
        total = sum(ahead[:-1], Fraction(0))
        if total > 1:
            yield Fact(where, f"the sum of 2^-length is {float(total):.6g}")
        elif total != sum(run.weight for run in every_run(code, rounds)):
            yield Fact(where, "one run after the other, the sum is another")
        else:
            yield Fact(where)


def power(setting: Setting) -> Iterator[Fact]:
    """E[2^S] and every tail, exactly, from the telescoped saving. The mutant doesn't pay for the final point."""
    from proofs_check.codec import kraft_sum, largest_tail, saving_law

    for where, code in _small_codes(setting):
        if setting.mutant:
            code.final = lambda y: Fraction(1)  # type: ignore[method-assign]
        total = Fraction(0)
        for start in range(code.optimum):
            law = saving_law(code, setting.choose(3, 6), start)
            mean = sum(v * q for v, q in law.items())
            total += mean
            if largest_tail(law)[1] > 1:
                yield Fact(where, f"P(S >= s) > 2^-s from start {start}")
        yield Fact(where, f"E[2^S] = {float(total):.6g} for the uniform start" if total > 1 else "")
    for f, name in ((OneMax(), "OneMax"), (BinVal(), "BinVal")):
        sum_ = kraft_sum(f, n=setting.choose(4, 6), rounds=12, c="1.1")
        yield Fact(f"{name}, 12 rounds", f"E[2^S] = {float(sum_):.6g}" if sum_ > 1 else "")


def telescoping(setting: Setting) -> Iterator[Fact]:
    """2^S of every run in fractions against the product of R; the mutant leaves the factor 1/z out of g."""
    from proofs_check.codec import random_monotone
    from proofs_check.codec.kraft import every_run, exact_code

    for f, name in ((OneMax(), "OneMax"), (BinVal(), "BinVal"), (random_monotone(3, 1, ties=2), "a random table")):
        for c in ("0.6", "1.5"):
            code, wrong = exact_code(f, 3, c, over_z=not setting.mutant), ""
            for run in every_run(code, setting.choose(2, 3)):
                first, last = (code.zeros(run.points[i]) for i in (0, -1))
                value = math.prod(run.gains, start=Fraction(1)) * Fraction(last, first) / (4 * math.comb(3, first))
                if value != run.power:
                    wrong = f"2^S = {run.power}, but the product is {value}"
                    break
            yield Fact(f"{name}, n = 3, c = {c}", wrong)


def lemma(setting: Setting) -> Iterator[Fact]:
    """Every point of small functions; the mutant is the partially-ordered EA, which prefers fewer one-bits."""
    from proofs_check.codec import random_monotone, violations
    from proofs_check.codec.functions import oracle

    def pessimistic(x: np.ndarray, flips: Any) -> int:
        ups = int((x[list(flips)] == 0).sum())
        return 1 if ups == len(flips) or 0 < ups <= len(flips) - ups else -1

    for n in setting.choose((3, 4), (3, 4, 5, 6)):
        tables = [(f"table {seed}", random_monotone(n, seed, ties=3 * (seed % 2))) for seed in range(4)]
        for name, f in [("OneMax", oracle(OneMax(), n)), ("BinVal", oracle(BinVal(), n)), *tables]:
            found = violations(pessimistic if setting.mutant else f.sign, n)
            yield Fact(f"{name}, n = {n}", found[0] if found else "")


def _rejected_bits(run: Any, f: Any) -> float:
    """What the rounds are worth that changed nothing."""
    points, sizes = run.points(f), np.diff(run.offsets)
    still = (points[1:] == points[:-1]).all(axis=1)
    p, k = float(run.c) / run.n, int(sizes[still].sum())
    return -k * math.log2(p) - (run.n * int(still.sum()) - k) * math.log2(1 - p)


def tail(setting: Setting) -> Outcome:
    """P(S >= s, not at the optimum) <= 2^-s on simulated runs; the mutant leaves rejected rounds out of the code."""
    from scipy.special import bdtrc

    from proofs_check.codec import random_monotone, record
    from proofs_check.codec.coders import Integers
    from proofs_check.codec.codes import push_run
    from proofs_check.codec.kraft import exact_code

    n, rounds, runs, levels = 6, 15, setting.choose(500, 4000), (1, 2)
    functions = [(OneMax(), "OneMax"), (BinVal(), "BinVal"), (random_monotone(n, 1, ties=2), "a random table")]
    error = setting.error / (len(functions) * len(levels))
    found = []
    for f, name in functions:
        code = exact_code(f, n, "1.1")
        savings = np.full(runs, -np.inf)  # of runs that reached the optimum: not counted
        for k in range(runs):
            run = record(f, n=n, rounds=rounds, c="1.1", seed=(setting.seed + k) % 2**32)
            if not run.reached:
                stack = Integers()
                push_run(stack, code, _oracle(f, n), run)
                savings[k] = run.entropy - stack.ideal + (_rejected_bits(run, f) if setting.mutant else 0.0)
        for s in levels:
            count, bound = int((savings >= s).sum()), 2.0**-s
            low = statistics.probability_low(count, runs, error)
            critical = next(i for i in range(int(bound * runs), runs + 2) if statistics.probability_low(i, runs, error) > bound)
            have = float(bdtrc(critical - 1, runs, min(1.0, (1 + setting.effect) * bound)))
            verdict = "refuted" if low > bound else "consistent" if have >= POWER else "inconclusive"
            where = f"{name}, n = {n}, K = {rounds}, s = {s}"
            reason = f"{where}: {count} of {runs} runs saved {s} bits and more; power {have:.3g}"
            outcome = Outcome(verdict, reason, bound, count / runs, (low, 1.0), have)
            found.append(((bound - count / runs) / bound, where, outcome))
    return worst(found)


def _oracle(f: Any, n: int) -> Any:
    from proofs_check.codec.functions import oracle

    return oracle(f, n)


def ordinary(setting: Setting) -> Outcome:
    """The mean saving of ordinary runs in pair mode; the effect is in bits an accepted change."""
    from scipy.special import ndtr, ndtri

    from proofs_check.codec import encode, record
    from sim.statistics import mean_interval

    runs, found = setting.choose(60, 400), []
    cells = [(OneMax(), "OneMax", 1), (BinVal(), "BinVal", 1), (BinVal(), "BinVal", 2)]
    error = setting.error / len(cells)
    for f, name, c in cells:
        savings, changes = np.zeros(runs), 0
        for k in range(runs):
            run = record(f, n=60, rounds=1000, c=c, start=12, seed=(setting.seed + k) % 2**32)
            savings[k] = encode(f, run, tau="1.3").saving + (_rejected_bits(run, f) if setting.mutant else 0.0)
            points = run.points(f)
            changes += int((points[1:] != points[:-1]).any(axis=1).sum())
        low, high = mean_interval(savings, 1 - 2 * error)
        deviation = float(savings.std(ddof=1)) / math.sqrt(runs)
        have = float(ndtr(setting.effect * changes / runs / deviation - ndtri(1 - error)))
        verdict = "refuted" if low > 0 else "consistent" if have >= POWER else "inconclusive"
        where = f"{name}, n = 60, c = {c}, from 12 zero-bits"
        reason = f"{where}: {savings.mean():.1f} bits a run, {changes / runs:.1f} accepted changes; power {have:.3g}"
        found.append((-float(savings.mean()), where, Outcome(verdict, reason, 0.0, float(savings.mean()), (low, high), have)))
    return worst(found)


def hot(setting: Setting) -> Outcome:
    """Means of ln R along runs that hover on HotTopic, one for each function; the mutant counts a tenth of the predecessors."""
    from scipy.special import ndtr, stdtrit

    from proofs_check.codec import measure, record
    from proofs_check.codec.hot import HotOracle

    n, instances = 4000, setting.choose(8, 12)
    found = []
    for c in setting.choose((3,), (3, 4)):
        means = []
        for k in range(instances):
            f = HotTopic("1/4", "1/10", "1/50", 20, seed=k)
            rounds = setting.choose(2500, 4000)
            judge = HotOracle(f, n)
            run = record(judge, n=n, rounds=rounds, c=c, start=n // 16 if c == 3 else n // 8, seed=(setting.seed + k) % 2**32)
            seen = measure(judge, run, samples=300, every=20, skip=20)
            means.append(float(seen.gain.mean()) + (math.log(10) if setting.mutant else 0.0))
        mean, deviation = float(np.mean(means)), float(np.std(means, ddof=1)) / math.sqrt(instances)
        error = setting.error / setting.choose(1, 2)
        width = float(stdtrit(instances - 1, 1 - error)) * deviation
        have = float(ndtr((setting.effect - width) / deviation))
        verdict = "refuted" if mean - width > 0 else "consistent" if have >= POWER else "inconclusive"
        where = f"HotTopic, n = {n}, c = {c}"
        reason = f"{where}: mean ln R = {mean:.3f} over {instances} functions; power {have:.3g}"
        found.append((-mean, where, Outcome(verdict, reason, 0.0, mean, (mean - width, mean + width), have)))
    return worst(found)


LETTERS = "S is the saving: the bits that a run's random choices are worth, minus the length of its code"

CLAIMS = (
    Claim(
        "codec-round-trip", PAPER,
        "(1+1) EA on strictly monotone functions: a recorded run, encoded backwards and decoded, comes back identical",
        SOURCE, "a decoder with another function", 0.0, facts("proved", round_trip, "runs come back identical"),
    ),
    Claim(
        "codec-kraft", PAPER,
        "the backward code, all runs that end elsewhere than at the optimum: the sum of 2^-length is at most 1",
        SOURCE, "rejected rounds are left out of the code", 0.0, facts("proved", kraft, "Kraft sums in fractions"),
    ),
    Claim(
        "codec-power", PAPER, "the backward code: E[2^S; not at the optimum] <= 1, and P(S >= s) <= 2^-s for every s",
        SOURCE, "the final point isn't paid for", 0.0, facts("proved", power, "laws of S in fractions"), where=LETTERS,
    ),
    Claim(
        "codec-telescoping", PAPER,
        "the backward code, given start: 2^S is the product of R over the accepted changes, times z_K/(z_0 (n + 1) C(n, z_0))",
        SOURCE, "the weight g without its factor 1/z", 0.0, facts("proved", telescoping, "every run in fractions"),
        where=LETTERS + "; R is the gain at the point after the change, z_0 and z_K the zero-bits at the start and the end",
    ),
    Claim(
        "codec-pair-lemma", PAPER,
        "strictly monotone functions: few swaps backwards are possible where most swaps forwards improve (the pair lemma)",
        SOURCE, "the partially-ordered EA for a function", 0.0, facts("proved", lemma, "all points of small functions"),
    ),
    Claim(
        "codec-tail", PAPER, "(1+1) EA, c = 1.1, fixed length: P(S >= s, not at the optimum) <= 2^-s",
        SOURCE, "rejected rounds are left out of the code", 0.45, tail, where=LETTERS,
    ),
    Claim(
        "codec-ordinary", PAPER, "(1+1) EA, pair mode: the mean saving of ordinary runs isn't positive",
        SOURCE, "rejected rounds are left out of the code", 1.0, ordinary,
    ),
    Claim(
        "codec-hot", PAPER,
        "(1+1) EA, c >= 3, HotTopic while it hovers: the mean of ln R isn't positive, so that nothing is saved",
        SOURCE, "a tenth of the predecessors are counted", 0.3, hot, where="R is the gain at a point, for changes with one up",
    ),
)  # fmt: skip
