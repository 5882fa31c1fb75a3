"""The page docs/engines.md: process x engine, with the reason of each refusal, from the code that decides.

``python -m sim.table`` prints it; a test holds the page against it.
"""

from __future__ import annotations

from sim.engines import ENGINES, engine_table

_HEAD = """# Which engine runs what

Generated from the code by `python -m sim.table > docs/engines.md`; don't edit. *auto* is the engine that `engine="auto"` takes,
the fastest that can run the process; a number is the reason why an engine refuses, listed below the table. All engines have the
same law. Start "other" stands for every start but the uniform one.
"""


def markdown() -> str:
    """The page as text.

    >>> markdown().splitlines()[0]
    '# Which engine runs what'
    """
    reasons: list[str] = []
    lines = [_HEAD, "| problem | algorithm | start | auto | " + " | ".join(ENGINES) + " |", "| --- " * (4 + len(ENGINES)) + "|"]
    rows = engine_table()
    for row, other in zip(rows[::2], rows[1::2]):  # the uniform start, any other start
        same = all(row[engine] == other[engine] for engine in ENGINES)
        lines += _lines(row, "any" if same else "uniform", reasons)
        lines += [] if same else _lines(other, "other", reasons)
    lines += ["", "Reasons:", "", *(f"{i}. {reason}" for i, reason in enumerate(reasons, 1)), ""]
    return "\n".join(lines)


def _lines(row: dict[str, str], start: str, reasons: list[str]) -> list[str]:
    """One line of the table; a reason that is new joins the list."""
    algorithm, problem = row["process"].split(" on ")
    if "#" in problem:  # the hash of a user's function says nothing to a reader
        problem = problem.split("#")[0] + (", strictly_monotone=True)" if "strictly_monotone=True" in problem else ")")
    cells = []
    for engine in ENGINES:
        answer = row[engine]
        if answer != "yes" and answer not in reasons:
            reasons.append(answer)
        cells.append("yes" if answer == "yes" else f"({reasons.index(answer) + 1})")
    return [f"| `{problem}` | `{algorithm}` | {start} | {row['auto']} | " + " | ".join(cells) + " |"]


if __name__ == "__main__":
    print(markdown(), end="")
