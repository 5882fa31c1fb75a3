"""Names as they are typed on a command line, to the classes they stand for.

A name is the class name; case, hyphens and underscores don't matter. Parameters follow in brackets: ``jump(gap=3)``,
``rls(flips=2)``, ``linear(weights=@w.csv)``. The text is taken apart here; nothing of it is ever evaluated.
"""

from __future__ import annotations

import csv
import inspect
import re
from pathlib import Path
from typing import Any, TypeVar

from theory.algorithms import ALGORITHMS, Algorithm
from theory.errors import InputError, nearest
from theory.problems import PROBLEMS, Problem

Kind = TypeVar("Kind", Algorithm, Problem)
LARGEST_CSV = 64 * 2**20  # bytes; more weights than a kernel's data matrix can hold
_CLOSING = {")": "(", "]": "["}


def algorithm(text: str, rate: str | None = None) -> Algorithm:
    """The algorithm that a text names.

    Parameters
    ----------
    text : str
        E.g. ``"one-plus-one-ea"``, ``"rls(flips=2)"``.
    rate : str, optional
        The mutation rate, for algorithms that have one.

    Raises
    ------
    InputError

    Examples
    --------
    >>> algorithm("one-plus-one-ea(strict=true)", "c/n")
    OnePlusOneEA(rate=c/n, strict=True)
    >>> algorithm("rsl")
    Traceback (most recent call last):
    ...
    theory.errors.InputError: algorithm: unknown name 'rsl'; did you mean RLS?
    """
    name, given = split_call(text, "algorithm")
    if fold(name) == "customalgorithm":
        raise InputError(
            "algorithm: CustomAlgorithm wraps a compiled Python function; use it from Python: theory.CustomAlgorithm(step)"
        )
    chosen = _find(name, ALGORITHMS, "algorithm")
    parameters = inspect.signature(chosen).parameters
    if rate is not None:
        if "rate" not in parameters:
            raise InputError(f"rate: {chosen.__name__} takes none; leave it out")
        if any(key in ("rate", "") for key, _ in given):
            raise InputError("rate: given twice, by itself and in the brackets of the algorithm; give it once")
        given.append(("rate", rate))
    return _build(chosen, given, "algorithm")


def problem(text: str) -> Problem:
    """The problem that a text names.

    Parameters
    ----------
    text : str
        E.g. ``"onemax"``, ``"jump(gap=3)"``, ``"linear(weights=[1, 2.5, 4])"``, ``"linear(weights=@w.csv)"`` (a CSV file with
        one weight a line and perhaps a header; read as decimal numbers, so that 0.1 is one tenth), ``"maxcut(graph=cycle(20))"``,
        ``"maxcut(graph=@edges.csv)"`` (:func:`read_edges`).

    Examples
    --------
    >>> problem("leading-ones"), problem("Jump(gap=3)")
    (LeadingOnes(), Jump(gap=3))
    """
    name, given = split_call(text, "problem")
    chosen = _find(name, [p for p in PROBLEMS if p.__name__ != "Custom"], "problem") if fold(name) != "custom" else None
    if chosen is None:
        raise InputError("problem: Custom wraps a compiled Python function; use it from Python: theory.Custom(function)")
    return _build(chosen, given, "problem")


def fold(name: str) -> str:
    """A name without what doesn't matter in it.

    >>> fold("One-Plus_one EA")
    'oneplusoneea'
    """
    return re.sub(r"[-_\s]", "", name).lower()


