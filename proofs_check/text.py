"""Comparisons and reports as tables for a terminal."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from proofs_check.checking import Report
    from proofs_check.comparison import Cell, Comparison

WIDTH = 130
_ORDER = ("not comparable", "not judged", "inconclusive", "refuted")


def number(value: float | None) -> str:
    """Five digits; a dash for what isn't there.

    >>> number(1516.0186), number(None), number(88779181.7)
    ('1516', '-', '8.8779e+07')
    """
    if value is None or math.isnan(value):
        return "-"
    return f"{value:.5g}" if abs(value) < 1e5 or not math.isfinite(value) else f"{value:.4e}"


def render(table: Table, *lines: str) -> str:
    """A rich table and lines below it, as plain text."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, highlight=False, emoji=False)
    console.print(table)
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines())


def comparison_text(comparison: Comparison) -> str:
    """One line a cell; below it what was refuted, left open, or not comparable, each reason once."""
    from rich import box
    from rich.table import Table

    table = Table(title=f"{comparison.process}, start {comparison.start}", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("n", "c", "lower bound", "exact", "measured", "interval", "upper bound", "upper/measured", "verdict"):
        table.add_column(name, justify="left" if name == "verdict" else "right")
    for cell in comparison.cells:
        m, upper = cell.measured, cell.best("upper")
        measured = number(m.mean) if not m.censored else f">= {number(m.mean)} ({m.censored} censored)"
        interval = rf"\[{number(m.low)}, {number(m.high)}]"
        ratio = number(upper / m.mean) if upper is not None and m.mean else "-"
        table.add_row(
            str(cell.values.get("n", "-")), "-" if cell.constant is None else f"{cell.constant:g}", _bound(cell, "lower"),
            number(cell.exact), measured, interval, _bound(cell, "upper"), ratio, cell.verdict,
        )  # fmt: skip
    cells = len(comparison.cells)
    band = f"{1 - comparison.error:.4g}" + (f" for all {cells} cells together" if cells > 1 else "")
    return render(
        table,
        *_notes(comparison),
        f"{comparison.replicates} runs a cell, seed {comparison.seed}; the intervals contain E[T] with confidence {band}",
        f"verdict: {comparison.verdict}",
    )


def _bound(cell: Cell, direction: str) -> str:
    """The tightest judged bound; where there is none, a recalled one, marked as such."""
    recalled = cell.best(direction, recalled=True)
    if cell.best(direction) is None and recalled is not None:
        return f"{number(recalled)} (recalled)"
    return number(cell.best(direction))


def _notes(comparison: Comparison) -> list[str]:
    """Each reason once, with the statements and the cells that it is about; the consistent ones need none."""
    about: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for cell in comparison.cells:
        if not cell.statements:
            about.setdefault(("inconclusive", "theory has nothing to hold these runs against"), ([], []))[1].append(_where(cell))
        for s in cell.statements:
            if s.verdict == "consistent":
                continue
            text = f"{s.text} = {number(s.value)} ({s.source})" if s.judged else s.text
            texts, cells = about.setdefault((s.verdict, s.reason), ([], []))
            texts += [text] if text not in texts else []
            cells += [_where(cell)] if _where(cell) not in cells else []
    everywhere = len(comparison.cells)
    lines = []
    for (verdict, reason), (texts, cells) in sorted(about.items(), key=lambda item: -_ORDER.index(item[0][0])):
        lines.append(f"  {verdict}: {reason}" + ("" if len(cells) == everywhere else f"   [{'; '.join(cells)}]"))
        lines += [f"    {text}" for text in texts]
    return lines


def _where(cell: Cell) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sorted(cell.values.items(), reverse=True))


def report_text(report: Report) -> str:
    """One line a claim; below it why a claim is not settled."""
    from rich import box
    from rich.table import Table

    table = Table(title=f"claims, preset {report.preset}", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("paper", "claim", "prediction", "measured", "interval", "ratio", "verdict", "s"):
        table.add_column(name, justify="left" if name in ("paper", "claim", "verdict") else "right")
    for result in report.results:
        o = result.outcome
        interval = "-" if o.interval is None else rf"\[{number(o.interval[0])}, {number(o.interval[1])}]"
        table.add_row(
            result.claim.paper, result.claim.id, number(o.prediction), number(o.measured), interval, number(result.ratio),
            result.verdict, f"{result.seconds:.1f}",
        )  # fmt: skip
    open_ones = [r for r in report.results if r.verdict in ("inconclusive", "failed", "refuted")]
    lines = [f"  {r.verdict}: {r.claim.id}: {r.claim.statement}: {r.outcome.reason}   again: {r.command}" for r in open_ones]
    return render(table, *lines, f"verdict: {report.verdict}")
