"""What theory knows of a process: bounds with their conditions, sources and, with --at, their values."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from driftproof.arguments import add_process, process_from, values_from
from driftproof.errors import UsageError
from driftproof.output import number_text, print_groups, print_json, print_table

if TYPE_CHECKING:
    import argparse

    from theory import Bound, Process

SUMMARY = "the bounds that theory knows of a process"
STATUSES = ("derived", "heuristic", "cited", "recalled")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_process(parser)
    parser.add_argument(
        "--at",
        metavar="VALUES",
        help="evaluate the bounds, e.g. --at n=1000,c=1 (k=: zero-bits of the start, t=: of P[T > t])",
    )
    parser.add_argument("--latex", action="store_true", help="print one LaTeX formula a line")
    parser.add_argument("--proof", action="store_true", help="print each bound's proof sketch (Markdown; with --latex LaTeX)")
    parser.add_argument("--list", action="store_true", help="list every pair of algorithm and problem that has bounds")
    parser.add_argument("--status", choices=STATUSES, help="only these; recalled ones are hidden unless asked for")


def run(arguments: argparse.Namespace) -> int:
    """Print the bounds."""
    if arguments.list:
        return _list(arguments)
    values = None if arguments.at is None else values_from(arguments.at)
    found = _from_literature(arguments, values)
    if found is not None:
        return found
    process = process_from(arguments)
    if values is not None:
        own: dict[str, Any] = {
            name: values.pop(name) for name in ("k", "t") if name in values
        }  # of single bounds, not of the process
        values = {**process.values(**values), **own}
    bounds = process.bounds(status=arguments.status)
    if arguments.json:
        print_json([as_json(bound, values) for bound in bounds])
    elif arguments.proof:
        for bound in bounds:
            if bound.derivation is not None:
                print(bound.proof("latex" if arguments.latex else "markdown"))
    elif arguments.latex:
        for bound in bounds:
            print(bound.latex())
    else:
        _print(process, bounds, values, arguments.status)
    return 0


def _from_literature(arguments: argparse.Namespace, values: dict[str, Any] | None) -> int | None:
    """What the literature says of a pair that can't be run here; None where the pair is one of ours, or unknown."""
    if arguments.algorithm is None or arguments.problem is None:
        return None
    from theory import ALGORITHMS, PROBLEMS
    from theory.literature import fold, literature

    ours = [{fold(one.__name__) for one in kind} for kind in ([one for one in ALGORITHMS if one.single], PROBLEMS)]
    if fold(arguments.algorithm) in ours[0] and fold(arguments.problem) in ours[1]:
        return None
    every = [*literature(arguments.algorithm, arguments.problem), *literature(arguments.algorithm, arguments.problem, "recalled")]
    entries = [entry for entry in every if entry.bound.status == arguments.status or arguments.status is None]
    if not every:
        return None
    if "=" in arguments.algorithm + arguments.problem:  # with parameters it is one of ours: they must be right
        process_from(arguments)
    if arguments.status is None:
        entries = [entry for entry in entries if entry.bound.status != "recalled"]
    if arguments.json:
        print_json([as_json(entry.bound, None if values is None else {}) for entry in entries])
    elif arguments.latex:
        for entry in entries:
            print(entry.bound.latex())
    else:
        for entry in entries:
            print(entry)
        hidden = len(every) - len(entries)
        if hidden and arguments.status is None:
            print(f"{hidden} recalled, not checked: --status recalled shows them")
    return 0


def value_at(bound: Bound, values: dict[str, Any]) -> float | None:
    """The bound's value, or None where it has none: outside its conditions, or where it needs more than n and c."""
    if bound.direction == "theta" or not bound.needed <= set(values):
        return None
    where = {name: value for name, value in values.items() if name in bound.needed}
    return bound.evaluate(**where) if bound.holds_for(**where) else None


def as_json(bound: Bound, values: dict[str, Any] | None) -> dict[str, Any]:
    """The bound as an object of the contract."""
    from theory.text import formula

    document: dict[str, Any] = {
        "quantity": bound.quantity,
        "direction": bound.direction,
        "expr": formula(bound.expr),
        "latex": bound.latex(),
        "conditions": [*map(formula, bound.conditions), *bound.other_conditions],
        "source": str(bound.source),
        "status": bound.status,
        "start": str(bound.start),
        "unit": bound.unit,
    }
    if values is not None:
        document["value"] = value_at(bound, values)
    return document


