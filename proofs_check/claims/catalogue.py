"""Claims of the catalogue: for every pair of an algorithm and a problem whose bounds are derived, that each bound is verified.

One claim a pair. Each of its derived bounds is verified (:mod:`proofs_check.certificate`): the last step of its derivation
gives its formula and every premise is replayed; under the preset full the bound is also held against whole chains at small n and
against balls around E[T]. The claim is as good as its worst bound: *proved*, *certified* where a premise about the process is
replayed at small n only, *consistent* where one is a limit that numbers point to. The mutant multiplies the bounds by 0.9.

``catalogue-runs`` holds the bounds on E[T] against simulation, ``catalogue-mutants`` changes bounds in one place and looks
whether verifying finds the change.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import sympy

from proofs_check.certificate import verify
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.decide import worst
from proofs_check.levels import Trial, trial
from theory import (
    Bound,
    DynamicLinear,
    HiddenSubset,
    Jump,
    LeadingOnes,
    OnePlusOneEA,
    PartiallyOrderedEA,
    Plateau,
    Process,
    Trap,
    c,
    n,
)
from theory.catalogue import _pairs
from theory.errors import InputError

PAPER = "catalogue"
FACTOR = sympy.Rational(9, 10)


def name_of(process: Process) -> str:
    """A claim's id for a process.

    >>> from theory import OneMax, RLS
    >>> name_of(RLS().on(OneMax()))
    'catalogue-rls-onemax'
    """
    algorithm, problem = str(process.algorithm), str(process.problem)
    known = [("OnePlusOneEA", "ea"), ("rate=", ""), ("strict=True", "strict"), ("flips=1", ""), ("gap=", ""), ("radius=", "")]
    known += [("pessimism=1", ""), ("c/n", ""), ("Schedule", "")]
    text = " ".join(("catalogue", algorithm, re.sub("(Linear|HotTopic).*", r"\1", problem)))
    for word, short in known:
        text = text.replace(word, short)
    text = text.replace("**", "^").replace("+", "p").replace("-", "m").replace("/", "d")
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def certified(process: Process):
    """decide for one pair: all its derived bounds."""

    def decide(setting: Setting) -> Outcome:
        levels = setting.choose(("symbolic",), ("symbolic", "certified", "exact"))
        found = []
        for bound in process.bounds("derived"):
            if setting.mutant:
                bound = times(bound, FACTOR)
            certificate = verify(bound, levels=levels)
            wrong = next((level.how for level in certificate.levels if level.holds is False), certificate.link.how)
            why = wrong if certificate.verdict == "refuted" else certificate.scope
            value, exact = (None, None) if setting.mutant else example(bound)
            outcome = Outcome(certificate.verdict, f"{bound.statement}: {why}", value, exact=exact)
            room = abs(value / exact - 1) if value and exact else 0.0
            found.append((room, bound.statement, outcome))
        decided = worst(found)
        count = f"{len(found)} bounds verified; " if len(found) > 1 else ""
        return replace(decided, reason=count + decided.reason)

    return decide


def times(bound: Bound, factor: sympy.Rational) -> Bound:
    """The bound multiplied by a number, its function for evaluation too."""
    plain = bound.exact_function
    scaled = None if plain is None else lambda values: float(factor) * plain(values)
    return bound.with_(expr=factor * bound.expr, exact_function=scaled)


def example(bound: Bound, size: int = 8) -> tuple[float | None, float | None]:
    """(the bound, E[T]) at one small n and c, where both can be had."""
    from proofs_check.levels import arguments_of, simulated_starts, values_of
    from theory.exact import NoExactMethod, expected_runtime

    process = bound.process
    if process is None or bound.quantity != "E[T]" or bound.direction not in ("upper", "lower", "exact"):
        return None, None
    for values in values_of(process, (size,)):
        for start in simulated_starts(bound, size):
            at = arguments_of(bound, values, start, size)
            try:
                if bound.holds_for(**at):
                    return bound.evaluate(**at), float(expected_runtime(process, start=start, **values))
            except (InputError, NoExactMethod):
                continue
    return None, None


WITHOUT = ("catalogue-rls-jump-2", "catalogue-rls-trap", "catalogue-rls-strict-needle", "catalogue-ea-sqrt-leadingones",
           "catalogue-ea-1d-n-m-v-onemax")  # fmt: skip
"""Pairs of which nothing is derived (a run may never end, or bounds are heuristic), and one whose bound holds at n = 1 only."""
PROCESSES = tuple(p for p in (algorithm.on(problem) for algorithm, problem in _pairs()) if name_of(p) not in WITHOUT)
_STRICT = OnePlusOneEA(c / n, strict=True)
MORE = (
    *(OnePlusOneEA(c / n).on(problem) for problem in (DynamicLinear(), PartiallyOrderedEA("1/2"), HiddenSubset(LeadingOnes()))),
    *(_STRICT.on(problem) for problem in (Jump(2), Plateau(2), Trap())),
)
"""Pairs with derived bounds that aren't listed in the catalogue's table, as they have those of a neighbour, or fewer."""
QUICK = ("catalogue-ea-onemax", "catalogue-ea-leadingones", "catalogue-rls-onemax", "catalogue-ea-binval")
"""The pairs whose bounds are simulated under the preset quick."""


def runs(setting: Setting) -> Outcome:
    """Bounds on E[T] against the means of runs; the mutant's upper and exact bounds are halved, its lower ones doubled."""
    chosen = [p for p in PROCESSES if setting.preset == "full" or name_of(p) in QUICK]
    bounds = [b for p in chosen for b in p.bounds("derived") if b.quantity == "E[T]" and b.minimise_over is None]
    bounds = [b for b in bounds if b.direction in ("upper", "lower", "exact")]
    found = []
    for bound in bounds:
        if setting.mutant:
            factor = sympy.Rational(2 if bound.direction == "lower" else 1, 1 if bound.direction == "lower" else 2)
            bound = times(bound, factor)
        seen = trial(bound, setting.choose(2000, 32_000), setting.seed, setting.error / len(bounds), setting.effect)
        if isinstance(seen, Trial):
            found.append(_cell(bound, seen))
    return worst(found)


