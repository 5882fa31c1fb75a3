"""The report: what papers claim, prediction and measurement in one picture each, and the verdicts, as one page."""

from __future__ import annotations

import math
import platform
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from driftproof.formula import mathml, typeset
from driftproof.html import render
from driftproof.output import number_text

if TYPE_CHECKING:
    from proofs_check import Report
    from proofs_check.claim import Cell, Outcome, Result
    from proofs_check.papers import Paper

MEANING = {
    "proved": "Shown symbolically or in exact arithmetic, for the cases that are named.",
    "certified": "Shown in ball arithmetic, whose errors are bounded, for the cases that are named.",
    "consistent": "Nothing measured contradicts it; a violation of the stated size would have been seen with probability 0.9.",
    "inconclusive": "Nothing contradicts it, but there were too few runs to have seen a violation of the stated size.",
    "failed": "The experiment broke off with an error.",
    "refuted": "The measurements contradict it, at the stated error rate.",
}
COLUMNS = ("claim", "verdict", "predicted", "measured", "interval", "predicted / measured", "predicted / exact", "seconds")
_MOST_CELLS = 400  # rows that are listed for one claim
Watch = Callable[[int, int, str], None]


def page(report: Report, command: str, watch: Watch = lambda done, total, now: None) -> str:
    """The report as the text of an HTML file that needs no other.

    Parameters
    ----------
    report : Report
    command : str
        What makes it again.
    watch : function, optional
        Called with claims drawn, claims, and the one at hand: drawing takes a while.
    """
    from proofs_check.notation import COMMON
    from proofs_check.papers import WITH_CLAIMS

    cards = []
    for number, result in enumerate(report):
        watch(number, len(report), result.claim.id)
        cards.append(_card(result))
    slugs = list(dict.fromkeys(card["paper"] for card in cards))
    counts = Counter(card["verdict"] for card in cards)
    return render(
        "report.html",
        verdict=report.verdict,
        headline=headline(report),
        counts=[(verdict, counts[verdict], MEANING[verdict]) for verdict in MEANING if counts[verdict]],
        papers=[_paper(slug, WITH_CLAIMS[slug], [card for card in cards if card["paper"] == slug]) for slug in slugs],
        columns=COLUMNS,
        letters=COMMON,
        colours=_colours(),
        facts=_facts(report, command),
        preset=report.preset,
    )


def _paper(slug: str, paper: Paper, cards: list[dict[str, Any]]) -> dict[str, Any]:
    from markupsafe import Markup

    return {"slug": slug, "title": paper.title, "citation": paper.citation, "about": Markup(typeset(paper.about)), "cards": cards}


def headline(report: Report) -> str:
    """How many claims have which verdict."""
    counts = Counter(result.verdict for result in report)
    claims = "1 claim" if len(report) == 1 else f"{len(report)} claims"
    return f"{claims}: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in MEANING if counts[verdict])


def _card(result: Result) -> dict[str, Any]:
    """What the template needs of a claim."""
    from markupsafe import Markup

    from proofs_check import notation

    claim, outcome = result.claim, result.outcome
    letters = notation.letters(claim.statement, claim.formula, paper=claim.paper, said=claim.where)
    special = [letter for letter in letters if f"{letter.name} =" not in claim.formula]
    return {
        "id": claim.id, "paper": claim.paper, "verdict": result.verdict, "source": claim.source, "command": result.command,
        "statement": Markup(typeset(claim.statement)),
        "formula": Markup(mathml(claim.formula)) if claim.formula else "",
        "where": [Markup(typeset(claim.where))] * bool(claim.where)
        + [Markup(typeset(f"{letter.name}: {letter.meaning}")) for letter in special],
        "picture": Markup(_picture(result)), "caption": _caption(outcome),
        "reason": Markup(typeset(outcome.reason)), "mutant": Markup(typeset(claim.mutant)),
        "row": [number_text(outcome.prediction), number_text(outcome.measured), interval_text(outcome.interval),
                _ratio(result.ratio), _ratio(result.exact_ratio), f"{result.seconds:.1f}"],
        "facts": _numbers(result), "cells": [_cell(cell) for cell in outcome.cells[:_MOST_CELLS]],
        "left_out": max(0, len(outcome.cells) - _MOST_CELLS),
    }  # fmt: skip