def typed(name: str) -> str:
    """A class name as it is typed in a shell.

    >>> typed("OnePlusLambdaEA"), typed("RLS"), typed("OneMax"), typed("CompactGA")
    ('one-plus-lambda-ea', 'rls', 'one-max', 'compact-ga')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def split_call(text: str, argument: str) -> tuple[str, list[tuple[str, str]]]:
    """Take ``name(key=value, value)`` apart; a value without a key gets the key ''.

    >>> split_call("linear(weights=[1, 2])", "problem")
    ('linear', [('weights', '[1, 2]')])
    """
    text = text.strip()
    match = re.fullmatch(r"([^()\[\]=,]+?)\s*(?:\((.*)\))?", text, flags=re.DOTALL)
    if match is None:
        raise InputError(f"{argument}: {text[:80]!r} is not a name with parameters in brackets; write one like 'jump(gap=3)'")
    given: list[tuple[str, str]] = []
    for part in _split(match[2] or "", argument, text):
        pair = re.match(r"\s*([A-Za-z_][\w-]*)\s*=(?!=)(.*)", part, flags=re.DOTALL)
        key, value = (pair[1].replace("-", "_"), pair[2].strip()) if pair else ("", part.strip())
        if not value:
            raise InputError(f"{argument}: {text[:80]!r} has an empty parameter; write one like 'jump(gap=3)'")
        if key and any(key == other for other, _ in given):
            raise InputError(f"{key}: given twice in {text[:80]!r}")
        given.append((key, value))
    return match[1], given


def _split(text: str, argument: str, whole: str) -> list[str]:
    """Cut at the commas outside of brackets and quotes."""
    parts, open_brackets, quote, start = [], [], "", 0
    for position, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            open_brackets.append(sign)
        elif sign in _CLOSING:
            if not open_brackets or open_brackets.pop() != _CLOSING[sign]:
                raise InputError(f"{argument}: the brackets in {whole[:80]!r} don't match")
        elif sign == "," and not open_brackets:
            parts.append(text[start:position])
            start = position + 1
    if open_brackets or quote:
        what = "quotes" if quote else "brackets"
        raise InputError(f"{argument}: the {what} in {whole[:80]!r} don't match; write one like 'jump(gap=3)' or rule=\"A'\"")
    return [*parts, text[start:]] if text.strip() else []


def _find(name: str, classes: Any, argument: str) -> Any:
    known = {fold(one.__name__): one for one in classes}
    if fold(name) in known:
        return known[fold(name)]
    hint = nearest(fold(name), known)
    for key, one in known.items():
        hint = re.sub(rf"\b{key}\b", one.__name__, hint)
    raise InputError(f"{argument}: unknown name {name[:80]!r}; {hint}")


def _build(chosen: type[Kind], given: list[tuple[str, str]], argument: str) -> Kind:
    parameters = inspect.signature(chosen).parameters
    example = {
        "gap": "gap=3", "weights": "weights=@w.csv", "flips": "flips=2", "rate": "rate=c/n", "lam": "lam=10", "mu": "mu=10",
        "rule": "rule=one-fifth", "K": "K=sqrt(n)", "alpha": "alpha=n", "graph": "graph=@edges.csv", "colours": "colours=3",
        "block": "block=4",
    }  # fmt: skip
    arguments: dict[str, Any] = {}
    free = iter(parameters)
    for key, text in given:
        name = key or next(free, "")
        if name not in parameters:
            takes = nearest(key, parameters) if parameters and key else "it takes " + (", ".join(parameters) or "no parameters")
            raise InputError(f"{argument}: {chosen.__name__} has no parameter {key or text!r}; {takes}")
        if name in arguments:
            several = "" if key else f"; several values of one parameter stand in brackets, e.g. {name}=[1,2,3]"
            raise InputError(f"{name}: given twice for {chosen.__name__}{several}")
        arguments[name] = _value(text, name)
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in arguments:
            if name == "rate":
                raise InputError(f"rate: {chosen.__name__} needs a mutation rate, e.g. c/n")
            call = f"{typed(chosen.__name__)}({example.get(name, name + '=...')})"
            raise InputError(f"{name}: {chosen.__name__} needs it in brackets, e.g. '{call}'")
    return chosen(**arguments)


def _value(text: str, argument: str) -> Any:
    """A parameter's value: @file, [list], true, false, an integer, or the text itself (which the class reads)."""
    if text.startswith("@"):
        return read_edges(text[1:]) if argument == "graph" else read_column(text[1:], argument)
    if text.startswith("[") and text.endswith("]"):
        return [_unquote(item.strip()) for item in text[1:-1].split(",") if item.strip()]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    return _unquote(text)


def _unquote(text: str) -> str:
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'" else text


def _rows(file: Path, argument: str, what: str) -> list[list[str]]:
    """The lines of a CSV file, cut into cells."""
    try:
        if file.stat().st_size > LARGEST_CSV:
            raise InputError(f"{argument}: {file} is larger than {LARGEST_CSV // 2**20} MiB; give {what}, nothing else")
        return list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(f"{argument}: can't read {file}: {error.strerror or error}; give @ and a CSV file") from None
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{argument}: {file} is not a text file; give a CSV file with {what}") from None


_EDGE_HEADERS = {("source", "target"), ("from", "to"), ("u", "v")}


def read_edges(path: str) -> list[tuple[str, ...]]:
    """The edges in a file, one a line: two labels and perhaps a weight, with commas or blanks between; ``#`` begins a comment.

    A first line ``source,target``, ``from,to`` or ``u,v`` (and perhaps a third word) is a header.

    Raises
    ------
    InputError
        Naming the file and the line.
    """
    from decimal import Decimal, InvalidOperation

    file = Path(_unquote(path.strip()))
    edges: list[tuple[str, ...]] = []
    first = True
    for line, row in enumerate(_rows(file, "graph", "one edge a line"), start=1):
        text = ",".join(row).partition("#")[0].strip()
        if not text:
            continue
        cells = tuple(cell.strip() for cell in text.split(",")) if "," in text else tuple(text.split())
        if first and tuple(cell.lower() for cell in cells[:2]) in _EDGE_HEADERS:
            first = False
            continue
        first = False
        if len(cells) not in (2, 3) or not all(cells):
            raise InputError(f"graph: {file} line {line}: {text[:40]!r} is not an edge; give two labels and perhaps a weight")
        try:
            Decimal(cells[-1] if len(cells) == 3 else 0)
        except InvalidOperation:
            raise InputError(f"graph: {file} line {line}: {cells[-1][:40]!r} is not a number; give a weight or nothing") from None
        edges.append(cells)
    if not edges:
        raise InputError(f"graph: {file} holds no edges; give one a line")
    return edges


def read_column(path: str, argument: str) -> list[str]:
    """The first column of a CSV file as decimal texts; a first line that is not a number is a header.

    Raises
    ------
    InputError
        Naming the file and the line.
    """
    from decimal import Decimal, InvalidOperation

    file = Path(_unquote(path.strip()))
    rows = _rows(file, argument, "one number a line")
    column: list[str] = []
    for line, row in enumerate(rows, start=1):
        if not "".join(row).strip():
            continue
        cells = [cell.strip() for cell in row]
        try:
            number = Decimal(cells[0])
        except InvalidOperation:
            if line == 1:
                continue  # a header
            raise InputError(
                f"{argument}: {file} line {line}: {cells[0][:40]!r} is not a number; give one number a line"
            ) from None
        if any(cells[1:]):
            raise InputError(f"{argument}: {file} line {line}: has {len(cells)} columns; give one number a line")
        if not number.is_finite():
            raise InputError(f"{argument}: {file} line {line}: {cells[0]} must be finite")
        if argument == "weights" and number == 0:
            raise InputError(f"{argument}: {file} line {line}: is zero; weights must be non-zero")
        column.append(cells[0])
    if not column:
        raise InputError(f"{argument}: {file} holds no numbers; give one number a line")
    return column
