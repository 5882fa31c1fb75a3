"""A claim's picture: prediction and measurement in one, on matplotlib axes.

Drawn is the claim's own :class:`~proofs_check.figure.Figure` where it brings one, else its cells: for each of them what was
measured over what was predicted, with its interval, and the exact value over the prediction where that is known, against the line
at 1. Where zeros are predicted, it is the values themselves against the line at 0.
"""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Cell, Outcome
from proofs_check.notation import signs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from proofs_check.figure import Figure, Series

INK = "#000001"  # the page's own text colour
COLOURS = {
    "prediction": "#7b4fc9", "upper": "#c0392b", "lower": "#2f6fc4", "exact": INK, "measured": "#d97a00", "other": "#808081",
    "refuted": "#c0392a",
}  # fmt: skip
SERIES = ("#0a84c1", "#d9730d", "#2a9d62", "#a855c8", "#b08900", "#d04f6e")  # where several measurements have their predictions
_STYLES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_WIDEST = 8.0  # a ratio above which the axis is logarithmic


def drawable(outcome: Outcome) -> bool:
    """Whether there is something to draw."""
    return outcome.figure is not None or bool(_ratios(outcome))


def rows(outcome: Outcome) -> int:
    """How many rows the picture of the cells has; 0 for a figure."""
    return 0 if outcome.figure is not None else len(_cells(outcome))


def draw(outcome: Outcome, axis: Axes) -> None:
    """Draw a claim's outcome.

    Parameters
    ----------
    outcome : Outcome
        One with a figure, or with cells that have numbers (:func:`drawable`).
    axis : matplotlib Axes
    """
    if outcome.figure is not None:
        _figure(outcome.figure, axis)
    else:
        _forest(outcome, axis)
    axis.tick_params(colors=INK, which="both")
    axis.xaxis.label.set_color(INK)
    axis.yaxis.label.set_color(INK)
    axis.title.set_color(INK)
    for side, spine in axis.spines.items():
        spine.set_color(INK)
        spine.set_visible(side in ("bottom", "left"))
    axis.grid(alpha=0.25, color="#888888", lw=0.6, which="major")


# ---- a figure


def _figure(figure: Figure, axis: Axes) -> None:
    axis.set_xscale("log" if figure.log_x else "linear")
    axis.set_yscale("log" if figure.log_y else "linear")
    axis.set_xlabel(_signs(figure.x))
    axis.set_ylabel(textwrap.fill(_signs(figure.y), 30))
    axis.set_title(_signs(figure.title), fontsize="medium", wrap=True)
    places = {x for series in figure.series for x in series.x}
    alone = len(places) == 1
    for series, colour, style, marker in _looks(figure):
        if series.kind == "measured":
            _points(axis, series, colour, marker)
        else:
            x, y = (series.x, series.y) if not alone else ((series.x[0] - 0.5, series.x[0] + 0.5), series.y[:1] * 2)
            marker = "_" if len(set(x)) == 1 else ""  # one point makes no line
            axis.plot(
                x, y, linestyle=style, color=colour, lw=1.5, label=_signs(series.label), zorder=3, marker=marker, ms=14, mew=1.6
            )
            if series.low is not None and series.high is not None:
                axis.fill_between(series.x, series.low, series.high, color=colour, alpha=0.18, lw=0)
    if alone:  # one x makes no axis: lines run through it, and its number is the only tick
        _one_place(axis, places.pop())
        return
    for side, logarithmic in ((axis.xaxis, figure.log_x), (axis.yaxis, figure.log_y)):
        if logarithmic:
            _ticks(side)


def _signs(text: str) -> str:
    return signs(text).replace("^2", "²").replace("^3", "³").replace("^n", "ⁿ")


def _one_place(axis: Axes, x: float) -> None:
    axis.set_xscale("linear")
    axis.set_xlim(x - 1, x + 1)
    axis.set_xticks([x], [f"{x:g}"])