def _numbers(result: Result) -> list[tuple[str, str]]:
    """The numbers of a claim by their names; what there isn't is left out."""
    from proofs_check.registry import error_rate

    outcome, error = result.outcome, error_rate(result.claim.id)
    power = "" if math.isnan(outcome.power) else f"{outcome.power:.3g} to see a violation of {result.claim.effect:g}"
    several = " for all cases together" if len(outcome.cells) > 1 else ""
    named = [
        ("predicted", number_text(outcome.prediction)), ("measured", number_text(outcome.measured)),
        ("interval", interval_text(outcome.interval)), ("exact", number_text(outcome.exact)),
        ("predicted / measured", _ratio(result.ratio)), ("predicted / exact", _ratio(result.exact_ratio)),
        ("error rate", f"{error:g}{several}" if error else "none: decided without statistics"), ("power", power),
        ("seed", str(result.seed) if error else ""), ("time", f"{result.seconds:.1f} s"),
    ]  # fmt: skip
    return [(name, text) for name, text in named if text not in ("", "-")]


def interval_text(interval: tuple[float, float] | None) -> str:
    """An interval for people.

    >>> interval_text((1.5, float("inf"))), interval_text(None)
    ('1.5 to ∞', '-')
    """
    return "-" if interval is None else " to ".join("∞" if x == math.inf else number_text(x) for x in interval)


def _ratio(value: float | None) -> str:
    return "-" if value is None or not math.isfinite(value) else f"{value:.4g}"


def _cell(cell: Cell) -> dict[str, Any]:
    from markupsafe import Markup

    ratio = cell.prediction / cell.measured if cell.prediction and cell.measured else None
    texts = [number_text(cell.prediction), number_text(cell.measured), interval_text(cell.interval), number_text(cell.exact)]
    return {"where": Markup(typeset(cell.where)), "verdict": cell.verdict, "texts": [*texts, _ratio(ratio)]}


# ---- pictures


def _colours() -> dict[str, str]:
    """CSS variables by their colour in a drawing: light, and what the dark page has instead is in the style."""
    from proofs_check.plots import COLOURS

    return {f"--{name}": colour for name, colour in COLOURS.items() if name != "exact"}


def _picture(result: Result) -> str:
    from proofs_check import plots

    outcome = result.outcome
    if not plots.drawable(outcome):
        return ""
    import matplotlib
    from matplotlib.figure import Figure

    from driftproof.svg import STYLE, inline

    with matplotlib.rc_context(STYLE):
        rows = plots.rows(outcome)
        height = 0.95 + min(0.27 * rows, 6.5) if rows else 3.4
        figure = Figure(figsize=(4.7, height), layout="constrained")
        axis = figure.subplots()
        plots.draw(outcome, axis)
        handles, labels = axis.get_legend_handles_labels()
        if labels and (len(labels) > 1 or not rows):
            columns = 2 if max(map(len, labels)) <= 24 and len(labels) > 2 else 1
            figure.set_figheight(height + 0.22 * math.ceil(len(labels) / columns))
            figure.legend(
                handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize=11, labelcolor=plots.INK,
                handlelength=1.8,
            )  # fmt: skip
        variables = {colour: f"var({name})" for name, colour in _colours().items()}
        title = f"{result.claim.id}: prediction and measurement"
        return inline(figure, title, result.claim.id, {plots.INK: "currentColor", **variables})


def _caption(outcome: Outcome) -> str:
    if outcome.figure is not None:
        return ""
    parts, zero = [], outcome.prediction == 0
    if any(cell.measured is not None for cell in outcome.cells) or outcome.measured is not None:
        parts.append(f"circles: measured{'' if zero else ' over predicted'}, with intervals where there are some")
    if any(cell.exact is not None for cell in outcome.cells):
        parts.append(f"diamonds: exact value{'' if zero else ' over predicted'}")
    return "; ".join([*parts, f"the line at {0 if zero else 1} is the prediction"])


def _facts(report: Report, command: str) -> list[tuple[str, str]]:
    from importlib.metadata import version

    from proofs_check.registry import ERROR_RATES, LARGEST_SUM, LARGEST_TRAINING_SUM, TRAINING_ERROR_RATES

    errors, trained = (sum(rates.get(result.claim.id, 0.0) for result in report) for rates in (ERROR_RATES, TRAINING_ERROR_RATES))
    training = f"; {trained:.2g} for those on trained networks, at most {LARGEST_TRAINING_SUM:g}" if trained else ""
    return [
        ("again", command),
        ("error rates", f"{errors:.2g} for the claims on this page, at most {LARGEST_SUM:g} for all that there are: with that "
         f"probability some true claim is refuted{training}"),
        ("mutants", "predictions that are wrong in the stated way; the tests make sure that the same experiment refutes them"),
        ("seeds", "fixed by the claim's name; with the same versions, on the same type of processor, the numbers are the same"),
        ("time of the claims", f"{sum(x.seconds for x in report):.0f} s on {platform.machine()}, preset {report.preset}"),
        ("versions", f"Python {platform.python_version()}, numpy {version('numpy')}, numba {version('numba')}"),
    ]  # fmt: skip