def _cell(bound: Bound, seen: Trial) -> tuple[float, str, Outcome]:
    m = seen.measured
    room = {"upper": seen.value - m.mean, "lower": m.mean - seen.value, "exact": -abs(seen.value - m.mean)}[bound.direction]
    told = seen.told
    outcome = Outcome(told.verdict, f"{seen.where}: {told.reason}", seen.value, m.mean, (m.low, m.high), told.power)
    return room / max(abs(seen.value), 1e-300), f"{bound.direction} bound, {seen.where}", outcome


SHARE = 0.99
"""Of the mutants, that must be found out; those that aren't are listed."""


def mutants_found(setting: Setting) -> Outcome:
    """Every mutant of one pair's bounds, and under full every fifth one of all pairs (all of them take several minutes), and
    whether it is found out; the mutant of this claim looks for none. A double mutant that is weaker, so true, counts as none."""
    from proofs_check.mutants import double_mutants, fate, found_out, mutants

    found, true, missed = 0, 0, []
    for process in PROCESSES:
        every = 1 if name_of(process) == "catalogue-rls-onemax" else 5
        for bound in process.bounds("derived") if setting.preset == "full" or every == 1 else ():
            for mutant in itertools.islice(mutants(bound), 0, None, every):
                if setting.mutant or not found_out(mutant):
                    missed.append(f"{process}: {bound.statement}, {mutant.kind} {mutant.change}")
                else:
                    found += 1
            for mutant in itertools.islice(double_mutants(bound), 0, None, every):
                what = "" if setting.mutant else fate(mutant, bound)
                if what in ("weaker", "the same"):
                    true += 1
                elif what:
                    found += 1
                else:
                    missed.append(f"{process}: {bound.statement}, {mutant.change}")
    share = found / (found + len(missed))
    survivors = f"; not found out: {'; '.join(missed[:5])}" if missed and not setting.mutant else ""
    reason = f"{found} of {found + len(missed)} mutants are refuted, {true} more are true, being weaker{survivors}"
    return Outcome("proved" if share >= SHARE else "refuted", reason, SHARE, share)


CLAIMS = (
    *(
        Claim(
            name_of(process), PAPER, f"{process}: every derived bound follows from its premises, and they hold",
            "the source of each bound", "the bounds times 0.9", 0.0, certified(process),
        )
        for process in (*PROCESSES, *MORE)
    ),
    Claim(
        "catalogue-runs", PAPER, "derived bounds on E[T] hold in simulation", "the source of each bound",
        "upper and exact bounds halved, lower ones doubled", 0.2, runs,
    ),
    Claim(
        "catalogue-mutants", PAPER,
        "of derived bounds changed in a number, sign, exponent or condition, or in ingredient and formula, 99% are refuted",
        "the definition of a checkable derivation", "no mutant is found out", 0.0,
        mutants_found,
    ),
)  # fmt: skip