def _ticks(side: Any) -> None:
    """Powers of ten where there are many; plain numbers, also between them, where there are few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = side.get_view_interval()
    if 0 < low < high < 50 * low and high < 1e6 and low > 1e-4:
        side.set_major_locator(LogLocator(subs=(1, 2, 5) if high > 4 * low else (1, 1.5, 2, 3, 4, 5, 6, 8)))
        side.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        side.set_minor_formatter(NullFormatter())


def _looks(figure: Figure) -> list[tuple[Series, str, str, str]]:
    """Each series with colour, line style and marker. What is about one thing shares a colour; several of a kind differ in it."""
    subjects = _subjects(figure)
    kinds = Counter(series.kind for series in figure.series)
    colours = cycle(SERIES)
    shared = {subject: next(colours) for subject, count in Counter(subjects).items() if count > 1}
    styles = {kind: cycle(_MARKERS if kind == "measured" else _STYLES) for kind in COLOURS}
    looks = []
    for series, subject in zip(figure.series, subjects):
        colour = shared.get(subject)
        if colour is None:
            colour = COLOURS[series.kind] if kinds[series.kind] == 1 or series.kind == "exact" else next(colours)
        look = next(styles[series.kind])
        looks.append((series, colour, look, look))
    return looks


def _subjects(figure: Figure) -> list[str]:
    """What each series is about: the part of its label that series of most kinds have, "c = 1" of "runs, c = 1"."""
    kinds: dict[str, set[str]] = {}
    for series in figure.series:
        for part in series.label.split(", "):
            kinds.setdefault(part, set()).add(series.kind)
    best = [max(series.label.split(", "), key=lambda part: len(kinds[part])) for series in figure.series]
    return [part if len(kinds[part]) > 1 else series.label for part, series in zip(best, figure.series)]


def _points(axis: Axes, series: Series, colour: str, marker: str) -> None:
    limits = zip(series.x, series.y, series.low or series.y, series.high or series.y)
    points = [(x, y, low, high) for x, y, low, high in limits if math.isfinite(y)]
    many = len(points) > 30  # a curve: circles would hide it
    x, y = [point[0] for point in points], [point[1] for point in points]
    if many and series.low is not None:
        finite = [(at, low, high) for at, _, low, high in points if math.isfinite(low) and math.isfinite(high)]
        axis.fill_between(*zip(*finite), color=colour, alpha=0.3, lw=0)  # type: ignore[arg-type]
        axis.plot(x, y, color=colour, lw=1.4, label=_signs(series.label), zorder=4)
        return
    below = [y - low if math.isfinite(low) else 0.0 for _, y, low, _ in points]
    above = [high - y if math.isfinite(high) else 0.0 for _, y, _, high in points]
    axis.errorbar(
        x, y, yerr=[[max(0.0, e) for e in below], [max(0.0, e) for e in above]], fmt=marker, ms=3 if many else 5, color=colour,
        elinewidth=1.4, capsize=3, label=_signs(series.label), zorder=5,
    )  # fmt: skip


# ---- cells


def _cells(outcome: Outcome) -> tuple[Cell, ...]:
    alone = Cell("", outcome.verdict, outcome.prediction, outcome.measured, outcome.interval, outcome.exact)
    return outcome.cells or (alone,)


def _zero(outcome: Outcome) -> bool:
    """Whether nothing but zeros is predicted: then the measurements are drawn as they are, beside a line at 0."""
    return all(cell.prediction == 0 for cell in _cells(outcome))


def _over(value: float | None, prediction: float | None, zero: bool) -> float | None:
    if value is None or prediction is None or not math.isfinite(value) or not math.isfinite(prediction):
        return None
    return value if zero else value / prediction if prediction else None


def _ratios(outcome: Outcome) -> list[float]:
    """All that is drawn over its prediction, interval ends left out."""
    zero = _zero(outcome)
    pairs = [(value, cell.prediction) for cell in _cells(outcome) for value in (cell.measured, cell.exact)]
    return [ratio for ratio in (_over(value, prediction, zero) for value, prediction in pairs) if ratio is not None]


def _forest(outcome: Outcome, axis: Axes) -> None:
    """One row a cell, the first one on top."""
    cells, zero = _cells(outcome), _zero(outcome)
    axis.axvline(0.0 if zero else 1.0, color=INK, lw=1.2, zorder=2)
    for row, cell in enumerate(cells, start=1):
        ratio, exact = _over(cell.measured, cell.prediction, zero), _over(cell.exact, cell.prediction, zero)
        if ratio is not None:
            bad = cell.verdict == "refuted"
            colour = COLOURS["refuted" if bad else "other" if cell.verdict == "inconclusive" else "measured"]
            if cell.interval is not None:
                low, high = sorted(end / (cell.prediction or 1.0) for end in cell.interval)
                axis.plot([max(low, -1e9), min(high, 1e9)], [row, row], color=colour, lw=1.8, solid_capstyle="butt", zorder=3)
            axis.plot([ratio], [row], "X" if bad else "o", color=colour, ms=6, zorder=4)
        if exact is not None:
            axis.plot([exact], [row], "D", mfc="none", mec=INK, ms=5.5, zorder=5)
    axis.set_ylim(len(cells) + 0.6, 0.4)
    step = max(1, math.ceil(len(cells) / 30))
    axis.set_yticks(range(1, len(cells) + 1, step))
    axis.tick_params(axis="y", length=0)
    if len(cells) > 1:
        axis.set_ylabel("case")
    else:
        axis.set_yticks([])
    _range(outcome, axis)
    what = ["measured"] * any(cell.measured is not None for cell in cells) + ["exact"] * any(x.exact is not None for x in cells)
    axis.set_xlabel(" or ".join(what) + ("" if zero else " / predicted"))


def _range(outcome: Outcome, axis: Axes) -> None:
    """The axis holds all points, the line, and the ends of intervals that aren't far off; others run out of the picture."""
    zero = _zero(outcome)
    shown = [*_ratios(outcome), 0.0 if zero else 1.0]
    ends = [_over(end, cell.prediction, zero) for cell in _cells(outcome) for end in cell.interval or ()]
    least, most = min(shown), max(shown)
    if least > 0 and most / least > _WIDEST:
        axis.set_xscale("log")
        reach = (most / least) ** 0.15
        shown += [end for end in ends if end is not None and least / _WIDEST < end < most * _WIDEST]
        axis.set_xlim(min(shown) / reach, max(shown) * reach)
        _ticks(axis.xaxis)
    else:
        span = max(most - least, 0.02)
        shown += [end for end in ends if end is not None and least - 3 * span < end < most + 3 * span]
        room = 0.08 * (max(shown) - min(shown) or 0.1)
        axis.set_xlim(min(shown) - room, max(shown) + room)
