"""Prediction and measurement in one picture: bounds as lines and a band, the exact value as a curve, measurements as points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theory.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from proofs_check.comparison import Cell, Comparison

_COLOURS = {"upper": "#b3382c", "lower": "#2c5fb3", "asymptotic": "#8a8a8a"}
_MEASURED = "#e08a00"
_DASHES: tuple[Any, ...] = ("-", "--", "-.", (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))


def draw(comparison: Comparison, path: str | Path | None = None, ax: Axes | Iterable[Axes] | None = None) -> Figure:
    """Draw a comparison over n on logarithmic axes, one panel a value of c.

    Parameters
    ----------
    comparison : Comparison
    path : str, optional
        File to write (png, svg, pdf by its ending).
    ax : matplotlib Axes, or one for each c, optional
        Where to draw; default: a new figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    panels: dict[float | None, list[Cell]] = {}
    for cell in comparison.cells:
        panels.setdefault(cell.constant, []).append(cell)
    figure, axes = _axes(len(panels), path, ax)
    for axis, (constant, cells) in zip(axes, panels.items()):
        _panel(axis, sorted(cells, key=lambda cell: cell.values.get("n", 0)))
        axis.set_title("" if constant is None else f"c = {constant:g}")
    axes[0].set_ylabel("expected runtime in evaluations")
    if ax is None:
        figure.suptitle(f"{comparison.process}, start {comparison.start}: {comparison.verdict}")
        _legend(figure, axes)
    else:
        for axis in axes:
            axis.legend(fontsize=7)
    if path is not None:
        _save(figure, Path(path))
    return figure


def _axes(panels: int, path: Any, ax: Any) -> tuple[Figure, list[Axes]]:
    if ax is not None:
        axes = [ax] if hasattr(ax, "plot") else list(ax)
        if len(axes) != panels:
            raise InputError(f"ax: {len(axes)} axes given, but there are {panels} values of c; give one for each")
        return axes[0].figure, axes
    size = (4.2 * panels + 2.4, 5.2)
    if path is not None:  # a file needs no window
        from matplotlib.figure import Figure

        figure = Figure(figsize=size, layout="constrained")
    else:
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=size, layout="constrained")
    return figure, list(figure.subplots(1, panels, sharey=True, squeeze=False)[0])


def _panel(axis: Axes, cells: list[Cell]) -> None:
    sizes = [cell.values.get("n", 1) for cell in cells]
    _bounds(axis, sizes, cells)
    edges = [(size, cell.best("lower"), cell.best("upper")) for size, cell in zip(sizes, cells)]
    both = [(size, low, high) for size, low, high in edges if low is not None and high is not None and math.isfinite(high)]
    if len(both) > 1:
        at, low_edge, high_edge = zip(*both)
        axis.fill_between(at, low_edge, high_edge, color="#9a9a9a", alpha=0.15, lw=0, label="between the best bounds")
    exact = [(size, cell.exact) for size, cell in zip(sizes, cells) if cell.exact is not None]
    if exact:
        axis.plot(*zip(*exact), "-", color="black", lw=1.3, marker="x", ms=5, label="exact")
    for censored in (False, True):
        shown = [(size, cell.measured) for size, cell in zip(sizes, cells) if bool(cell.measured.censored) == censored]
        if shown:
            means = [m.mean for _, m in shown]
            below = [max(m.mean - m.low, 0) for _, m in shown]
            above = [max(m.high - m.mean, 0) if math.isfinite(m.high) else 0 for _, m in shown]
            axis.errorbar(
                [size for size, _ in shown], means, yerr=[below, above], fmt="^" if censored else "o", ms=5, color=_MEASURED,
                capsize=4, zorder=3, label="measured, at least (censored)" if censored else "measured",
            )  # fmt: skip
    axis.set_xlabel("n")
    axis.set_xscale("log")
    axis.set_yscale("log")
    _ticks(axis, sizes)
    axis.grid(alpha=0.3, which="major")


def _ticks(axis: Axes, sizes: list[int]) -> None:
    """The sizes themselves, as far as their labels have room, in place of powers of ten."""
    from matplotlib.ticker import NullLocator

    room, shown = math.log(max(sizes) / min(sizes)) / 8, list[int]()
    for size in sizes:
        if not shown or math.log(size / shown[-1]) > room:
            shown.append(size)
    if not room:  # one size has no range of its own
        axis.set_xlim(sizes[0] / 2, sizes[0] * 2)
    axis.set_xticks(shown, [f"{size:,}".replace(",", "\N{NO-BREAK SPACE}") for size in shown])
    axis.xaxis.set_minor_locator(NullLocator())


def _bounds(axis: Axes, sizes: list[int], cells: list[Cell]) -> None:
    """One line a statement; those of one source look alike, and of statements with the same values one is drawn."""
    lines: dict[str, tuple[str, str, bool, dict[int, float]]] = {}
    for size, cell in zip(sizes, cells):
        for s in cell.statements:
            if s.value is not None and math.isfinite(s.value) and s.direction in _COLOURS:
                dotted = s.direction == "asymptotic" or s.status == "recalled"
                label = f"{s.direction}: {s.source.split('(')[0].strip() or s.text}" + (
                    " (recalled)" if s.status == "recalled" else ""
                )
                lines.setdefault(s.text, (label, s.direction, dotted, {}))[3][size] = s.value
    styles: dict[str, Any] = {}
    drawn = []
    for label, direction, dotted, points in lines.values():
        if (direction, points) in drawn:
            continue
        drawn.append((direction, points))
        before = len([known for known in styles if known.startswith(direction)])
        dashes, colour = styles.setdefault(
            label, (":" if dotted else _DASHES[before % len(_DASHES)], _paler(_COLOURS[direction], before))
        )
        marker = "" if len(points) > 1 else "_"
        axis.plot(list(points), list(points.values()), linestyle=dashes, color=colour, lw=1.2, marker=marker, label=label)


def _paler(colour: str, times: int) -> tuple[float, ...]:
    """A colour on its way to white, a tenth for each line of its kind that came before, at most half."""
    from matplotlib.colors import to_rgb

    share = min(0.1 * times, 0.5)
    return tuple(part + share * (1 - part) for part in to_rgb(colour))


def _legend(figure: Figure, axes: list[Axes]) -> None:
    """One legend below all panels, each label once."""
    handles: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels()):
            handles.setdefault(label, handle)
    columns = min(4, 1 + len(axes))  # what the figure's width holds
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=columns, fontsize=8, frameon=False)


def _save(figure: Figure, path: Path) -> None:
    temporary = path.with_name(f".{path.stem}.partial{path.suffix}")  # renamed when complete: nothing half-written
    try:
        figure.savefig(temporary)
        temporary.replace(path)
    except (OSError, ValueError) as error:
        temporary.unlink(missing_ok=True)
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        right = "give a file ending in .png, .svg or .pdf in a folder that exists"
        raise InputError(f"path: can't write {path}: {why}; {right}") from None
