"""What goes to standard output: one JSON document, a rich table on a terminal, plain text elsewhere."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def print_json(document: Any) -> None:
    """Print one JSON document; what JSON can't hold (NaN, infinity) becomes null."""
    print(json.dumps(plain(document), indent=2, allow_nan=False, ensure_ascii=False))


def plain(value: Any) -> Any:
    """A value made of what JSON knows.

    >>> from fractions import Fraction
    >>> plain({"c": Fraction(1, 2), "ci95": (1.0, float("inf"))})
    {'c': 0.5, 'ci95': [1.0, None]}
    """
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    number = float(value)
    return number if math.isfinite(number) else None


def number_text(value: Any) -> str:
    """A number for people: six digits, a dash for None.

    >>> number_text(16894.6893), number_text(87), number_text(None)
    ('16894.7', '87', '-')
    """
    if value is None or value != value:
        return "-"
    if isinstance(value, int):
        return f"{value}" if abs(value) < 10**9 else f"{value:.5e}"
    return f"{float(value):.6g}"


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "", numeric: Iterable[str] = ()) -> None:
    """Print a table: with rich on a terminal, tab-separated with a header line elsewhere (for cut, grep, awk)."""
    if not sys.stdout.isatty():
        for line in ([title] if title else []) + ["\t".join(row) for row in (columns, *rows)]:
            print(line)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    numeric = set(numeric)
    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, justify="right" if column in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_escape(cell) for cell in row))
    Console().print(table)


def print_groups(groups: Sequence[tuple[str, Sequence[Sequence[str]]]], title: str, ratios: Sequence[int] = (9, 5, 0, 5)) -> None:
    """Print rows of text under a heading each, in columns as wide as the terminal allows: the same for every group.

    Parameters
    ----------
    groups : sequence of (heading, rows)
    title : str
    ratios : sequence of int
        Relative widths of the columns; 0 for one as wide as its longest word.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console()
    every = [row for _, rows in groups for row in rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(ratios))]
    console.print(title, style="italic", highlight=False)
    for heading, rows in groups:
        console.print(f"\n[bold]{_escape(heading)}[/bold]", highlight=False)
        table = Table(box=None, show_header=False, expand=True, padding=(0, 2, 0, 0))
        for ratio, width in zip(ratios, widths, strict=True):
            table.add_column(ratio=ratio or None, min_width=None if ratio else width, overflow="fold")
        for row in rows:
            table.add_row(*map(_escape, row))
        console.print(table)


def print_verdicts(heading: str, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Print (verdict, name, statement, figures) below a heading: two lines a row, or more where the terminal is narrow."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"\n[bold]{_escape(heading)}[/bold]", highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    colours = {"refuted": "bold red", "failed": "bold red", "inconclusive": "yellow"}
    for verdict, name, statement, figures in rows:
        told = f"[bold]{_escape(name)}[/bold]  {_escape(statement)}\n[dim]{_escape(figures)}[/dim]"
        table.add_row(f"[{colours.get(verdict, 'green')}]{verdict}[/]", told)
    console.print(table, highlight=False)


def print_pairs(rows: Sequence[Sequence[str]], title: str) -> None:
    """Print names and their values in two columns below a title.

    >>> print_pairs([("mean", "3"), ("median", "2")], "RLS")
    RLS
      mean    3
      median  2
    """
    width = max(len(name) for name, _ in rows)
    for line in [title, *(f"  {name:<{width}}  {value}" for name, value in rows)]:
        print(line)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
