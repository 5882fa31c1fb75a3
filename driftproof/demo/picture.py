"""Prediction and measurement in one picture: one panel a problem, one colour a c, over n.

Runtimes are divided by their order of growth (n ln n, on LeadingOnes n^2); otherwise five orders of magnitude hide what the
picture is about. Lines are theory (solid: exact value, dashed: upper bound, dotted: lower bound), circles are measurements;
their intervals are drawn, and mostly smaller than the circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from driftproof.demo.summary import Line

COLOURS = {"0.5": "#0a84c1", "1": "#d9730d", "2": "#2a9d62"}  # told apart by colour-blind readers, on white and on black
INK = "#000001"  # stands for the page's own text colour
LABELS = {"OneMax": "E[T] / (n ln n)", "LeadingOnes": "E[T] / n²", "BinVal": "E[T] / (n ln n)", "Linear": "E[T] / (n ln n)"}
TITLES = {"Linear": "Linear, 10 000 log-normal weights"}


def save_png(lines: Sequence[Line], path: Path) -> None:
    """All panels as one PNG file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7.6), layout="constrained")
    problems = list(dict.fromkeys(line.problem for line in lines))
    for axis, problem in zip(figure.subplots(2, 2).flat, problems):
        _panel(axis, [line for line in lines if line.problem == problem])
    handles, labels = _legend()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize=9)
    figure.suptitle("(1+1) EA with mutation rate c/n: theory (lines) against experiment (circles)", fontsize=12)
    figure.savefig(path, dpi=150, format="png", metadata={"Software": None})


def svg(lines: Sequence[Line]) -> str:
    """The panel of one problem as SVG to be put into a page; it takes the page's text colour and font."""
    import matplotlib
    from matplotlib.figure import Figure

    from driftproof.svg import STYLE, inline

    problem = lines[0].problem
    with matplotlib.rc_context({**STYLE, "font.size": 11}):
        figure = Figure(figsize=(5.2, 3.9), layout="constrained")
        _panel(figure.subplots(), lines)
        return inline(figure, f"{problem}: prediction and measurement over n", problem, {INK: "currentColor"})


def _panel(axis: Axes, lines: Sequence[Line]) -> None:
    for constant in dict.fromkeys(line.c for line in lines):
        colour = COLOURS[f"{constant:g}"]
        chosen = sorted((line for line in lines if line.c == constant), key=lambda line: line.n)
        _curve(axis, [(x.n, x.upper / x.scale) for x in chosen if x.upper is not None], "--", colour, 1.2)
        _curve(axis, [(x.n, x.lower / x.scale) for x in chosen if x.lower is not None and x.exact is None], ":", colour, 1.6)
        _curve(axis, [(x.n, x.exact / x.scale) for x in chosen if x.exact is not None], "-", colour, 1.4)
        means = [x.measured / x.scale for x in chosen]
        error = [[(x.measured - x.low) / x.scale for x in chosen], [(x.high - x.measured) / x.scale for x in chosen]]
        axis.errorbar(
            [x.n for x in chosen], means, yerr=error, fmt="o", ms=4.5, color=colour, elinewidth=1.4, capsize=3, zorder=4
        )
    _style(axis, lines)


def _curve(axis: Axes, points: list[tuple[int, float]], style: str, colour: str, width: float) -> None:
    if points:
        marker = "_" if style != "-" or len(points) == 1 else None  # one point makes no line
        axis.plot(*zip(*points), style, color=colour, lw=width, marker=marker, ms=13 if style == "-" else 7, mew=width)


def _style(axis: Axes, lines: Sequence[Line]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    problem = lines[0].problem
    axis.set_xscale("log")
    sizes = sorted({line.n for line in lines})
    axis.set_xticks(sizes, [f"{size:,}".replace(",", " ") for size in sizes])
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(axis="x", which="minor", length=0)
    low, high = axis.get_ylim()
    if high > 4 * max(low, 1e-9):
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axis.grid(alpha=0.25, color="#888888", lw=0.6, which="major")
    axis.set_title(TITLES.get(problem, problem), color=INK, fontsize="medium", fontweight="bold")
    axis.set_xlabel("n", color=INK)
    axis.set_ylabel(LABELS[problem], color=INK)
    axis.tick_params(colors=INK, which="both")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        axis.spines[side].set_color(INK)


def _legend() -> tuple[list, list[str]]:
    from matplotlib.lines import Line2D

    grey = "#555555"
    entries = [(Line2D([], [], color=colour, lw=3), f"c = {c}") for c, colour in COLOURS.items()]
    entries += [
        (Line2D([], [], color=grey, ls="-"), "exact"),
        (Line2D([], [], color=grey, ls="--"), "upper bound"),
        (Line2D([], [], color=grey, ls=":", lw=1.6), "lower bound, where no exact value is shown"),
        (Line2D([], [], color=grey, marker="o", ls=""), "measured"),
    ]
    return [handle for handle, _ in entries], [label for _, label in entries]
