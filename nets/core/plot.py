"""The picture at the end of a run: a panel a metric, its value against updates, one line a split. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from theory.files import whole


def draw(table: Path, names: Sequence[str], path: Path, title: str) -> None:
    """Draw curves from a run's ``metrics.csv`` into an SVG file; the same table gives the same file.

    Parameters
    ----------
    table : Path
    names : sequence of str
        Metrics, by their name alone: those of all splits, and of all stages, are drawn. Names that the table lacks are left out;
        where it has none of them, everything is drawn.
    path : Path
    title : str
    """
    import pandas
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows = pandas.read_csv(table)
    there = list(dict.fromkeys(rows["name"]))
    wanted = [name for plain in names for name in there if plain in (name, name.rpartition("/")[2])]
    wanted = list(dict.fromkeys(wanted or there))
    count = max(1, len(wanted))
    figure = Figure(figsize=(6.4, 1 + 2.4 * count))
    figure.subplots_adjust(left=0.14, right=0.97, bottom=0.5 / (1 + 2.4 * count), top=1 - 0.4 / (1 + 2.4 * count))
    panels: Any = figure.subplots(count, 1, squeeze=False)[:, 0]
    for panel, name in zip(panels, wanted, strict=False):
        for split, curve in rows[rows["name"] == name].groupby("split", sort=False):
            panel.plot(curve["update"], curve["value"], label=split, marker="." if len(curve) < 30 else None, linewidth=1)
        panel.set_ylabel(name)
        panel.legend(fontsize="small")
        panel.grid(alpha=0.3)
    panels[-1].set_xlabel("update")
    figure.suptitle(title, fontsize="medium")
    with rc_context({"svg.hashsalt": "driftproof", "svg.fonttype": "none"}), whole(path) as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
