"""The demo's page: one HTML file that opens without a network, on a phone, in the light and in the dark."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from driftproof.demo import plan
from driftproof.demo.summary import Line, texts

if TYPE_CHECKING:
    from theory import Bound

_MEANING = {
    "consistent": """The intervals of all cells together contain their E[T] with confidence {confidence}, no statement of theory
    lies outside of them, and a violation by {effect} would have been seen in each cell with probability 0.9.""",
    "refuted": """A statement of theory contradicts the measurements, at error rate {error} for the whole page: one of the two is
    wrong.""",
    "inconclusive": """Nothing was refuted, but somewhere there were too few runs to have seen a violation by {effect} (error rate
    {error} for the whole page).""",
}


def render(lines: Sequence[Line], seconds: float, command: str, seed: int) -> str:
    """The page as text."""
    from markupsafe import Markup

    from driftproof.demo import picture
    from driftproof.html import render as fill
    from proofs_check.verdict import overall

    problems = list(dict.fromkeys(line.problem for line in lines))
    verdict = overall([line.verdict for line in lines])
    groups = [(p, [(line, texts(line)) for line in lines if line.problem == p]) for p in problems]
    return fill(
        "demo.html",
        runs=f"{sum(line.runs for line in lines):,}".replace(",", " "),
        verdict=verdict,
        headline=headline(lines),
        explanation=_MEANING.get(verdict, "").format(
            confidence=f"{1 - plan.ERROR:g}", effect=f"{plan.EFFECT:.0%}", error=f"{plan.ERROR:g}"
        ),
        drawings=[Markup(picture.svg([line for line in lines if line.problem == p])) for p in problems],
        colours=list(picture.COLOURS.items()),
        sizes=", ".join(f"{n:,}".replace(",", " ") for n in sorted({line.n for line in lines})),
        groups=[(picture.TITLES.get(p, p), rows) for p, rows in groups],
        reasons=[line for line in lines if line.verdict not in ("consistent", "proved", "certified")],
        theory=_theory(problems),
        facts=_facts(lines, seconds, command, seed),
    )


def headline(lines: Sequence[Line]) -> str:
    """How many cells have which verdict, in one sentence.

    >>> headline([])
    'nothing was compared'
    """
    if not lines:
        return "nothing was compared"
    counts = Counter(line.verdict for line in lines)
    return f"{len(lines)} comparisons: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())


def _theory(problems: Sequence[str]) -> list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]]:
    """For each problem the bounds that the table rests on, and the other ones."""
    found = []
    for name in problems:
        process = plan.processes()[name]
        bounds = process.bounds()
        used = [
            b for b in bounds if b.quantity == "E[T]" and b.direction in ("upper", "lower", "exact") and b.covers("uniform", 10)
        ]
        main = [_entry(bound) for bound in used if bound.status == "derived"]
        rest = [_entry(bound) for bound in bounds if bound not in used or bound.status != "derived"]
        found.append((name, main, rest))
    return found


def _entry(bound: Bound) -> dict[str, Any]:
    from markupsafe import Markup

    from driftproof.formula import mathml

    derivation = [] if bound.derivation is None else str(bound.derivation).splitlines()
    return {
        "math": Markup(mathml(bound.latex())), "status": bound.status, "about": _about(bound), "derivation": derivation,
    }  # fmt: skip


def _about(bound: Bound) -> str:
    from theory.text import conditions_text

    parts = [conditions_text(bound.conditions), bound.start_text, str(bound.source)]
    if bound.minimise_over is not None:
        symbol, lower, _ = bound.minimise_over
        parts.insert(1, f"for every {symbol} > {lower} (the table takes the best)")
    return "; ".join(part for part in parts if part)


def _facts(lines: Sequence[Line], seconds: float, command: str, seed: int) -> list[tuple[str, str]]:
    import numba
    import numpy

    runs = {line.n: line.runs for line in lines}
    engines = {f"{line.problem}: {line.engine}" for line in lines}
    return [
        ("again", command),
        ("seed", f"{seed}; on the same processor type and versions the runs are bit for bit the same"),
        ("runs a cell", ", ".join(f"{count:,} at n = {n:,}".replace(",", " ") for n, count in runs.items())),
        ("engines", ", ".join(sorted(engines))),
        ("error rate", f"{plan.ERROR:g} for the whole page, {plan.ERROR / len(lines):.2g} for each interval"),
        ("time of this run", f"{seconds:.0f} s on {platform.machine()}"),
        ("versions", f"Python {platform.python_version()}, numpy {numpy.__version__}, numba {numba.__version__}"),
    ]
