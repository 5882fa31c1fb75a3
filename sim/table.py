"""The page docs/engines.md: process x engine, with the reason of each refusal, from the code that decides.

``python -m sim.table`` prints it; a test holds the page against it.
"""

from __future__ import annotations

import re

from sim.engines import ENGINES, engine_table

_HEAD = """# Which engine runs what

Generated from the code by `python -m sim.table > docs/engines.md`; don't edit. *auto* is the engine that `engine="auto"` takes,
the fastest that can run the process; a number is the reason why an engine refuses, listed below the table. All engines have the
same law. Start "other" stands for every start but the uniform one. Algorithms with the same answers on a problem share a line.
"""


def markdown() -> str:
    """The page as text.

    >>> markdown().splitlines()[0]
    '# Which engine runs what'
    """
    reasons: list[str] = []
    lines = [_HEAD, "| problem | algorithms | start | auto | " + " | ".join(ENGINES) + " |", "| --- " * (4 + len(ENGINES)) + "|"]
    rows = engine_table()
    shared: dict[tuple[str, ...], list[str]] = {}  # problem, start, auto and answers, to the algorithms that have them
    for row, other in zip(rows[::2], rows[1::2]):  # the uniform start, any other start
        same = all(row[engine] == other[engine] for engine in ENGINES)
        for one, start in [(row, "any")] if same else [(row, "uniform"), (other, "other")]:
            algorithm, problem = one["process"].split(" on ")
            answers = tuple(_answer(one[engine], reasons) for engine in ENGINES)
            shared.setdefault((_short(problem), start, one["auto"], *answers), []).append(f"`{_short(algorithm)}`")
    for (problem, start, auto, *marks), algorithms in shared.items():
        lines.append(f"| `{problem}` | {', '.join(algorithms)} | {start} | {auto} | " + " | ".join(marks) + " |")
    lines += ["", "Reasons:", "", *(f"{i}. {reason}" for i, reason in enumerate(reasons, 1)), ""]
    return "\n".join(lines)


def _answer(answer: str, reasons: list[str]) -> str:
    """yes, or the number of the reason; one that is new joins the list."""
    if answer != "yes" and answer not in reasons:
        reasons.append(answer)
    return "yes" if answer == "yes" else f"({reasons.index(answer) + 1})"


def _short(text: str) -> str:
    """Without the hashes of graphs and of users' functions, which say nothing to a reader."""
    text = re.sub(r", sha256 [0-9a-f]+", "", text)
    if "#" not in text:
        return text
    return text.split("#")[0] + (", strictly_monotone=True)" if "strictly_monotone=True" in text else ")")


if __name__ == "__main__":
    print(markdown(), end="")
