"""Drawings of matplotlib as SVG inside a page: its own font, its own text colour, and colours that follow light and dark."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {"svg.fonttype": "none", "font.size": 12}  # text stays text


def inline(figure: Figure, title: str, name: str, colours: Mapping[str, str]) -> str:
    """A figure as an <svg> element.

    Parameters
    ----------
    figure : matplotlib Figure
        Made under ``matplotlib.rc_context(STYLE)``.
    title : str
        What it shows, for those who can't see it.
    name : str
        Unique in the page: names within the drawing begin with it.
    colours : mapping
        From colours of the drawing (#rrggbb) to what stands in their place: currentColor, var(--x).
    """
    import matplotlib
    from markupsafe import escape

    file = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    drawing = re.sub(r"\s*<metadata>.*?</metadata>|<!--.*?-->", "", file.getvalue(), flags=re.DOTALL)
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r'\s(xmlns(:\w+)?|width|height|version)="[^"]*"', "", drawing, count=5)
    drawing = drawing.replace("xlink:href", "href")
    drawing = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", drawing)
    for colour, instead in colours.items():
        drawing = drawing.replace(colour, instead)
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', drawing))
    drawing = re.sub(r' id="([^"]*)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", drawing)
    drawing = re.sub(r'(href="|url\()#', rf"\1#{name}-", drawing)
    drawing = re.sub(r"\n\s*", "\n", drawing)
    return drawing.replace("<svg", f'<svg role="img" aria-label="{escape(title)}"', 1)