def _print(process: Process, bounds: list[Bound], values: dict[str, Any] | None, status: str | None) -> None:
    if not bounds:
        print(f"no {status + ' ' if status else ''}bounds are known for {process}")
        return
    at = "" if values is None else "at " + ", ".join(f"{name} = {value}" for name, value in values.items())
    if not sys.stdout.isatty():
        for bound in bounds:
            print(bound, *([] if values is None else [f"  {at}: {_value_text(bound, values)}"]))
        _print_tightest(process, values, at)
        return

    columns, rows = ["bound", "holds for", "status", "source"], list[list[str]]()
    for bound in bounds:
        where = ", ".join(filter(None, (bound.conditions_text, bound.start_text)))
        rows.append([bound.statement, where, bound.status, str(bound.source)])
    if values is not None:
        columns.insert(0, at)
        rows = [[_value_text(bound, values), *row] for row, bound in zip(rows, bounds)]
    print_table(columns, rows, title=str(process), numeric=[at])
    _print_tightest(process, values, at)


def _print_tightest(process: Process, values: dict[str, Any] | None, at: str) -> None:
    """One line with the best derived bounds at these values, from k zero-bits where k is given."""
    if values is None:
        return
    start = values.get("k", "uniform")
    own = {name: value for name, value in values.items() if name not in ("k", "t")}
    lower, upper = process.best_bounds(start, **own)
    if lower is None and upper is None:
        return
    low, high = (None if b is None else b.evaluate(**own, **b.start_values(start, own["n"])) for b in (lower, upper))
    if low == high:
        told = f"E[T] = {number_text(high)}"
    else:
        told = ("" if low is None else f"{number_text(low)} <= ") + "E[T]" + ("" if high is None else f" <= {number_text(high)}")
    print(f"{'from a uniform start' if start == 'uniform' else f'from {start} zero-bits'}, {at}: {told}")


def _value_text(bound: Bound, values: dict[str, Any]) -> str:
    value = value_at(bound, values)
    if value is not None:
        return number_text(value)
    missing = sorted(bound.needed - set(values))
    if bound.direction == "theta":
        return "no value: an order of growth"
    return f"no value: it needs {', '.join(missing)}" if missing else "no value: outside its conditions"


def _list(arguments: argparse.Namespace) -> int:
    for name in ("algorithm", "rate", "problem", "at"):
        if getattr(arguments, name) is not None:
            raise UsageError(f"{name}: doesn't go together with --list, which lists everything; leave one out")
    for name in ("latex", "proof"):
        if getattr(arguments, name):
            raise UsageError(f"{name}: doesn't go together with --list; leave one out")
    from theory.catalogue import coverage

    rows = coverage(arguments.status)
    if arguments.json:
        print_json(rows)
    elif rows and sys.stdout.isatty():
        print_groups(_by_pair(rows), title=_counts(rows))
    elif rows:
        print_table(list(rows[0]), [[str(cell) for cell in row.values()] for row in rows])
    return 0


_SIGNS = {
    "upper": "<=", "lower": ">=", "exact": "=", "threshold": "=",
    "asymptotic": "~", "asymptotic, upper side": "<~", "asymptotic, lower side": ">~",
    "theta": "in Theta of", "theta, upper side": "in O of", "theta, lower side": "in Omega of",
}  # fmt: skip
_LONGEST = 120  # signs of a formula on a terminal; all of it is in --json and where output isn't a terminal


def _by_pair(rows: list[dict[str, str]]) -> list[tuple[str, list[list[str]]]]:
    """For each pair its statements: the bound, where it holds, its status and its source."""
    groups: dict[str, list[list[str]]] = {}
    for row in rows:
        sign = "=" if "+ o(" in row["expr"] else _SIGNS[row["direction"]]
        expr = row["expr"] if len(row["expr"]) <= _LONGEST else row["expr"][: _LONGEST - 3] + "..."
        where = ", ".join(filter(None, (row["conditions"], "" if row["start"] == "any start" else row["start"])))
        statement = f"{row['quantity']} {sign} {expr}"
        groups.setdefault(f"{row['algorithm']} on {row['problem']}", []).append([statement, where, row["status"], row["source"]])
    return list(groups.items())


def _counts(rows: list[dict[str, str]]) -> str:
    """How many statements of each status there are, in one line; ~ is (1 + o(1))."""
    pairs = len({(row["algorithm"], row["problem"]) for row in rows})
    found = [(status, sum(row["status"] == status for row in rows)) for status in STATUSES]
    return f"{pairs} pairs: " + ", ".join(f"{count} {status}" for status, count in found if count) + "; ~ is = (1 + o(1)) *"
