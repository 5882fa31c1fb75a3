"""From the rows of statements to the table of the demo: one row a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Line:
    """One row of the demo's table.

    ``lower`` and ``upper`` are the tightest bounds, ``witt`` the upper one for all linear functions, b(1) minimised over its
    parameter.
    """

    problem: str
    n: int
    c: float
    runs: int
    engine: str
    lower: float | None
    exact: float | None
    measured: float
    low: float
    high: float
    upper: float | None
    upper_source: str
    witt: float | None
    verdict: str
    reason: str

    @property
    def scale(self) -> float:
        """The order of growth: n^2 on LeadingOnes, n ln n elsewhere."""
        return self.n**2 if self.problem == "LeadingOnes" else self.n * math.log(self.n)


def line(problem: str, rows: pd.DataFrame) -> Line:
    """Summarise the rows of one cell."""
    from proofs_check.verdict import VERDICTS, overall

    judged = rows[rows["verdict"].isin(VERDICTS)]
    first = rows.iloc[0]
    lower, upper, witt = (
        _best(judged, "lower"),
        _best(judged, "upper"),
        _best(judged[judged["source"].str.contains("Witt")], "upper"),
    )
    verdict = overall(list(judged["verdict"]))
    reasons = judged.loc[judged["verdict"] == verdict, "reason"]
    return Line(
        problem=problem, n=int(first["n"]), c=float(first["c"]), runs=int(first["replicates"]), engine=str(first["engine"]),
        lower=None if lower is None else float(lower["value"]), exact=_number(first["exact"]),
        measured=float(first["measured"]), low=float(first["low"]), high=float(first["high"]),
        upper=None if upper is None else float(upper["value"]), upper_source="" if upper is None else str(upper["source"]),
        witt=None if witt is None else float(witt["value"]), verdict=verdict,
        reason="" if reasons.empty else str(reasons.iloc[0]),
    )  # fmt: skip


def _best(rows: pd.DataFrame, direction: str) -> pd.Series | None:
    """The tightest bound of a direction."""
    found = rows[(rows["direction"] == direction) & rows["value"].notna()]
    if found.empty:
        return None
    return found.loc[found["value"].idxmin() if direction == "upper" else found["value"].idxmax()]


def _number(value: object) -> float | None:
    number = float("nan") if value is None else float(value)  # type: ignore[arg-type]
    return None if math.isnan(number) else number


COLUMNS = (
    "problem", "n", "c", "lower bound", "exact", "measured", "interval", "upper bound", "b(1)", "bound/measured", "verdict",
)  # fmt: skip


def texts(row: Line) -> tuple[str, ...]:
    """The cells of a row as they are printed, in the order of ``COLUMNS``."""
    bound = row.exact if row.upper is None else row.upper  # an exact value is an upper bound, too
    ratio = "-" if bound is None else f"{bound / row.measured:.3f}"
    head = (row.problem, f"{row.n:,}".replace(",", " "), f"{row.c:g}", number(row.lower))
    interval = f"{number(row.low)} to {number(row.high)}"
    return (*head, number(row.exact), number(row.measured), interval, number(row.upper), number(row.witt), ratio, row.verdict)


def number(value: float | None) -> str:
    """Five digits, with spaces between thousands and powers of ten from a million on.

    >>> number(16894.6893), number(85911234.5), number(3.25), number(None)
    ('16 895', '8.5911e7', '3.25', '-')
    """
    if value is None or math.isnan(value):
        return "-"
    if not math.isfinite(value):
        return "inf"
    if abs(value) < 10_000:
        return f"{value:.5g}"
    if abs(value) >= 999_995:
        mantissa, exponent = f"{value:.4e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    digits = len(str(int(abs(value))))
    return f"{round(value, 5 - digits):,.0f}".replace(",", " ")
